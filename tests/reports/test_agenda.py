from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.store import Store
from planning.basis import PlanBasis
from planning.duty import Duty, Kind, Party
from planning.ladder import parse_ladder
from planning.roster import Person, Post, Roster, Unit
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from reports.agenda import AgendaDay, agenda
from services.plan import plan

SHANGHAI = ZoneInfo("Asia/Shanghai")
FEBRUARY = datetime(2026, 2, 2, 9, 0, tzinfo=SHANGHAI)


def duty(key: str, kind: Kind, day: FixedDay, ladder: str = "T-3 T0 T+1") -> Duty:
    return Duty(key=key, kind=kind, title=f"事项{key}", rule=day, owner=Party(person="wangmin"), ladder=parse_ladder(ladder))


@pytest.fixture
def planned(store: Store) -> Store:
    basis = PlanBasis(
        duties=(
            duty("a", Kind.STUDY, FixedDay(3, 30)),
            duty("b", Kind.STUDY, FixedDay(3, 30)),
            duty("c", Kind.ROUTINE, FixedDay(3, 30), "T-3=owner T+1=owner"),
        ),
        roster=Roster(
            units={"sifasuo": Unit("sifasuo", "司法所", "office")},
            people={"wangmin": Person("wangmin", "王敏", (Post("sifasuo", "司法助理员"),))},
        ),
        workdays=Workdays(builtin_years()),
        years=(2026,),
        tz=SHANGHAI,
        remind_at=time(8, 45),
        day_ends_at=time(17, 30),
        revision="1",
    )
    plan(store, basis, now=FEBRUARY)
    return store


def look(store: Store, since: str = "2026-03-01", until: str = "2026-12-31") -> dict[tuple[str, str], AgendaDay]:
    days = agenda(store, since=date.fromisoformat(since), until=date.fromisoformat(until), tz=SHANGHAI)
    return {(day.kind.value, day.on.isoformat()): day for day in days}


def test_each_kind_has_its_own_days_of_reminding_and_of_being_due(planned: Store) -> None:
    assert list(look(planned)) == [
        ("study", "2026-03-25"),
        ("routine", "2026-03-25"),
        ("study", "2026-03-30"),
        ("routine", "2026-03-30"),
        ("study", "2026-03-31"),
        ("routine", "2026-03-31"),
    ]


def test_two_duties_of_a_kind_on_one_day_are_one_line(planned: Store) -> None:
    due = look(planned)["study", "2026-03-30"]
    assert (due.title, due.due, due.period) == ("事项a", 2, "2026")
    assert look(planned)["study", "2026-03-25"].reminding == 2


def test_a_day_after_the_due_day_is_one_of_urging(planned: Store) -> None:
    days = look(planned)
    assert not days["study", "2026-03-25"].overdue
    assert days["study", "2026-03-31"].overdue


def test_both_ends_of_the_span_belong_to_it(planned: Store) -> None:
    assert list(look(planned, "2026-03-25", "2026-03-30")) == [
        ("study", "2026-03-25"),
        ("routine", "2026-03-25"),
        ("study", "2026-03-30"),
        ("routine", "2026-03-30"),
    ]
    assert list(look(planned, "2026-03-26", "2026-03-29")) == []


def test_a_ladder_that_rests_makes_no_day_of_overdue_reminders(office: Any, clock: Any) -> None:
    ref = office.occurrence(due=date(2026, 3, 5), asked_to=date(2026, 3, 20))
    office.reminder(ref, "T+1", clock(3, 6, 9), offset=1)
    found = agenda(office.store, since=date(2026, 3, 1), until=date(2026, 3, 31), tz=SHANGHAI)
    assert [(day.on, day.due, day.overdue) for day in found] == [(date(2026, 3, 5), 1, False)]
