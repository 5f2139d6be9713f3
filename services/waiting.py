"""Reminders that wait to be told, each with what its wording and its fate lean on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, or_, select, text

from models.message import messages
from models.occurrence import OccurrenceState, assignments, due_changes, extension_requests, occurrences
from models.reminder import ReminderState, reminders
from planning.duty import Role
from planning.held import SIGN_OFF_STEPS, SIGN_OFF_UP_STEPS
from planning.reference import reference
from services.awaiting import PENDING

CANCELLED_STEP = "cancelled"
MOVED_STEP = "moved"
HANDED_OVER_STEP = "handed-over"
_OF_SIGN_OFF = SIGN_OFF_STEPS.keys() | SIGN_OFF_UP_STEPS.keys()
GATHERED = "与当天的提醒合成一条"
"""Why something waits for the day's own reminders: it must neither count as fresh for that, nor escape a hold."""

Id = TypeVar("Id")

QUEUED = text("reminder.state = 'queued'")
"""Written out, not bound: SQLite plans a statement anew at each run when a bound value might fit a partial index."""

CHUNK = 500
"""Ids in one IN list: both databases take more, neither plans it better."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """One reminder with its assignment and its occurrence as they are now."""

    reminder_id: int
    assignment_id: int
    occurrence_id: int
    step: str
    offset: int
    epoch: int  # of the reminder
    fire_at: datetime
    held_until: datetime | None
    reason: str  # of the hold
    say: str
    message_id: int | None
    person: str
    name: str
    role: str
    active: bool
    since: datetime  # when the assignment was made
    told_on: date | None  # the due day last told, by a message that was sent
    in_doubt: bool  # a message with something of this assignment may have arrived, nobody knows
    undecided: bool  # somebody asked for a later day and waits for the answer
    ref: str
    title: str
    state: str  # of the occurrence
    silent: bool
    due_on: date
    due_at: datetime
    due_epoch: int  # of the occurrence
    original_due_on: date
    extensions: int
    provisional: bool
    awaiting_notice: bool
    standing: bool
    sign_off_awaited: bool  # it was reported done, and nobody has signed it off
    explanation: str
    as_written: str

    @property
    def waits_since(self) -> datetime:
        """From when it could have been told, had nobody held it on purpose. The morning's quarter of an hour is no such hold."""
        if self.held_until is None or self.reason == GATHERED:
            return self.fire_at
        return max(self.fire_at, self.held_until)

    @property
    def still_true(self) -> bool:
        """Whether there is still something to say: the occurrence waits for this person, or was called off."""
        if self.step == CANCELLED_STEP:
            return self.state in {OccurrenceState.WITHDRAWN, OccurrenceState.WAIVED}
        if self.step in _OF_SIGN_OFF:
            return self.sign_off_awaited and self.active and not self.silent
        if self.step == MOVED_STEP and self.told_on == self.due_on:
            return False  # meanwhile the person heard of the day in another way
        return self.state == OccurrenceState.OPEN and self.active and not self.silent


@dataclass(frozen=True, slots=True)
class Background:
    """What several reminders of a message share."""

    owners: dict[int, tuple[str, ...]]  # occurrence -> names of those who do it
    handed_by: dict[tuple[int, str], str]  # occurrence and role -> the name before
    moved_from: dict[tuple[int, int], date]  # occurrence and epoch -> the day before


def load_waiting(db: Connection, which: ColumnElement[bool], *, lock: bool = False) -> list[Waiting]:
    """The reminders for which the condition holds, in the order of their ids."""
    query = _WAITING.where(which)
    if lock:
        query = query.with_for_update(of=reminders)  # SQLite's write lock covers everything and ignores this
    return _load(db, query)


def load_planned(db: Connection, ids: Sequence[int]) -> list[Waiting]:
    """Those of the reminders that are still planned, locked: somebody may have closed theirs since they were found."""
    planned = reminders.c.state == ReminderState.PLANNED
    return [one for some in chunks(ids) for one in load_waiting(db, reminders.c.id.in_(some) & planned, lock=True)]


def load_of_message(db: Connection, message_id: int) -> list[Waiting]:
    """What a message that is not yet accepted still has to tell."""
    return _load(db, _OF_MESSAGE, {"message": message_id})


