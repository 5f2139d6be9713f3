"""A DB-API driver over apsw, as far as SQLAlchemy's SQLite dialect asks for one.

apsw lets a test put a file system of its own under SQLite (tests/crash/failing_files.py), which Python's own driver
does not. With this driver the program's own Store, statements and transactions run on it, unchanged.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import apsw

# The names that DB-API 2.0 (PEP 249) asks of a module; the errors are the very classes that the dialect knows.
apilevel, threadsafety, paramstyle = "2.0", 1, "qmark"
sqlite_version_info = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
sqlite_version = apsw.sqlite_lib_version()
Error, Warning = sqlite3.Error, sqlite3.Warning  # noqa: A001 - PEP 249's name
DatabaseError, OperationalError = sqlite3.DatabaseError, sqlite3.OperationalError
IntegrityError, ProgrammingError = sqlite3.IntegrityError, sqlite3.ProgrammingError
InterfaceError, InternalError = sqlite3.InterfaceError, sqlite3.InternalError
DataError, NotSupportedError = sqlite3.DataError, sqlite3.NotSupportedError
Binary = bytes


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except apsw.ConstraintError as error:
        raise IntegrityError(str(error)) from error
    except apsw.SQLError as error:
        raise OperationalError(str(error)) from error
    except apsw.Error as error:
        raise OperationalError(f"{type(error).__name__}: {error}") from error


class Cursor:
    arraysize = 1

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._cursor = connection.apsw.cursor()
        self._cursor.exec_trace = self._describe
        self._rows: list[tuple[Any, ...]] = []
        self.description: list[tuple[Any, ...]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        before = self._connection.apsw.total_changes()
        self.description = None
        with _translated():
            self._rows = self._cursor.execute(statement, tuple(parameters)).fetchall()
        self.rowcount = self._connection.apsw.changes() if self._connection.apsw.total_changes() != before else 0
        self.lastrowid = self._connection.apsw.last_insert_rowid()
        return self

    def _describe(self, cursor: apsw.Cursor, _statement: str, _parameters: object) -> bool:
        """apsw names the columns only while a statement runs."""
        self.description = [(name, None, None, None, None, None, None) for name, _ in cursor.get_description()] or None
        return True

    def executemany(self, statement: str, many: Sequence[Sequence[Any]]) -> Cursor:
        changed = 0
        for parameters in many:
            self.execute(statement, parameters)
            changed += self.rowcount
        self.rowcount = changed
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int | None = None) -> list[tuple[Any, ...]]:
        taken = self._rows[: size or self.arraysize]
        del self._rows[: len(taken)]
        return taken

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.fetchmany(len(self._rows) or 1)

    def close(self) -> None:
        self._rows = []


class Connection:
    isolation_level: str | None = None

    def __init__(self, place: str, vfs: str) -> None:
        self.apsw = apsw.Connection(place, vfs=vfs)

    def cursor(self) -> Cursor:
        return Cursor(self)

    def execute(self, statement: str, parameters: Sequence[Any] = ()) -> Cursor:
        return self.cursor().execute(statement, parameters)

    def create_function(self, name: str, arguments: int, made: Any, **_: object) -> None:
        self.apsw.create_scalar_function(name, made, arguments)

    def commit(self) -> None:
        if self.apsw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        if self.apsw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        with suppress(apsw.Error):  # as Python's own driver: what fails while closing was not promised to anybody
            self.apsw.close()


def connect(place: str, *, vfs: str = "", **_: object) -> Connection:
    with _translated():
        return Connection(place, vfs)
