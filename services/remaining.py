"""What becomes of an occurrence's reminders when somebody acts on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from models.message import MessageState, messages
from models.occurrence import assignments
from models.reminder import NOTICE_STEPS, ReminderState, reminders
from planning.held import HANDED_OVER, PLANNED_LATE

LATE_NOTICES = ("assigned", HANDED_OVER)
"""Steps that still have to be said when the due day moves before they were."""


def of_occurrence(occurrence_id: int) -> ColumnElement[bool]:
    return reminders.c.occurrence_id == occurrence_id


def of_assignment(assignment_id: int) -> ColumnElement[bool]:
    return reminders.c.assignment_id == assignment_id


def end_reminders(db: Connection, which: ColumnElement[bool], *, state: ReminderState, reason: str) -> int:
    """End what waits: planned reminders, and queued ones whose message nobody has begun to send.

    The messages are locked first, in the order in which a dispatcher takes them: one that is being sent right now
    keeps its reminders, and its own last look decides. One whose fate is unknown (ambiguous) is left alone as well.
    """
    queued = select(reminders.c.message_id).where(which, reminders.c.state == ReminderState.QUEUED)
    untouched = and_(messages.c.state == MessageState.PENDING, messages.c.ambiguous == 0)
    waiting = db.execute(
        select(messages.c.id).where(messages.c.id.in_(queued), untouched).order_by(messages.c.id).with_for_update()
    ).scalars()
    in_waiting = and_(reminders.c.state == ReminderState.QUEUED, reminders.c.message_id.in_(list(waiting)))
    ended = db.execute(
        update(reminders)
        .where(which, or_(reminders.c.state == ReminderState.PLANNED, in_waiting))
        .values(state=state, reason=reason)
    )
    return ended.rowcount


def active_assignments(db: Connection, occurrence_id: int) -> list[Row[Any]]:
    mine = select(assignments).where(assignments.c.occurrence_id == occurrence_id, assignments.c.active)
    return list(db.execute(mine.order_by(assignments.c.id)))


def ladder_rows(db: Connection, which: ColumnElement[bool], *, due_epoch: int) -> list[Row[Any]]:
    """The ladder's reminders of one epoch, whatever became of them; notices of changes left out."""
    wanted = select(reminders).where(which, reminders.c.due_epoch == due_epoch, reminders.c.step.not_in(NOTICE_STEPS))
    return list(db.execute(wanted.order_by(reminders.c.fire_at, reminders.c.id)))


def late_notices(db: Connection, occurrence_id: int) -> list[Row[Any]]:
    """Notices that were planned but not yet said."""
    unsaid = and_(reminders.c.state == ReminderState.PLANNED, reminders.c.step.in_(LATE_NOTICES))
    return list(db.execute(select(reminders).where(of_occurrence(occurrence_id), unsaid)))


def again(row: Row[Any], *, due_epoch: int, assignment_id: int | None = None) -> dict[str, object]:
    """The same step once more: at another epoch, or for another assignment."""
    return reminder(
        assignment_id=row.assignment_id if assignment_id is None else assignment_id,
        occurrence_id=row.occurrence_id,
        step=row.step,
        offset=row.offset,
        due_epoch=due_epoch,
        fire_at=row.fire_at,
        say=row.say,
    )


def reminder(
    *,
    assignment_id: int,
    occurrence_id: int,
    step: str,
    offset: int,
    due_epoch: int,
    fire_at: datetime,
    say: str = "",
    folded: bool = False,
) -> dict[str, object]:
    """A row that waits for its moment; ``folded``: too late to speak, and kept so that a plan does not miss it."""
    return {
        "assignment_id": assignment_id,
        "occurrence_id": occurrence_id,
        "step": step,
        "offset": offset,
        "due_epoch": due_epoch,
        "fire_at": fire_at,
        "say": say,
        "state": ReminderState.FOLDED if folded else ReminderState.PLANNED,
        "reason": PLANNED_LATE if folded else "",
        "message_id": None,
    }


def notices_to_told(
    db: Connection, held: Row[Any], *, step: str, due_epoch: int, besides: str, words: Callable[[date], str], now: datetime
) -> int:
    """One notice for each person who was told, or is being told at this moment; who asked for the change knows it.

    ``words`` makes the sentence from the day that the person knows. To be called when what can be called back has
    been: what is still queued then is on the wire.
    """
    on_the_wire = select(reminders.c.assignment_id).where(of_occurrence(held.id), reminders.c.state == ReminderState.QUEUED)
    leaving = set(db.execute(on_the_wire).scalars())
    told = [
        one
        for one in active_assignments(db, held.id)
        if one.person != besides and (one.told_due_on is not None or one.id in leaving)
    ]
    about = {"occurrence_id": held.id, "step": step, "offset": 0, "due_epoch": due_epoch, "fire_at": now}
    said = ((one.id, words(one.told_due_on or held.due_on)) for one in told)
    return plan_reminders(db, (reminder(assignment_id=part, say=say, **about) for part, say in said))


def plan_reminders(db: Connection, rows: Iterable[dict[str, object]]) -> int:
    listed = list(rows)
    if listed:
        db.execute(insert(reminders), listed)
    return len(listed)
