"""What the office must be told about, the links in messages, and single facts about this installation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from models.columns import JsonText, UtcDateTime, table_of


class ProblemRow(SQLModel, table=True):
    """A condition somebody must know of; one key, one row, reopened when it comes back."""

    __tablename__ = "problem"
    __table_args__ = (Index("ix_problem_open", "closed_at"),)

    key: str = Field(primary_key=True)  # unreachable:wangmin, calendar, provisional:2027
    kind: str
    text: str  # one Chinese sentence with the remedy
    first_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime = Field(sa_type=UtcDateTime)
    count: int = 1
    told_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when the admin was last written to about it
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Link(SQLModel, table=True):
    """A staff link. The token is derived from the app key, this row's id and serial; only its digest is kept."""

    id: int | None = Field(default=None, primary_key=True)
    assignment_id: int = Field(foreign_key="assignment.id", unique=True)
    serial: int = 0  # +1 revokes what was sent before
    token_sha256: str = Field(unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Fact(SQLModel, table=True):
    """A single value of this installation: install_id, last_tick, schema facts."""

    name: str = Field(primary_key=True)
    value: Any = Field(sa_type=JsonText)
    at: datetime = Field(sa_type=UtcDateTime)


problems = table_of(ProblemRow)
links = table_of(Link)
facts = table_of(Fact)
