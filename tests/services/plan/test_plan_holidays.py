from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.occurrence import due_changes
from planning.duty import Shift
from planning.rules import FixedDay, MonthlyDay
from planning.tables import DayNote, YearTable
from planning.workdays import Workdays, builtin_years

REF = "report:2027"


def _table() -> YearTable:
    """A notice for 2027 in which the days from 5 to 11 February are off and 20 February is worked."""
    days = {date(2027, 2, 5) + timedelta(days=n): DayNote("春节", off=True) for n in range(7)}
    return YearTable(2027, {**days, date(2027, 2, 20): DayNote("春节", off=False)}, ("国办发明电",), "2027.json")


@pytest.fixture
def december(town: Any) -> Any:
    """2027 is planned, its notice has not come; the owner was told that the report is due on 5 February."""
    town.at("2026-12-01 09:00").plan(*_duties(town), years=(2026, 2027))
    town.say(REF, "T-7")
    return town


def _duties(town: Any) -> tuple[Any, Any]:
    return (
        town.duty("report", rule=FixedDay(2, 5), shift=Shift.BACKWARD),
        town.duty("monthly", rule=MonthlyDay(28), shift=Shift.BACKWARD),
    )


def _notice_comes(town: Any) -> Any:
    return town.plan(*_duties(town), workdays=Workdays({**builtin_years(), 2027: _table()}))


def test_a_year_without_a_notice_is_provisional(december: Any) -> None:
    assert december.row(REF).provisional
    assert not december.row("report:2026").provisional
    assert december.plan(*_duties(december)).provisional == 13


def test_the_notice_moves_what_it_must_and_tells_who_knew(december: Any) -> None:
    outcome = _notice_comes(december)
    [move] = outcome.moved
    assert (move.ref, move.from_on, move.to_on, move.told) == (REF, date(2027, 2, 5), date(2027, 2, 4), ("王敏",))
    assert move.reason == "原定2月5日，遇春节假期，提前至2月4日"
    assert outcome.provisional == 0
    assert not december.row("monthly:2027-05").provisional
    with december.store.read() as db:
        assert db.execute(select(due_changes.c.cause)).scalar_one() == "holidays"
    assert december.reminder(REF, "moved").say == "原定2月5日，改为2月4日（原定2月5日，遇春节假期，提前至2月4日）"


def test_a_reminder_moves_with_the_holidays_though_its_due_day_stays(december: Any) -> None:
    before = december.reminder("monthly:2027-02", "T-7").fire_at
    _notice_comes(december)
    assert december.row("monthly:2027-02").due_epoch == 0
    assert december.reminder("monthly:2027-02", "T-7").fire_at != before


def test_the_notice_read_twice_tells_once(december: Any) -> None:
    _notice_comes(december)
    outcome = _notice_comes(december)
    assert (outcome.moved, outcome.updated, outcome.notices) == ((), 0, 0)
    assert december.row(REF).due_epoch == 1


def test_a_local_day_off_moves_what_falls_on_it(december: Any) -> None:
    stop = {date(2026, 12, 28): DayNote("停工令", off=True)}
    outcome = december.plan(*_duties(december), workdays=Workdays(builtin_years(), stop))
    [move] = outcome.moved
    assert (move.ref, move.to_on) == ("monthly:2026-12", date(2026, 12, 25))
    assert "停工令" in move.reason