def load_background(db: Connection, waiting: Collection[Waiting]) -> Background:
    owners: dict[int, list[str]] = {}
    handed: dict[tuple[int, str], str] = {}
    moved: dict[tuple[int, int], date] = {}
    for some in chunks(sorted({one.occurrence_id for one in waiting})):
        for row in db.execute(_PEOPLE, {"occurrences": some}):
            if row.active and row.role == Role.OWNER:
                owners.setdefault(row.occurrence_id, []).append(row.name)
            elif not row.active:
                handed[row.occurrence_id, row.role] = row.name
    for some in chunks(sorted({one.occurrence_id for one in waiting if one.epoch})):  # epoch 0 is the day first planned
        for row in db.execute(_MOVES, {"occurrences": some}):
            moved[row.occurrence_id, row.due_epoch] = row.from_on
    return Background({key: tuple(names) for key, names in owners.items()}, handed, moved)


def chunks(ids: Sequence[Id]) -> Iterator[Sequence[Id]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _in_doubt() -> ColumnElement[bool]:
    """Whether a message that tells of the assignment is on the wire now, or was cut off there."""
    told = reminders.alias("told")
    unclear = or_(messages.c.ambiguous > 0, text("message.state = 'leased' AND message.phase = 'data'"))
    joined = told.join(messages, messages.c.id == told.c.message_id)
    wanted = and_(told.c.assignment_id == assignments.c.id, unclear)
    return select(told.c.id).select_from(joined).where(wanted).correlate(assignments).exists()


def _undecided() -> ColumnElement[bool]:
    asked = select(extension_requests.c.id).where(PENDING, extension_requests.c.occurrence_id == occurrences.c.id)
    return asked.correlate(occurrences).exists()


_COLUMNS = (
    reminders.c.id.label("reminder_id"),
    reminders.c.assignment_id,
    reminders.c.occurrence_id,
    reminders.c.step,
    reminders.c.offset,
    reminders.c.due_epoch.label("epoch"),
    reminders.c.fire_at,
    reminders.c.held_until,
    reminders.c.reason,
    reminders.c.say,
    reminders.c.message_id,
    assignments.c.person,
    assignments.c.name,
    assignments.c.role,
    assignments.c.active,
    assignments.c.since,
    assignments.c.told_due_on.label("told_on"),
    _in_doubt().label("in_doubt"),
    _undecided().label("undecided"),
    occurrences.c.duty_key,
    occurrences.c.period,
    occurrences.c.title,
    occurrences.c.state,
    occurrences.c.silent,
    occurrences.c.due_on,
    occurrences.c.due_at,
    occurrences.c.due_epoch,
    occurrences.c.original_due_on,
    occurrences.c.extensions,
    occurrences.c.provisional,
    occurrences.c.awaiting_notice,
    occurrences.c.standing,
    and_(occurrences.c.state == OccurrenceState.DONE, occurrences.c.sign_off_needed, occurrences.c.signed_off_at.is_(None)).label(
        "sign_off_awaited"
    ),
    occurrences.c.explanation,
    occurrences.c.as_written,
)


_WAITING = (
    select(*_COLUMNS)
    .select_from(
        reminders.join(assignments, assignments.c.id == reminders.c.assignment_id).join(
            occurrences, occurrences.c.id == reminders.c.occurrence_id
        )
    )
    .order_by(reminders.c.id)
)

# What is asked for each message, built once.
_OF_MESSAGE = _WAITING.where(reminders.c.message_id == bindparam("message"), QUEUED)
_PEOPLE = (
    select(assignments.c.occurrence_id, assignments.c.name, assignments.c.role, assignments.c.active)
    .where(assignments.c.occurrence_id.in_(bindparam("occurrences", expanding=True)))
    .order_by(assignments.c.id)
)
_MOVES = select(due_changes.c.occurrence_id, due_changes.c.due_epoch, due_changes.c.from_on).where(
    due_changes.c.occurrence_id.in_(bindparam("occurrences", expanding=True))
)


def _load(db: Connection, query: Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Waiting]:
    return [_waiting(row._asdict()) for row in db.execute(query, parameters)]


def _waiting(values: dict[str, Any]) -> Waiting:
    return Waiting(ref=reference(values.pop("duty_key"), values.pop("period")), **values)
