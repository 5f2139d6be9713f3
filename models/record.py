"""The record: completions, their evidence, and the log that shows tampering. All append-only, held so by triggers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.columns import JsonText, UtcDateTime, table_of


class Completion(SQLModel, table=True):
    """Who did it, when, with which measures. A reopened occurrence keeps its old completions."""

    __table_args__ = (
        UniqueConstraint("occurrence_id", "turn"),
        CheckConstraint("via IN ('cli', 'link', 'page', 'import', 'program')", name="via"),
    )

    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: int = Field(foreign_key="occurrence.id")
    turn: int  # 1, then +1 after each reopening: a double click gives one row
    by: str  # person key of the doer
    by_name: str  # as it was
    recorded_by: str  # who pressed the button; differs when recorded for somebody else
    via: str
    at: datetime = Field(sa_type=UtcDateTime)
    done_on: date
    late_workdays: int = 0  # workdays after the due day in force
    late_days: int = 0  # natural days, kept beside
    nothing_to_report: bool = False  # 无事报平安
    measures: dict[str, Any] = Field(sa_type=JsonText)
    note: str = ""


class Evidence(SQLModel, table=True):
    __table_args__ = (Index("ix_evidence_occurrence", "occurrence_id"),)

    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: int = Field(foreign_key="occurrence.id")
    completion_id: int | None = Field(default=None, foreign_key="completion.id")
    name: str  # as the sender called it
    stored_as: str = Field(unique=True)  # random, below the evidence folder
    sha256: str
    size: int  # bytes
    by: str
    at: datetime = Field(sa_type=UtcDateTime)


class EvidenceVoid(SQLModel, table=True):
    """A file that was handed in by mistake (作废). It stays and is told; it proves nothing any more."""

    __tablename__ = "evidence_void"

    evidence_id: int = Field(primary_key=True, foreign_key="evidence.id", sa_column_kwargs={"autoincrement": False})
    by: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


class LogEntry(SQLModel, table=True):
    """One link of the chain: services/journal.py says how ``hash`` is made."""

    __tablename__ = "completion_log"
    __table_args__ = (CheckConstraint("seq > 0", name="seq"), Index("ix_completion_log_subject", "subject"))

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    via: str
    kind: str  # done, reopened, waived, extended, handed_over, signed_off, reviewed, planned, …
    subject: str  # REF of the occurrence, or "plan"
    payload: str  # canonical JSON, kept as the very text that was hashed
    prev_hash: str = Field(max_length=64)
    hash: str = Field(max_length=64, unique=True)


completions = table_of(Completion)
evidence = table_of(Evidence)
evidence_voids = table_of(EvidenceVoid)
log_entries = table_of(LogEntry)
