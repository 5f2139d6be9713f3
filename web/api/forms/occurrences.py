"""Occurrences as they go out: one in a list, one with everything that is known of it, and what waits for whom."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from planning.duty import Kind
from web.api.forms.base import Day, Out, Window, Word
from web.api.forms.duties import DutyFactsOut
from web.api.forms.messages import MessageOut
from web.api.forms.record import EntryOut


class OccurrenceQuery(Window):
    """``unit`` is the unit alone, without what is below it."""

    kind: Kind | None = None
    unit: Word = ""
    person: Word = ""
    state: Word = ""
    text: Word = ""
    due_from: Day | None = None
    due_to: Day | None = None


class OccurrenceOut(Out):
    """An occurrence as it stands today. ``workdays_left`` is negative when it is overdue, 0 when it is closed."""

    ref: str
    duty_key: str
    period: str
    kind: str
    title: str
    unit: str | None
    unit_name: str
    owners: list[str]
    starts_on: date | None
    original_due_on: date
    due_on: date
    as_written: str
    explanation: str
    provisional: bool
    awaiting_notice: bool
    standing: bool
    silent: bool
    state: str
    overdue: bool
    stagnant: bool
    workdays_left: int
    done_on: date | None
    late: bool
    proved: bool
    sign_off_needed: bool
    signed_off_at: datetime | None
    extensions: int
    extension_days: int
    extension_to: date | None
    basis: str
    basis_mark: str
    row_version: int


class OccurrencePage(BaseModel):
    total: int
    items: list[OccurrenceOut]


class PartOut(Out):
    person: str
    name: str
    role: str
    active: bool


class DueMoveOut(Out):
    from_on: date
    to_on: date
    cause: str
    reason: str
    at: datetime


class _WishOut(Out):
    from_on: date
    to_on: date
    reason: str
    asked_by: str
    asked_name: str
    asked_at: datetime


class RequestOut(_WishOut):
    """A wish for a later day: pending, approved, refused or withdrawn."""

    state: str
    decided_name: str
    decided_at: datetime | None
    answer: str


class ReminderOut(Out):
    """``message`` is the number of the message that told it, or empty."""

    person: str
    name: str
    step: str
    fire_at: datetime
    say: str
    state: str
    reason: str
    held_until: datetime | None
    message: str


class CompletionOut(Out):
    turn: int
    by: str
    by_name: str
    recorded_by: str
    via: str
    at: datetime
    done_on: date
    late_workdays: int
    nothing_to_report: bool
    measures: dict[str, int]
    note: str


class EvidenceOut(BaseModel):
    """``number`` is its place in the address of the file."""

    number: int
    name: str
    sha256: str
    size: int
    at: datetime


class HistoryOut(BaseModel):
    """Of a message that the account may not read, ``subject`` and ``about`` are empty."""

    occurrence: OccurrenceOut
    duty: DutyFactsOut
    planned_at: datetime
    assignments: list[PartOut]
    due_changes: list[DueMoveOut]
    extension_requests: list[RequestOut]
    reminders: list[ReminderOut]
    messages: list[MessageOut]
    completions: list[CompletionOut]
    evidence: list[EvidenceOut]
    entries: list[EntryOut]


class PendingOut(_WishOut):
    """A wish for a later day that waits for a decision. ``overseers`` are names; without any the admin decides."""

    ref: str
    title: str
    unit: str | None
    overseers: list[str]


class PendingPage(BaseModel):
    total: int
    items: list[PendingOut]


class MyLineOut(BaseModel):
    """``owners``: who is responsible, where it is somebody else. ``in_place_of``: the name of whom he stands in for."""

    occurrence: OccurrenceOut
    in_place_of: str
    asked_by: str
    owners: list[str]
    only_helps: bool


class MineOut(BaseModel):
    """What the account's person has to do, waits for, and has to decide. ``later`` counts what is due after ``coming``."""

    person: str
    overdue: list[MyLineOut]
    today: list[MyLineOut]
    coming: list[MyLineOut]
    waiting: list[MyLineOut]
    deciding: list[MyLineOut]
    later: int
