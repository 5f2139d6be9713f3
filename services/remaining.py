"""What becomes of an occurrence's reminders when somebody acts on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, insert, not_, or_, select, update

from models.message import MessageState, messages
from models.occurrence import assignments
from models.reminder import NOTICE_STEPS, ReminderState, reminders
from planning.held import DROPPING_REASONS, HANDED_OVER, PLANNED_LATE, SENT_BACK

LATE_NOTICES = ("assigned", HANDED_OVER, SENT_BACK)
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
    return db.execute(update(reminders).where(which, _unsaid(db, which)).values(state=state, reason=reason)).rowcount


def _unsaid(db: Connection, which: ColumnElement[bool]) -> ColumnElement[bool]:
    """What can still be called back; the messages concerned are locked until the transaction ends."""
    queued = select(reminders.c.message_id).where(which, reminders.c.state == ReminderState.QUEUED)
    untouched = and_(messages.c.state == MessageState.PENDING, messages.c.ambiguous == 0)
    waiting = db.execute(
        select(messages.c.id).where(messages.c.id.in_(queued), untouched).order_by(messages.c.id).with_for_update()
    ).scalars()
    in_waiting = and_(reminders.c.state == ReminderState.QUEUED, reminders.c.message_id.in_(list(waiting)))
    return or_(reminders.c.state == ReminderState.PLANNED, in_waiting)


def active_assignments(db: Connection, occurrence_id: int) -> list[Row[Any]]:
    mine = select(assignments).where(assignments.c.occurrence_id == occurrence_id, assignments.c.active)
    return list(db.execute(mine.order_by(assignments.c.id)))


def ladder_rows(db: Connection, which: ColumnElement[bool], *, due_epoch: int) -> list[Row[Any]]:
    """The active people's ladder of one epoch, whatever became of its reminders; notices of changes left out.

    A step that a plan dropped is not of the ladder any more, though its ended row is still there.
    """
    dropped = and_(reminders.c.state == ReminderState.CANCELLED, reminders.c.reason.in_(DROPPING_REASONS))
    wanted = _of_active().where(which, reminders.c.due_epoch == due_epoch, reminders.c.step.not_in(NOTICE_STEPS), not_(dropped))
    return list(db.execute(wanted.order_by(reminders.c.fire_at, reminders.c.id)))


def late_notices(db: Connection, occurrence_id: int) -> list[Row[Any]]:
    """Notices to active people that were planned or queued but not yet said; of each the newest."""
    notices = and_(of_occurrence(occurrence_id), reminders.c.step.in_(LATE_NOTICES))
    return _newest(db, and_(notices, _unsaid(db, notices)))


def unsaid_rows(db: Connection, occurrence_id: int, *, due_epoch: int) -> list[Row[Any]]:
    """Everything not yet said to active people: the ladder of the epoch in force, and notices of whatever epoch."""
    mine = of_occurrence(occurrence_id)
    # A step of an older day came back from the wire unsent: nobody is to hear of that day any more.
    in_force = or_(reminders.c.due_epoch == due_epoch, reminders.c.step.in_(NOTICE_STEPS))
    return _newest(db, and_(mine, in_force, _unsaid(db, mine)))


def _newest(db: Connection, which: ColumnElement[bool]) -> list[Row[Any]]:
    """One row for each person and step: a new epoch has place for no more."""
    found = db.execute(_of_active().where(which).order_by(reminders.c.id))
    return list({(one.assignment_id, one.step): one for one in found}.values())


def _of_active() -> Select[Any]:
    active = assignments.c.active
    return select(reminders).join(assignments, assignments.c.id == reminders.c.assignment_id).where(active)


def again(row: Row[Any], *, due_epoch: int, assignment_id: int | None = None) -> dict[str, object]:
    """The same step once more: at another epoch, or for another assignment, who has put nothing off."""
    held = assignment_id is None and row.state == ReminderState.PLANNED and row.held_until is not None
    return reminder(
        assignment_id=row.assignment_id if assignment_id is None else assignment_id,
        occurrence_id=row.occurrence_id,
        step=row.step,
        offset=row.offset,
        due_epoch=due_epoch,
        fire_at=row.fire_at,
        say=row.say,
        held_until=row.held_until if held else None,
        reason=row.reason if held else "",
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
    held_until: datetime | None = None,
    reason: str = "",
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
        "reason": PLANNED_LATE if folded else reason,
        "held_until": held_until,
        "message_id": None,
    }


def notices_to_told(
    db: Connection,
    held: Row[Any],
    *,
    step: str,
    due_epoch: int,
    besides: Collection[str],
    words: Callable[[date], str],
    now: datetime,
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
        if one.person not in besides and (one.told_due_on is not None or one.id in leaving)
    ]
    about = {"occurrence_id": held.id, "step": step, "offset": 0, "due_epoch": due_epoch, "fire_at": now}
    said = ((one.id, words(one.told_due_on or held.due_on)) for one in told)
    return plan_reminders(db, (reminder(assignment_id=part, say=say, **about) for part, say in said))


def plan_reminders(db: Connection, rows: Iterable[dict[str, object]]) -> int:
    listed = list(rows)
    if listed:
        db.execute(insert(reminders), listed)
    return len(listed)
