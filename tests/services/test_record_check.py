"""核对记录: what a whole check found is kept for the pages, and a discrepancy is a problem until it is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.store import Store
from reports.problems import open_problems
from reports.record_check import last_check
from services.record_check import RecordCheck, note_check

SATURDAY = datetime(2026, 3, 7, tzinfo=UTC)


def test_before_the_first_check_there_is_none_and_then_the_newest(store: Store) -> None:
    assert last_check(store) is None
    note_check(store, RecordCheck(entries=3, faults=0, files=2, file_faults=0), now=SATURDAY)
    note_check(store, RecordCheck(entries=4, faults=0, files=3, file_faults=0), now=SATURDAY + timedelta(days=7))
    found = last_check(store)
    assert found is not None
    assert (found.at, found.entries, found.files) == (SATURDAY + timedelta(days=7), 4, 3)
    assert open_problems(store) == ()


def test_a_discrepancy_is_a_problem_until_a_check_finds_none(store: Store) -> None:
    note_check(store, RecordCheck(entries=3, faults=2, files=2, file_faults=1), now=SATURDAY)
    note_check(store, RecordCheck(entries=3, faults=2, files=2, file_faults=1), now=SATURDAY + timedelta(days=7))
    [problem] = open_problems(store)
    assert problem.text.startswith("核对完成记录发现2处不符（其中佐证文件1处）。请运行 suishi log verify")
    assert problem.count == 2
    note_check(store, RecordCheck(entries=3, faults=0, files=2, file_faults=0), now=SATURDAY + timedelta(days=14))
    assert open_problems(store) == ()
