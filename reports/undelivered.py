"""What did not go out and why: messages that ended without having been taken, and reminders that found no message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.message import MessageKind, MessageState, messages
from models.occurrence import assignments, occurrences
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.reference import reference
from reports.outbox import MessageLine, message_lines
from reports.sentences import step_words
from reports.snapshot import snapshot

_LOST = (MessageState.FAILED, MessageState.DEAD)
_MOST = 100
"""Lines of each kind: who has more has one cause, and sees it in the problems."""


@dataclass(frozen=True, slots=True)
class UntoldReminder:
    """A reminder that ended with no message: no address, or too old to be of use."""

    ref: str
    title: str
    name: str
    step: str  # in words
    fire_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    failed: tuple[MessageLine, ...]  # refused or given up, and nothing after them took their place
    waiting: tuple[MessageLine, ...]  # their moment has come, and they are not sent yet
    untold: tuple[UntoldReminder, ...]

    @property
    def count(self) -> int:
        return len(self.failed) + len(self.waiting) + len(self.untold)


def undelivered(store: Store, *, since: datetime, now: datetime) -> Undelivered:
    """Of the messages built and the reminders due from ``since`` on; the newest first."""
    after = messages.alias("later")
    passed_on = select(after.c.id).where(after.c.fallback_of == messages.c.id).exists()
    lost = [messages.c.built_at >= since, messages.c.state.in_(_LOST), ~passed_on]
    lost.append(messages.c.kind == MessageKind.REMINDERS)
    due = [messages.c.state == MessageState.PENDING, messages.c.next_at <= now]
    with snapshot(store) as db:
        failed = message_lines(db, lost, limit=_MOST)
        waiting = message_lines(db, due, limit=_MOST)
        rows = db.execute(
            select(
                occurrences.c.duty_key,
                occurrences.c.period,
                occurrences.c.title,
                assignments.c.name,
                reminders.c.step,
                reminders.c.fire_at,
                reminders.c.reason,
            )
            .select_from(
                reminders.join(assignments, assignments.c.id == reminders.c.assignment_id).join(
                    occurrences, occurrences.c.id == reminders.c.occurrence_id
                )
            )
            .where(reminders.c.fire_at >= since, reminders.c.message_id.is_(None))
            .where(reminders.c.state.in_((ReminderState.FAILED, ReminderState.EXPIRED)))
            .order_by(reminders.c.fire_at.desc(), reminders.c.id.desc())
            .limit(_MOST)
        ).all()
    untold = tuple(
        UntoldReminder(reference(row.duty_key, row.period), row.title, row.name, step_words(row.step), row.fire_at, row.reason)
        for row in rows
    )
    return Undelivered(failed, waiting, untold)
