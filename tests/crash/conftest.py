from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.databases import Databases, Postgres, SqliteFiles
from tests.crash.matrix import Bench
from tests.crash.storm import Storm, Zygote, hatching
from tests.crash.storm import storm as storm_over


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with hatching() as running:
        yield running


@pytest.fixture
def storm(databases: Databases, zygote: Zygote) -> Iterator[Storm]:
    with storm_over(databases.fresh(), zygote) as running:
        yield running


@pytest.fixture(scope="session")
def files() -> Iterator[SqliteFiles]:
    """In memory where the machine has a place for it: a kill asks nothing of the disk, and flushing takes most of the time."""
    memory = Path("/dev/shm")
    where = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="suishi-crash-", dir=where) as folder:
        yield SqliteFiles(Path(folder))


@pytest.fixture(scope="session", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def databases(request: pytest.FixtureRequest) -> Databases:
    """As many databases as a test wants, of each kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("files")  # type: ignore[no-any-return]  # the fixture above
    return Postgres(str(request.getfixturevalue("postgres_url")))


@pytest.fixture(scope="session")
def bench(databases: Databases, zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(databases, zygote, tmp_path_factory.mktemp("ledgers"), rounds=2)
