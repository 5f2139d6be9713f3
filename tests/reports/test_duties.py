"""What the clerk's pages ask of the plan: when each duty is due next, which keys were used, what somebody leaves behind."""

from __future__ import annotations

from datetime import date
from typing import Any

from reports.duties import known_keys, next_due
from reports.left_behind import left_behind

TODAY = date(2026, 3, 2)


def test_each_duty_is_due_next_on_its_first_open_day_from_today_on(office: Any) -> None:
    office.duty("report")
    office.occurrence(period="past", due=date(2026, 3, 1))
    office.occurrence(period="done", due=date(2026, 3, 3), state="done", done_on=date(2026, 3, 1))
    office.occurrence(period="next", due=date(2026, 3, 9))
    office.occurrence(period="later", due=date(2026, 4, 9))
    office.occurrence("report", period="today", due=TODAY)

    assert next_due(office.store, as_of=TODAY) == {"study-law": date(2026, 3, 9), "report": TODAY}


def test_a_key_once_used_stays_known_when_its_duty_has_left_the_files(office: Any) -> None:
    office.duty("adhoc-2026-002", active=False)
    office.duty("adhoc-2026-001")
    office.duty("adhoc_2026", active=False)

    assert known_keys(office.store, prefix="adhoc-") == ("adhoc-2026-001", "adhoc-2026-002")


def test_whoever_leaves_leaves_behind_what_he_owns_and_is_open(office: Any) -> None:
    office.occurrence(period="b", due=date(2026, 5, 1))
    office.occurrence(period="a", due=date(2026, 3, 1))
    office.occurrence(period="closed", due=date(2026, 3, 1), state="done", done_on=date(2026, 3, 1))
    office.occurrence(period="silent", due=date(2026, 1, 1), silent=True)
    office.occurrence(period="another", due=date(2026, 3, 1), owner="liqiang")

    found = left_behind(office.store, "chenxia", as_of=TODAY, workdays=office.workdays)

    assert [line.period for line in found] == ["a", "b"]
