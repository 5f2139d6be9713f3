"""Asking for the sign-off (销号) of what was reported done: at once, again while it waits, then of who stands above.

The first asking leaves with the next tick; who can sign off is reminded after 3, 7, 10 and 15 workdays, who oversees
hears of it after 10 and the leader after 15. The days are the office's own choice (a week and a fortnight are what
整改销号 commonly allows); a sign-off, a return or a reopening ends them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, select

from models.occurrence import assignments
from models.record import log_entries
from models.reminder import ReminderState, reminders
from planning.acts import Act
from planning.deciding import OVERSEEING, able_to_sign_off
from planning.duty import Role
from planning.held import SIGN_OFF_STEPS, SIGN_OFF_UP_STEPS
from planning.wording import day_name
from planning.workdays import Workdays
from services.held import ref_of
from services.problems import close_problem, report_problem
from services.remaining import active_assignments, end_reminders, of_occurrence, plan_reminders, reminder

_ABOVE = {10: (Role.OVERSEER,), 15: (Role.OVERSEER, Role.LEADER)}
"""Who hears after so many workdays that the sign-off is still awaited."""

_BY_HAND = ("link", "page", "program")
"""Ways by which somebody acts in another's place, himself or through a program that acts for his account."""


def ask_for_sign_off(db: Connection, held: Row[Any], done: Row[Any], *, today: date, workdays: Workdays, now: datetime) -> None:
    """Plan the asking for the completion just recorded. To be called when its log entry is written.

    Where nobody but the doer could sign it off, the admin has a problem.
    """
    if held.silent or not held.sign_off_needed:
        return
    active = active_assignments(db, held.id)
    concerned = {done.by, done.recorded_by, *stood_in(db, held)}
    asked = {part.person: part for part in able_to_sign_off(active) if part.person not in concerned}
    if not asked:
        _report_nobody(db, held, by_name=done.by_name, now=now)
        return
    turn = {"occurrence_id": held.id, "due_epoch": -done.turn}  # no epoch of the due day counts these
    said = f"{done.by_name}于{day_name(done.done_on)}办结，请验收：合格的请销号，不合格的请退回"
    names = "、".join(part.name for part in asked.values())
    above = f"{done.by_name}于{day_name(done.done_on)}办结，{names}尚未验收销号，请督促"
    rows = [
        reminder(assignment_id=part.id, step=step, offset=days, fire_at=_at(now, today, days, workdays), say=said, **turn)
        for step, days in SIGN_OFF_STEPS.items()
        for part in asked.values()
    ]
    rows += [
        reminder(assignment_id=part.id, step=step, offset=days, fire_at=_at(now, today, days, workdays), say=above, **turn)
        for step, days in SIGN_OFF_UP_STEPS.items()
        for part in _above(active, days, besides=asked.keys() | concerned)
    ]
    plan_reminders(db, rows)


def end_asking(db: Connection, held: Row[Any], *, why: Act, now: datetime) -> None:
    """Nobody need sign off any more: what was about to be asked is not asked."""
    steps = reminders.c.step.in_([*SIGN_OFF_STEPS, *SIGN_OFF_UP_STEPS])
    end_reminders(db, and_(of_occurrence(held.id), steps), state=ReminderState.CANCELLED, reason=why)
    close_problem(db, key=_nobody_key(held.id), now=now)


def stood_in(db: Connection, held: Row[Any]) -> set[str]:
    """Who acted on this occurrence in the name of somebody who does it (代办、代为登记); to have received it is no act."""
    doers = select(assignments.c.person).where(
        assignments.c.occurrence_id == held.id, assignments.c.role.in_((Role.OWNER, Role.PARTNER))
    )
    of_doers = set(db.execute(doers).scalars())
    mine = select(log_entries.c.payload).where(
        log_entries.c.subject == ref_of(held),
        log_entries.c.via.in_(_BY_HAND),
        log_entries.c.kind != Act.ACKNOWLEDGED,
    )
    said = [json.loads(payload) for payload in db.execute(mine).scalars()]
    in_place_of = [(one["recorded_by"], one.get("by")) for one in said if "recorded_by" in one]
    return {pressed for pressed, by in in_place_of if pressed != by and by in of_doers}


def _above(active: list[Row[Any]], days: int, *, besides: set[str]) -> Iterator[Row[Any]]:
    """Who oversees, each once; where nobody does, the leader hears when the overseer would have."""
    over = {part.person: part for part in active if part.role in OVERSEEING and part.person not in besides}
    wanted = [part for part in over.values() if part.role in _ABOVE[days]]
    yield from wanted or over.values()


def _at(now: datetime, today: date, days: int, workdays: Workdays) -> datetime:
    """So many workdays later at the same time of day; the windows of sending still hold."""
    return now if days == 0 else now + timedelta(days=(workdays.add(today, days) - today).days)


def _report_nobody(db: Connection, held: Row[Any], *, by_name: str, now: datetime) -> None:
    text = (
        f"“{held.title}”（{ref_of(held)}）已由{by_name}办结，但没有人可以验收销号：没有登记其他的验收人或分管领导。"
        f"请在人员文件中补上验收人；这一项请恢复待办后重新办结（suishi reopen {ref_of(held)}）。"
    )
    report_problem(db, key=_nobody_key(held.id), kind="unsignable", text=text, now=now)


def _nobody_key(occurrence_id: int) -> str:
    return f"unsignable:{occurrence_id}"
