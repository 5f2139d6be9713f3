"""Messages （消息） and their attempts （发送）."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from models.columns import JsonText, UtcDateTime, one_of, partial_index, table_of


class MessageState(StrEnum):
    PENDING = "pending"  # waits for next_at
    LEASED = "leased"  # one dispatcher holds it
    SENT = "sent"  # accepted by the provider
    FAILED = "failed"  # this destination will not take it; the next one was tried or a problem row says so
    DEAD = "dead"  # it cannot be rendered or kills its sender; a problem row says so
    CANCELLED = "cancelled"  # nothing left to say


class Phase(StrEnum):
    CLAIMED = "claimed"  # leased; the wire was not touched
    DATA = "data"  # the marker was written: from here on the provider may have it


class AttemptOutcome(StrEnum):
    """As the channel answered; ``not_sent`` and ``lost_lease`` are ours."""

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    LOST_LEASE = "lost_lease"


class MessageKind(StrEnum):
    """What it carries: reminders, or a word to the office itself."""

    REMINDERS = "reminders"
    OFFICE = "office"  # problems, the daily line: no reminder points to it


class Message(SQLModel, table=True):
    """What one person reads on one channel. Frozen when built: a second try sends the same bytes."""

    __table_args__ = (
        one_of("state", MessageState),
        one_of("kind", MessageKind),
        CheckConstraint("phase IS NULL OR phase IN ('claimed', 'data')", name="phase"),
        CheckConstraint("(state = 'leased') = (lease_token IS NOT NULL)", name="lease"),
        Index("ix_message_person", "person", "built_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)  # T2603-000142: printed in every text, so that a copy is recognised
    dedupe_key: str = Field(unique=True)  # digest of person, channel, rank and reminders: never built twice
    kind: str = MessageKind.REMINDERS
    about: list[str] = Field(sa_type=JsonText)  # keys of the problems it tells; daily:2026-03-02; a stop it explains
    person: str  # key; group:NAME for what a whole group reads
    name: str  # as it was
    channel: str
    rank: int = 0  # place among the person's destinations, 0 the first
    fallback_of: int | None = Field(default=None, foreign_key="message.id")  # the message whose destination refused
    address: str  # as it was when built
    subject: str
    text: str
    html: str
    calendar: str = ""  # the .ics that goes with it, frozen like the text
    headers: dict[str, str] = Field(sa_type=JsonText)  # Message-ID, Date, References: frozen, the same on a second try
    links: list[dict[str, Any]] = Field(sa_type=JsonText)  # placeholder -> link id; the token itself is never stored
    state: str = MessageState.PENDING
    phase: str | None = None
    built_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime)
    tries: int = 0
    crashes: int = 0
    ambiguous: int = 0  # tries after which nobody knows whether the provider has it
    lease_token: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    provider_id: str = ""
    verified: bool = True  # False: accepted by a channel whose answer proves nothing
    last_error: str = ""


class Attempt(SQLModel, table=True):
    """One try on the wire, append-only but for its own ending. Details are cut and hold no secret."""

    __table_args__ = (one_of("outcome", AttemptOutcome),)

    message_id: int = Field(foreign_key="message.id", primary_key=True)
    n: int = Field(primary_key=True)
    token: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    data_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    outcome: str | None = None
    code: str = ""
    detail: str = Field(default="", max_length=500)


messages = table_of(Message)
attempts = table_of(Attempt)

partial_index("ix_message_due", messages.c.next_at, messages.c.id, where="state = 'pending'")
partial_index("ix_message_leased", messages.c.lease_until, where="state = 'leased'")
partial_index("ix_attempt_on_the_wire", attempts.c.data_at, where="data_at IS NOT NULL")
"""What went over the wire lately: the rate limits count it."""
