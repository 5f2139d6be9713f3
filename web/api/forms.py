"""What goes in and comes out. Kept apart from the reports' own rows: these are a promise to other programs.

Nothing unknown is taken (ASVS 5.0, 15.3.3), days are ISO days, instants carry their offset.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from planning.duty import Kind

Key = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[^\s\x00-\x1f]+$")]
Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
Word = Annotated[str, StringConstraints(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$")]  # PostgreSQL takes no NUL
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Note = Annotated[str, StringConstraints(max_length=2000)]


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fault(BaseModel):
    """Why not: ``code`` is for programs, ``message`` is one Chinese sentence with the remedy."""

    code: str
    message: str


class OccurrenceOut(_Out):
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
    provisional: bool
    state: str
    overdue: bool
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
    row_version: int


class OccurrencePage(BaseModel):
    total: int
    items: list[OccurrenceOut]


class PartOut(_Out):
    person: str
    name: str
    role: str
    active: bool


class DueMoveOut(_Out):
    from_on: date
    to_on: date
    cause: str
    reason: str
    at: datetime


class AttemptOut(_Out):
    n: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str
    detail: str


class MessageOut(_Out):
    """``verified`` is False where the channel's answer proves nothing. Addresses are not given out."""

    ref: str
    person: str
    name: str
    channel: str
    subject: str
    state: str
    verified: bool
    built_at: datetime
    sent_at: datetime | None
    attempts: list[AttemptOut]


class MessagePage(BaseModel):
    total: int
    items: list[MessageOut]


class CompletionOut(_Out):
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


class EvidenceOut(_Out):
    name: str
    sha256: str
    size: int
    at: datetime


class EntryOut(_Out):
    """An entry of the completion log. ``payload`` is the very text that was hashed."""

    seq: int
    at: datetime
    actor: str
    via: str
    kind: str
    subject: str
    payload: str
    hash: str
    code: str


class HistoryOut(BaseModel):
    occurrence: OccurrenceOut
    planned_at: datetime
    assignments: list[PartOut]
    due_changes: list[DueMoveOut]
    messages: list[MessageOut]
    completions: list[CompletionOut]
    evidence: list[EvidenceOut]
    entries: list[EntryOut]


class FiguresOut(_Out):
    total: int
    due: int
    done: int
    on_time: int
    late: int
    overdue: int
    pending: int
    silent: int
    waived: int
    extended: int
    unproved: int
    unsigned: int


class NamedFigures(BaseModel):
    key: str
    name: str
    figures: FiguresOut


class OverviewOut(BaseModel):
    year: int
    as_of: date
    whole: FiguresOut
    by_kind: list[NamedFigures]
    by_unit: list[NamedFigures]
    by_month: list[FiguresOut]


class LogOut(BaseModel):
    """``head_seq`` and ``head_code`` anchor everything before them: keep them elsewhere."""

    total: int
    head_seq: int
    head_code: str
    items: list[EntryOut]


class RecordedOut(_Out):
    """What was written. ``code`` is the short check code of the entry."""

    ref: str
    seq: int
    code: str


class Window(_In):
    """Which part of a long list."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0


class OccurrenceQuery(Window):
    kind: Kind | None = None
    unit: Word = ""
    person: Word = ""
    state: Word = ""
    text: Word = ""
    due_from: Day | None = None
    due_to: Day | None = None


class MessageQuery(Window):
    """``day``: on which it was built or sent."""

    person: Word = ""
    day: Day | None = None


class DoneIn(_In):
    by: Key
    done_on: Day
    measures: dict[Annotated[str, StringConstraints(max_length=40)], Annotated[int, Field(ge=0, le=999_999_999)]] = {}
    note: Note = ""
    nothing_to_report: bool = False


class ReasonIn(_In):
    reason: Reason


class ExtendIn(_In):
    by: Key
    to: Day
    reason: Reason


class HandOverIn(_In):
    to: Key
    reason: Reason
    from_person: Key | None = None


class SignOffIn(_In):
    note: Note = ""


def plain(model: type[BaseModel], rows: Any) -> list[Any]:  # noqa: ANN401 - rows of a report
    """Frozen rows as what goes out."""
    return [model.model_validate(row) for row in rows]
