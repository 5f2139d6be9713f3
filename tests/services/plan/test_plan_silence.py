"""启用日 moved back and forth: what leaves silence is told, what falls silent is called back, and both are counted."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.record import log_entries
from planning.held import FIRST_HEARD
from planning.ladder import parse_ladder

REF = "study-law:2026"
LATE, EARLY = date(2026, 4, 10), date(2026, 3, 1)


@pytest.fixture
def overdue(town: Any) -> Any:
    """The thirtieth of March has passed in silence: the office meant to begin on 10 April."""
    town.at("2026-03-20 09:00").plan(town.duty(), silent_before=LATE)
    return town.at("2026-04-08 10:00")


def test_what_leaves_silence_when_it_is_overdue_is_told_like_what_is_planned_late(overdue: Any) -> None:
    assert overdue.reminders(REF) == {}
    outcome = overdue.plan(overdue.duty(), silent_before=EARLY)
    assert not overdue.row(REF).silent
    assert (outcome.heard, outcome.heard_overdue, outcome.hushed) == (1, 1, 0)
    said = overdue.reminders(REF)
    assert (said["T+1"], said["T+3"]) == ("folded", "planned")
    assert overdue.reminder(REF, "T+3").fire_at == overdue.now
    assert overdue.reminder(REF, "T+3").say == FIRST_HEARD
    assert overdue.reminders(REF, "chenxia") == {"T+1": "folded", "T+3": "planned"}


def test_the_ladder_goes_on_from_where_it_stands(town: Any) -> None:
    duty = town.duty(ladder=parse_ladder("T0 T+1=owner,overseer T+10=owner,overseer"))
    town.at("2026-03-20 09:00").plan(duty, silent_before=LATE)
    town.at("2026-04-02 10:00").plan(duty, silent_before=EARLY)
    assert town.reminders(REF) == {"T0": "folded", "T+1": "planned", "T+10": "planned"}
    assert town.reminder(REF, "T+10").fire_at > town.now


def test_planning_again_finds_nothing_to_do_after_the_silence(overdue: Any) -> None:
    overdue.plan(overdue.duty(), silent_before=EARLY)
    before = overdue.contents()
    again = overdue.at("2026-04-09 10:00").plan(overdue.duty(), full=True)
    assert (again.updated, again.heard) == (0, 0)
    assert overdue.contents() == before


def test_what_waited_a_month_in_silence_is_not_too_old_to_be_told(overdue: Any) -> None:
    overdue.at("2026-05-20 10:00").plan(overdue.duty(), silent_before=EARLY)
    assert overdue.reminder(REF, "T+3").fire_at == overdue.now


def test_what_falls_silent_is_called_back_with_a_row_that_says_why(overdue: Any) -> None:
    overdue.plan(overdue.duty(), silent_before=EARLY)
    overdue.queue(REF, "T+3")
    outcome = overdue.plan(overdue.duty(), silent_before=LATE)
    assert (outcome.heard, outcome.hushed) == (0, 1)
    assert overdue.row(REF).silent
    assert overdue.reminders(REF)["T+3"] == "cancelled"
    assert overdue.reminder(REF, "T+3").reason == "silent"


def test_what_falls_silent_and_leaves_it_again_is_told_all_the_same(overdue: Any) -> None:
    for day in (EARLY, LATE, EARLY):
        overdue.plan(overdue.duty(), silent_before=day)
    row = overdue.row(REF)
    assert (row.silent, row.due_epoch) == (False, 1)
    assert overdue.reminders(REF)["T+3"] == "planned"
    assert overdue.reminders(REF, "chenxia")["T+3"] == "planned"


def test_an_item_extended_in_silence_leaves_it_at_its_own_day(overdue: Any) -> None:
    overdue.set_row(REF, extensions=1, extension_days=10, due_on=date(2026, 4, 9), due_epoch=1)
    outcome = overdue.plan(overdue.duty(), silent_before=EARLY)
    assert (outcome.heard, outcome.heard_overdue) == (1, 0)
    assert overdue.reminders(REF)["T-1"] == "planned"
    assert overdue.row(REF).due_on == date(2026, 4, 9)


def test_what_is_done_stays_as_it_was_silent_or_not(overdue: Any) -> None:
    overdue.set_row(REF, state="done", closed_at=overdue.now, done_on=date(2026, 4, 1))
    assert overdue.plan(overdue.duty(), silent_before=EARLY).heard == 0
    assert overdue.reminders(REF) == {}


def test_the_preview_and_the_log_say_how_many_and_which_of_them_are_overdue(overdue: Any) -> None:
    preview = overdue.plan(overdue.duty(), silent_before=EARLY, dry_run=True)
    assert [one.sentence for one in preview.updates] == ["不再静默 1 项，其中已过期 1 项"]
    assert preview.updates[0].items == ((REF, "专题学法"),)
    overdue.plan(overdue.duty(), silent_before=EARLY, files=("suishi.yaml",))
    with overdue.store.read() as db:
        newest = db.execute(select(log_entries.c.payload).order_by(log_entries.c.seq.desc()).limit(1)).scalar_one()
    said = json.loads(newest)
    assert (said["updates"], said["files"]) == (["不再静默 1 项，其中已过期 1 项"], ["suishi.yaml"])
