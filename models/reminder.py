"""Reminders (提醒): one step for one assignment at one due epoch."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, one_of, partial_index, table_of
from planning.held import NOTICES


class ReminderState(StrEnum):
    PLANNED = "planned"  # waits for fire_at
    QUEUED = "queued"  # in a message that is not yet accepted
    SENT = "sent"  # the provider accepted its message
    FOLDED = "folded"  # a newer step of the same assignment spoke for it
    CANCELLED = "cancelled"  # nothing left to remind of
    SUPERSEDED = "superseded"  # the due day moved
    EXPIRED = "expired"  # too old to be of use; reported instead
    FAILED = "failed"  # every destination refused, or there is none; a problem row says so


FINAL_REMINDER_STATES = frozenset(ReminderState) - {ReminderState.PLANNED, ReminderState.QUEUED}

NOTICE_STEPS = tuple(sorted(NOTICES))
"""Steps that stand outside the ladder: they tell of a change, or come when the reader or the office wants it."""


class Reminder(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("assignment_id", "step", "due_epoch"),
        one_of("state", ReminderState),
        CheckConstraint("state <> 'queued' OR message_id IS NOT NULL", name="queued"),
        Index("ix_reminder_occurrence", "occurrence_id"),
        Index("ix_reminder_message", "message_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignment.id")
    occurrence_id: int = Field(foreign_key="occurrence.id")
    step: str  # T-7 … T0 … T+3, assigned, or one of NOTICE_STEPS
    offset: int  # workdays from the due day; orders the steps of one assignment
    due_epoch: int
    fire_at: datetime = Field(sa_type=UtcDateTime)
    say: str = ""
    state: str = ReminderState.PLANNED
    reason: str = ""  # why it ended without being sent, or why it is held
    held_until: datetime | None = Field(default=None, sa_type=UtcDateTime)  # planned, and not to be told before
    message_id: int | None = Field(default=None, foreign_key="message.id")


reminders = table_of(Reminder)

# A tick looks only at what is planned and due: the index stays as small as what is still ahead.
partial_index("ix_reminder_due", reminders.c.fire_at, where="state = 'planned'")
