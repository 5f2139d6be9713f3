"""The mirror of the office's files: duties, units, people. Written by planning only; the files stay the source."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlmodel import Field, SQLModel

from models.columns import JsonText, UtcDateTime, one_of, table_of
from planning.duty import Kind


class DutyRow(SQLModel, table=True):
    """A duty as it stood at the last plan. A duty that left the files stays here, inactive."""

    __tablename__ = "duty"
    __table_args__ = (one_of("kind", Kind),)

    key: str = Field(primary_key=True)
    kind: str
    title: str
    basis: str
    basis_mark: str
    as_written: str
    note: str
    ladder: str  # as text: T-7 T-3 …
    evidence: list[str] = Field(sa_type=JsonText)
    evidence_required: bool
    measures: list[dict[str, Any]] = Field(sa_type=JsonText)  # name, unit, required
    sign_off: bool
    standing: bool
    zero_report: bool
    login_required: bool
    source: str  # file:line
    position: int  # place in the files: the official order
    revision: str
    fingerprint: str  # of everything its plan leaned on: equal means nothing to reconcile
    active: bool
    planned_at: datetime = Field(sa_type=UtcDateTime)


class UnitRow(SQLModel, table=True):
    __tablename__ = "unit"

    key: str = Field(primary_key=True)
    name: str
    kind: str
    parent: str | None = None
    position: int


class PersonRow(SQLModel, table=True):
    __tablename__ = "person"

    key: str = Field(primary_key=True)
    name: str
    title: str
    unit: str
    position: int
    left_on: date | None = None


class PlanRow(SQLModel, table=True):
    """One reconcile that changed something; the newest tells which files are in force."""

    __tablename__ = "plan"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    revision: str  # of the office's files
    added: int
    moved: int
    withdrawn: int
    degraded: bool  # some duty could not be read; the rest was planned
    problems: list[str] = Field(sa_type=JsonText)


duties = table_of(DutyRow)
units = table_of(UnitRow)
people = table_of(PersonRow)
plans = table_of(PlanRow)
