"""Occurrences (办理项), who is assigned to them, and how their due day moved."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from models.columns import UtcDateTime, one_of, partial_index, table_of
from planning.duty import Kind, Role


class OccurrenceState(StrEnum):
    """Overdue is not here: it is derived from the due day. Proved and signed off are facts of their own."""

    OPEN = "open"  # 待办: somebody still has to act
    DONE = "done"  # 已办结: a completion says so
    WAIVED = "waived"  # 免办: somebody answers for the reason
    WITHDRAWN = "withdrawn"  # 撤回: the plan no longer has it


NEXT: dict[OccurrenceState, frozenset[OccurrenceState]] = {
    OccurrenceState.OPEN: frozenset({OccurrenceState.DONE, OccurrenceState.WAIVED, OccurrenceState.WITHDRAWN}),
    OccurrenceState.DONE: frozenset({OccurrenceState.OPEN}),  # reopen
    OccurrenceState.WAIVED: frozenset({OccurrenceState.OPEN}),  # reopen
    OccurrenceState.WITHDRAWN: frozenset({OccurrenceState.OPEN}),  # the plan has it again
}
"""Allowed steps; each UPDATE of ``state`` names the state it leaves and looks at the row count."""


class Occurrence(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("duty_key", "period"),
        one_of("state", OccurrenceState),
        one_of("kind", Kind),
        CheckConstraint("due_epoch >= 0 AND extensions >= 0", name="counts"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        Index("ix_occurrence_state_due", "state", "due_on"),
        Index("ix_occurrence_due", "due_on"),
        Index("ix_occurrence_unit", "unit", "due_on"),
    )

    id: int | None = Field(default=None, primary_key=True)
    duty_key: str = Field(foreign_key="duty.key")
    period: str  # names it for ever: 2026-Q1, 2026-03, 整改-007
    kind: str
    title: str
    unit: str | None = None  # key of the unit that answers
    starts_on: date | None = None
    nominal_on: date  # the rule's day before the shift
    planned_on: date  # the plan's due day; the extension does not touch it
    original_due_on: date  # the first due day ever given: assessment counts from it
    due_on: date  # in force now
    due_at: datetime = Field(sa_type=UtcDateTime)
    due_epoch: int = 0  # +1 at each change of due_on
    provisional: bool = False  # 暂定
    awaiting_notice: bool = False
    standing: bool = False
    silent: bool = False  # 启用日 before: not reminded, not counted as overdue
    explanation: str = ""  # why the day is not the rule's day
    as_written: str = ""
    extensions: int = 0
    extension_days: int = 0  # natural days in all
    state: str = OccurrenceState.OPEN
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_on: date | None = None  # the day it was really done, as its doer said
    late: bool = False  # stamped once, at completion: done_on after due_on
    proved: bool = False  # evidence is there
    sign_off_needed: bool = False
    signed_off_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    row_version: int = 0  # +1 at each change; the optimistic lock of the pages
    planned_at: datetime = Field(sa_type=UtcDateTime)


class Assignment(SQLModel, table=True):
    """One person's part in one occurrence. Handing over releases one row and adds another; names stay as they were."""

    __table_args__ = (UniqueConstraint("occurrence_id", "person", "role"), one_of("role", Role))

    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: int = Field(foreign_key="occurrence.id")
    person: str  # key
    name: str  # as it was when assigned
    role: str
    active: bool = True
    handed: bool = False  # by hand over: the plan leaves it alone
    since: datetime = Field(sa_type=UtcDateTime)
    told_due_on: date | None = None  # the due day last told to this person by a message that was sent


class RequestState(StrEnum):
    PENDING = "pending"  # 延期待批: the ladder rests, nothing counts as overdue
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # by whoever asked, or because the occurrence was closed meanwhile


class ExtensionRequest(SQLModel, table=True):
    """A wish for a later day that somebody must decide (延期申请). At most one is pending for an occurrence."""

    __tablename__ = "extension_request"
    __table_args__ = (one_of("state", RequestState),)

    id: int | None = Field(default=None, primary_key=True)
    occurrence_id: int = Field(foreign_key="occurrence.id")
    from_on: date  # the due day in force when it was asked
    to_on: date
    reason: str
    asked_by: str  # person key
    asked_name: str  # as it was
    asked_at: datetime = Field(sa_type=UtcDateTime)
    state: str = RequestState.PENDING
    decided_by: str = ""
    decided_name: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    answer: str = ""  # why it was refused, or under which condition approved


class DueChange(SQLModel, table=True):
    """Each move of a due day, append-only. Epoch 0 is the day first planned and has no row."""

    __tablename__ = "due_change"
    __table_args__ = (CheckConstraint("cause IN ('plan', 'holidays', 'extension', 'reopen', 'handover')", name="cause"),)

    occurrence_id: int = Field(foreign_key="occurrence.id", primary_key=True)
    due_epoch: int = Field(primary_key=True)
    from_on: date
    to_on: date
    cause: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)


occurrences = table_of(Occurrence)
assignments = table_of(Assignment)
due_changes = table_of(DueChange)
extension_requests = table_of(ExtensionRequest)

partial_index("ix_assignment_person", assignments.c.person, assignments.c.occurrence_id, where="active")

# The database itself allows one pending request: two people who ask at the same moment cannot both be heard.
Index(
    "uq_extension_request_pending",
    extension_requests.c.occurrence_id,
    unique=True,
    postgresql_where=text("state = 'pending'"),
    sqlite_where=text("state = 'pending'"),
)
