"""Sending once more (重发): what a message said goes out anew, as it stands now, with the next tick.

The old message and its reminders keep their end: a new step is planned for everybody whose item is still open, so that
the record shows both. What was handed over, closed or is about to be told anyway is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.message import MessageKind, MessageState, messages
from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.held import AGAIN
from services.errors import Refused
from services.held import name_of
from services.remaining import plan_reminders, reminder

_ENDED = (MessageState.SENT, MessageState.FAILED, MessageState.DEAD)
_WAITING = (ReminderState.PLANNED, ReminderState.QUEUED)


@dataclass(frozen=True, slots=True)
class Resent:
    """How many reminders will go out, and how many have nothing left to say."""

    planned: int
    left_out: int


def resend(store: Store, message_ref: str, *, by: str, now: datetime) -> Resent:
    """Plan what the message said once more. Raises Refused: unknown_message, office_message, still_sending, nothing_left."""

    def work(db: Connection) -> Resent:
        message = _message(db, message_ref)
        parts = _parts(db, message.id)
        open_parts = [part for part in parts if part.active and part.state == OccurrenceState.OPEN and not part.silent]
        rows = [_again(db, part, by=by, now=now) for part in open_parts if not _is_waiting(db, part)]
        if not rows:
            raise Refused(f"{message.ref} 里的事项都已办结、移交，或者正要提醒，不用重发。", code="nothing_left")
        return Resent(plan_reminders(db, rows), len(parts) - len(rows))

    return store.transact(work)


def _message(db: Connection, message_ref: str) -> Row[Any]:
    row = db.execute(select(messages).where(messages.c.ref == message_ref.strip().upper())).one_or_none()
    if row is None:
        raise Refused(f"没有编号为 {message_ref} 的消息。请核对编号。", code="unknown_message")
    if row.kind == MessageKind.OFFICE:
        raise Refused(f"{row.ref} 是系统给管理员的通知，问题没有解决会每天再提醒，不用重发。", code="office_message")
    if row.state not in _ENDED:
        raise Refused(f"{row.ref} 还在等待发送，到时会自己发出，不用重发。", code="still_sending")
    return row


def _parts(db: Connection, message_id: int) -> list[Row[Any]]:
    """Each assignment that the message spoke to, once."""
    joined = reminders.join(assignments, assignments.c.id == reminders.c.assignment_id)
    joined = joined.join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
    columns = (assignments.c.id, assignments.c.active, occurrences.c.id.label("occurrence_id"))
    query = select(*columns, occurrences.c.state, occurrences.c.silent).select_from(joined)
    return list(db.execute(query.where(reminders.c.message_id == message_id).distinct().order_by(assignments.c.id)))


def _is_waiting(db: Connection, part: Row[Any]) -> bool:
    """Pressed twice, or planned by somebody else: once is enough."""
    mine = select(reminders.c.id).where(reminders.c.assignment_id == part.id, reminders.c.step == AGAIN)
    return db.execute(mine.where(reminders.c.state.in_(_WAITING)).limit(1)).first() is not None


def _again(db: Connection, part: Row[Any], *, by: str, now: datetime) -> dict[str, object]:
    earlier = select(func.count()).where(reminders.c.assignment_id == part.id, reminders.c.step == AGAIN)
    return reminder(
        assignment_id=part.id,
        occurrence_id=part.occurrence_id,
        step=AGAIN,
        offset=0,
        # No epoch counts this one: the office may send again several times before one due day.
        due_epoch=-1 - int(db.execute(earlier).scalar_one()),
        fire_at=now,
        reason=f"由{name_of(db, by)}重发",
    )
