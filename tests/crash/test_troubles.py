"""Stopped, overtaken, cut off, locked out, no room left: a bounded part of what ``python -m benchmarks.faults`` does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash import troubles
from tests.crash.databases import Postgres, SqliteFiles, postgres
from tests.crash.failing_files import CALLS, Stage
from tests.crash.half_open import line_goes_dead
from tests.crash.storm import Storm, Zygote
from tests.crash.storm import storm as storm_over

pytestmark = pytest.mark.crash


@pytest.fixture
def on_files(zygote: Zygote, tmp_path: Path) -> Iterator[Storm]:
    with storm_over(SqliteFiles(tmp_path).fresh(), zygote) as running:
        yield running


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server that nobody else leans on: it will be made to fall."""
    with tempfile.TemporaryDirectory(prefix="suishi-fall-") as folder, postgres(Path(folder)) as server:
        yield server


@pytest.mark.parametrize(("point", "copies"), [("D4", 0), ("D5b", 0), ("D5c", 1)])
def test_a_stopped_worker_that_was_overtaken_sends_nothing_once_its_lease_is_gone(storm: Storm, point: str, copies: int) -> None:
    """Between marker and data nobody can call it back: that one copy is the bound."""
    troubles.overtaken(storm, point=point)
    count = storm.count()
    assert (count.lost, count.unsent, count.copies) == (0, 0, copies)


def test_four_dispatchers_without_the_lock_send_everything_once(storm: Storm) -> None:
    troubles.side_by_side(storm, dispatchers=4, messages=60, alone=False)
    count = storm.count()
    assert (count.lost, count.unsent, count.copies, count.messages) == (0, 0, 0, 60)


@pytest.mark.postgres
def test_a_database_server_that_falls_loses_nothing(own_server: Postgres, zygote: Zygote) -> None:
    with storm_over(own_server.fresh(), zygote) as storm:
        troubles.server_falls(storm, own_server, times=2)
        count = storm.count()
    assert count.clean, count
    assert count.copies <= 2


@pytest.mark.postgres
def test_a_dead_line_to_the_database_is_given_up(own_server: Postgres, zygote: Zygote) -> None:
    with storm_over(own_server.fresh(), zygote) as storm:
        took = line_goes_dead(storm, silence=2)
        count = storm.count()
    assert took < 2 + 10 + 8  # silence, one new try to connect, and a slow machine
    assert count.clean, count
    assert count.copies <= 1


def test_a_full_disk_costs_nothing_but_time(on_files: Storm) -> None:
    full = troubles.files_stop_growing(on_files, room=range(4, 300, 60))
    assert full.failed > 0
    assert on_files.count().clean, on_files.count()


def test_a_read_only_database_ends_the_tick_and_changes_nothing(on_files: Storm) -> None:
    assert troubles.not_writable(on_files) == 1
    count = on_files.count()
    assert (count.lost, count.unsent, count.copies) == (0, 0, 0)


def test_a_locked_database_ends_the_tick_and_the_next_one_works(on_files: Storm) -> None:
    ended, took = troubles.locked_out(on_files, seconds=1.5, patience=1)
    assert (ended, took < 10) == (1, True)
    count = on_files.count()
    assert (count.lost, count.unsent, count.copies) == (0, 0, 0)


def test_a_crowd_that_is_due_at_once_fits_into_little_memory(storm: Storm, tmp_path: Path) -> None:
    seen = troubles.crowd(storm, tmp_path, messages=150)
    count = storm.count()
    assert (count.lost, count.unsent, count.copies, count.messages) == (0, 0, 0, 150)
    assert seen.megabytes < 200


@pytest.fixture(scope="module")
def stage(files: SqliteFiles) -> Stage:
    folder = files.folder / "failing"
    folder.mkdir()
    return Stage(folder)


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("call", CALLS)
def test_what_was_acknowledged_is_visible_wherever_a_write_fails(stage: Stage, call: str, lasting: bool) -> None:
    positions = stage.positions()[call]
    assert positions
    for kth in range(1, positions + 1, max(positions // 4, 1)):
        found = stage.fail_at(call, kth, lasting=lasting)
        assert found.failed, kth
        assert found.wrong == (), kth
        assert found.exact or (lasting and call == "flush"), kth
