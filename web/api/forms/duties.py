"""Duties as they go out: what each asks of who does it."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from web.api.forms.base import Out


class MeasureOut(Out):
    name: str
    unit: str
    required: bool


class DutyFactsOut(Out):
    """``measures`` are what ``done`` is asked for, by name. ``active`` is False when it has left the files."""

    key: str
    kind: str
    title: str
    basis: str
    basis_mark: str
    as_written: str
    note: str
    ladder: str
    evidence: list[str]
    evidence_required: bool
    measures: list[MeasureOut]
    sign_off: bool
    standing: bool
    zero_report: bool
    active: bool


class DutyOut(DutyFactsOut):
    """``rule``: when it is due, in a sentence; empty for a duty that the files no longer have.

    ``next_due_on``: the first day in force from today on; null when nothing is ahead.
    """

    rule: str
    next_due_on: date | None


class DutyPage(BaseModel):
    total: int
    items: list[DutyOut]
