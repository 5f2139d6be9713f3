"""What was edited while an occurrence was done is planned once it is open again."""

from __future__ import annotations

from typing import Any

from planning.ladder import parse_ladder
from planning.rules import FixedDay
from services.change import reopen
from services.complete import complete

REF = "study-law:2026"


def tick_off(town: Any) -> None:
    said = {"by": "wangmin", "by_name": "王敏", "recorded_by": "wangmin", "via": "page"}
    complete(town.store, REF, now=town.now, done_on=town.now.date(), workdays=town.basis.workdays, **said)


def take_back(town: Any) -> None:
    reopen(town.store, REF, by="wangmin", reason="点错了", via="page", now=town.now)


def test_a_day_moved_while_it_was_done_is_in_force_after_reopening(march: Any) -> None:
    march.plan(march.duty())
    tick_off(march)
    later = march.duty(rule=FixedDay(4, 15))
    march.plan(later)
    assert march.row(REF).due_on.isoformat() == "2026-03-30"
    take_back(march)
    march.plan(later)
    assert march.row(REF).due_on.isoformat() == "2026-04-15"
    assert march.reminders(REF)["T0"] == "planned"
    assert not march.plan(later).moved


def test_a_step_dropped_before_it_was_done_stays_dropped_after_reopening(march: Any) -> None:
    march.plan(march.duty())
    short = march.duty(ladder=parse_ladder("T-3 T0"))
    march.plan(short)
    tick_off(march)
    take_back(march)
    assert set(march.reminders(REF)) == {"T-3", "T0"}
    march.plan(short)
    assert march.reminders(REF) == {"T-3": "planned", "T0": "planned"}
