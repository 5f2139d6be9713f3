"""The database: opened once at the rim, used in short transactions.

SQLite and PostgreSQL behave alike through :class:`Store`: a write transaction takes its lock at the start, so it
cannot fail half way with «database is locked», and a lost lock or a deadlock repeats the whole unit of work.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")

TRIES = 5
"""How often a unit of work is repeated after a lost lock; RELIABILITY: 50 ms doubled each time, with jitter."""

_SQLITE_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # a commit that was answered survives a power cut: 3 ms each, far below any provider's limit
    "foreign_keys=ON",
    "recursive_triggers=ON",  # or INSERT OR REPLACE walks past the append-only triggers
    "trusted_schema=OFF",
    "cell_size_check=ON",
)

_POSTGRES_SETTINGS = (
    "SET idle_in_transaction_session_timeout='60s'",
    # The server's side of a line that went dead: it lets go of the session, and with it of the dispatcher's lock.
    "SET tcp_keepalives_idle=20",
    "SET tcp_keepalives_interval=10",
    "SET tcp_keepalives_count=3",
    "SET tcp_user_timeout='50s'",
    "SET synchronous_commit=on",
    "SET timezone='UTC'",
)


@dataclass(frozen=True, slots=True)
class Store:
    """The one way to the tables. ``write`` commits when the block ends and rolls back when it raises."""

    engine: Engine

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with self.engine.begin() as db:
            yield db

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent snapshot; nothing written in it is kept."""
        with self.engine.connect().execution_options(suishi_read=True) as db:
            yield db
            db.rollback()

    def transact(self, work: Callable[[Connection], Result]) -> Result:
        """Run ``work`` in one write transaction, again as a whole when the database gave up a lock."""
        for tried in range(1, TRIES + 1):
            try:
                with self.write() as db:
                    return work(db)
            except DBAPIError as error:
                if tried == TRIES or not _lost_a_lock(error):
                    raise
                Event().wait(0.05 * 2**tried * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.engine.dispose()


def open_store(url: str, *, patience: int = 30, silence: int = 35) -> Store:
    """``url`` is an SQLAlchemy address: ``sqlite:////home/data/suishi.db`` or ``postgresql+psycopg://…``.

    ``patience`` is how many seconds a lock is waited for: a page that somebody looks at has less than a command.
    ``silence`` is how many seconds PostgreSQL may say nothing before the line counts as dead: more than a lock is
    waited for, and little enough that a dispatcher on a dead line has given up within a minute, a new try to connect
    included.
    """
    # hide_parameters: what somebody typed must not get into a log with a database's complaint.
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True, connect_args={"timeout": patience, "check_same_thread": False})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return Store(engine)
    # Keepalives watch a line that is idle, tcp_user_timeout one on which sent bytes are not confirmed.
    watched = {"keepalives": 1, "keepalives_idle": 20, "keepalives_interval": 10, "keepalives_count": 3}
    limits = {"tcp_user_timeout": 50_000, "connect_timeout": 10}
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=watched | limits)
    event.listen(engine, "do_connect", _listening(silence))
    event.listen(engine, "connect", _prepare_postgres(patience, silence))
    return Store(engine)


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    connection.isolation_level = None  # we say BEGIN ourselves: the driver's own BEGIN is deferred and loses updates
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("suishi_read", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _listening(silence: int) -> Callable[..., Any]:
    """Connections that give up a server which says nothing: a proxy, or a firewall, may keep a dead line open for ever."""
    from models.listening import listening_connection  # the driver is there only where PostgreSQL is used

    made = listening_connection(silence)
    return lambda _dialect, _record, arguments, named: made.connect(*arguments, **named)


def _prepare_postgres(patience: int, silence: int) -> Callable[[Any, object], None]:
    # The server gives up first, so that a slow statement is not taken for a dead line.
    limits = f"SET lock_timeout='{patience}s'", f"SET statement_timeout='{max(silence - 2, 1)}s'"

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
        with connection.cursor() as cursor:
            for setting in (*_POSTGRES_SETTINGS, *limits):
                cursor.execute(setting)
        connection.commit()

    return prepare


def _lost_a_lock(error: DBAPIError) -> bool:
    """SQLite's «database is locked» is not here: it comes after the whole patience, and waiting on would not end."""
    said = str(error.orig).lower()
    return any(word in said for word in ("deadlock detected", "could not serialize"))
