"""Who was there (签到), and what people say about the work and the program (意见、异议)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, table_of


class Attendance(SQLModel, table=True):
    """One who signed in at a session. Signing in twice is one row."""

    __table_args__ = (UniqueConstraint("occurrence_id", "who"), CheckConstraint("via IN ('code', 'page')", name="via"))

    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: int = Field(foreign_key="occurrence.id")
    who: str  # person key; of a guest the name as typed
    name: str
    unit_name: str = ""
    at: datetime = Field(sa_type=UtcDateTime)
    via: str  # code: with the code shown at the session; page: written down by somebody who may record
    recorded_by: str = ""  # person key; empty: by the one who came
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Feedback(SQLModel, table=True):
    """An opinion, a complaint, or an objection to an item. The office answers; nothing is deleted."""

    __table_args__ = (Index("ix_feedback_open", "answered_at"),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    ref: str = ""  # of the occurrence it is about; empty: about the system
    text: str
    name: str = ""  # as typed: may stay empty
    contact: str = ""
    by: str = ""  # person key when it was somebody known
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answered_by: str = ""
    answer: str = ""


attendances = table_of(Attendance)
feedback = table_of(Feedback)
