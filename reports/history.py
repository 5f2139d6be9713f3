"""Everything about one occurrence: its parts, and what happened to it in order of time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, func, select

from models.message import messages
from models.occurrence import assignments, due_changes, extension_requests, occurrences
from models.office import duties, people
from models.record import completions, evidence, evidence_voids
from models.reminder import reminders
from models.store import Store
from planning.reference import reference, split_reference
from planning.workdays import Workdays
from reports.duties import DutyFacts, facts_of
from reports.log import LogLine, entries_of
from reports.occurrences import OccurrenceLine, lines_of
from reports.outbox import MessageLine, message_lines
from reports.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class Part:
    person: str
    name: str
    role: str
    active: bool
    handed: bool
    since: datetime
    told_due_on: date | None


@dataclass(frozen=True, slots=True)
class DueMove:
    due_epoch: int
    from_on: date
    to_on: date
    cause: str  # plan, holidays, extension, reopen, handover
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A wish for a later day: pending, approved, refused or withdrawn."""

    from_on: date
    to_on: date
    reason: str
    asked_by: str
    asked_name: str
    asked_at: datetime
    state: str
    decided_name: str
    decided_at: datetime | None
    answer: str


@dataclass(frozen=True, slots=True)
class ReminderLine:
    person: str
    name: str
    step: str
    due_epoch: int
    fire_at: datetime
    say: str
    state: str
    reason: str
    held_until: datetime | None  # planned, and not to be told before
    message: str  # T2603-000142, or empty


@dataclass(frozen=True, slots=True)
class CompletionLine:
    turn: int
    by: str
    by_name: str
    recorded_by: str
    via: str
    at: datetime
    done_on: date
    late_workdays: int
    late_days: int
    nothing_to_report: bool
    measures: Mapping[str, int]
    note: str


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    name: str
    stored_as: str
    sha256: str
    size: int
    by: str
    at: datetime
    number: int = 0  # among the files of the occurrence, from 1
    turn: int | None = None  # of the completion with which, or after which, it was handed in
    revoked: bool = False  # that completion was taken back
    void_reason: str = ""  # handed in by mistake: why
    void_by: str = ""
    void_at: datetime | None = None

    @property
    def proves(self) -> bool:
        return not self.revoked and self.void_at is None


@dataclass(frozen=True, slots=True)
class History:
    line: OccurrenceLine
    planned_at: datetime
    duty: DutyFacts
    assignments: tuple[Part, ...]
    due_changes: tuple[DueMove, ...]
    reminders: tuple[ReminderLine, ...]
    messages: tuple[MessageLine, ...]
    completions: tuple[CompletionLine, ...]
    evidence: tuple[EvidenceLine, ...]
    entries: tuple[LogLine, ...]
    names: Mapping[str, str]  # person key -> name today, for actors of entries
    requests: tuple[RequestLine, ...] = ()  # for a later day, oldest first

    @property
    def pending_request(self) -> RequestLine | None:
        """The one that waits for a decision (延期待批)."""
        return next((one for one in self.requests if one.state == "pending"), None)


def history(store: Store, ref: str, *, as_of: date, workdays: Workdays, tz: tzinfo = UTC) -> History | None:
    """The whole record of one occurrence; None when there is none. Raises ValueError for what is no reference.

    ``tz`` as in :meth:`reports.conditions.Bounds.at`.
    """
    key, period = split_reference(ref)
    this = [occurrences.c.duty_key == key, occurrences.c.period == period]
    with snapshot(store) as db:
        row = db.execute(select(occurrences.c.id, occurrences.c.planned_at).where(*this)).one_or_none()
        if row is None:
            return None
        [line] = lines_of(db, this, as_of=as_of, workdays=workdays, tz=tz)
        speaking = select(reminders.c.message_id).where(reminders.c.occurrence_id == row.id)
        return History(
            line=line,
            planned_at=row.planned_at,
            duty=_duty(db, key),
            assignments=_parts(db, row.id),
            due_changes=_moves(db, row.id),
            reminders=_reminders(db, row.id),
            messages=message_lines(db, [messages.c.id.in_(speaking)])[::-1],
            completions=_completions(db, row.id),
            evidence=_evidence(db, row.id),
            entries=entries_of(db, reference(key, period)),
            names={one.key: one.name for one in db.execute(select(people.c.key, people.c.name))},
            requests=_requests(db, row.id),
        )


def payload_of(entry: LogLine) -> dict[str, Any]:
    """What an entry says, as values; empty when its text was spoilt."""
    try:
        found = json.loads(entry.payload)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _duty(db: Connection, key: str) -> DutyFacts:
    return facts_of(db.execute(select(duties).where(duties.c.key == key)).one())


def _parts(db: Connection, occurrence_id: int) -> tuple[Part, ...]:
    rows = db.execute(select(assignments).where(assignments.c.occurrence_id == occurrence_id).order_by(assignments.c.id))
    return tuple(Part(row.person, row.name, row.role, row.active, row.handed, row.since, row.told_due_on) for row in rows)


def _moves(db: Connection, occurrence_id: int) -> tuple[DueMove, ...]:
    mine = select(due_changes).where(due_changes.c.occurrence_id == occurrence_id).order_by(due_changes.c.due_epoch)
    return tuple(DueMove(row.due_epoch, row.from_on, row.to_on, row.cause, row.reason, row.at) for row in db.execute(mine))


def _requests(db: Connection, occurrence_id: int) -> tuple[RequestLine, ...]:
    mine = select(extension_requests).where(extension_requests.c.occurrence_id == occurrence_id)
    return tuple(
        RequestLine(
            from_on=row.from_on,
            to_on=row.to_on,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_name=row.asked_name,
            asked_at=row.asked_at,
            state=row.state,
            decided_name=row.decided_name,
            decided_at=row.decided_at,
            answer=row.answer,
        )
        for row in db.execute(mine.order_by(extension_requests.c.id))
    )


def _reminders(db: Connection, occurrence_id: int) -> tuple[ReminderLine, ...]:
    query = (
        select(reminders, assignments.c.person, assignments.c.name, messages.c.ref.label("message_ref"))
        .join(assignments, assignments.c.id == reminders.c.assignment_id)
        .outerjoin(messages, messages.c.id == reminders.c.message_id)
        .where(reminders.c.occurrence_id == occurrence_id)
        .order_by(reminders.c.fire_at, reminders.c.id)
    )
    return tuple(
        ReminderLine(
            person=row.person,
            name=row.name,
            step=row.step,
            due_epoch=row.due_epoch,
            fire_at=row.fire_at,
            say=row.say,
            state=row.state,
            reason=row.reason,
            held_until=row.held_until,
            message=row.message_ref or "",
        )
        for row in db.execute(query)
    )


def _completions(db: Connection, occurrence_id: int) -> tuple[CompletionLine, ...]:
    mine = select(completions).where(completions.c.occurrence_id == occurrence_id).order_by(completions.c.turn)
    return tuple(_completion(row) for row in db.execute(mine))


def _completion(row: Row[Any]) -> CompletionLine:
    return CompletionLine(
        turn=row.turn,
        by=row.by,
        by_name=row.by_name,
        recorded_by=row.recorded_by,
        via=row.via,
        at=row.at,
        done_on=row.done_on,
        late_workdays=row.late_workdays,
        late_days=row.late_days,
        nothing_to_report=row.nothing_to_report,
        measures=dict(row.measures),
        note=row.note,
    )


def _evidence(db: Connection, occurrence_id: int) -> tuple[EvidenceLine, ...]:
    in_force = select(func.max(completions.c.id)).where(
        completions.c.occurrence_id == occurrence_id, occurrences.c.state == "done"
    )
    joined = evidence.outerjoin(completions, completions.c.id == evidence.c.completion_id)
    joined = joined.outerjoin(evidence_voids, evidence_voids.c.evidence_id == evidence.c.id)
    joined = joined.join(occurrences, occurrences.c.id == evidence.c.occurrence_id)
    void = evidence_voids.c
    mine = select(
        evidence,
        completions.c.turn,
        (evidence.c.completion_id == in_force.correlate(occurrences).scalar_subquery()).label("in_force"),
        void.reason.label("void_reason"),
        void.by.label("void_by"),
        void.at.label("void_at"),
    )
    found = db.execute(mine.select_from(joined).where(evidence.c.occurrence_id == occurrence_id).order_by(evidence.c.id))
    return tuple(
        EvidenceLine(
            name=row.name,
            stored_as=row.stored_as,
            sha256=row.sha256,
            size=row.size,
            by=row.by,
            at=row.at,
            number=number,
            turn=row.turn,
            revoked=not row.in_force,
            void_reason=row.void_reason or "",
            void_by=row.void_by or "",
            void_at=row.void_at,
        )
        for number, row in enumerate(found, start=1)
    )
