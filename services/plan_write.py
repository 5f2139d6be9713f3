"""New occurrences in bulk, with their assignments and reminders, and the shapes of the rows that a plan inserts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, func, insert, select, text

from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from planning.held import PLANNED_LATE
from planning.placement import Part, Wanted
from planning.reconcile import columns_of
from planning.stepping import Agenda, Moment
from services.failpoints import reach

CHUNK = 5_000
"""Rows of one INSERT: enough that the call costs nothing, few enough that they take no memory worth naming."""


class Keys(NamedTuple):
    """The id of a new reminder, and of the rows it belongs to."""

    reminder: int
    assignment: int
    occurrence: int


_LOCKED = ("occurrence", "assignment", "reminder")


def lock_plan(db: Connection) -> None:
    """Keep everybody else from writing what is planned until the end. SQLite's write lock does so already."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"LOCK TABLE {', '.join(_LOCKED)} IN EXCLUSIVE MODE"))


def insert_occurrences(db: Connection, added: Sequence[tuple[Wanted, Agenda]], *, now: datetime) -> None:
    """New occurrences with their assignments and reminders. The caller holds the plan's lock."""
    first = reserve_ids(db, occurrences, len(added))
    insert_rows(db, occurrences, (_occurrence_row(first + n, wanted, now) for n, (wanted, _) in enumerate(added)))
    reach("P2")
    parts = sum(len(wanted.crew.parts) for wanted, _ in added)
    first_part = reserve_ids(db, assignments, parts)
    insert_rows(db, assignments, _assignment_rows(added, first, first_part, now))
    spoken = [(wanted, agenda) for wanted, agenda in added if not wanted.silent]
    count = sum(
        len(agenda.entries(wanted.due_on, part.role, wanted.crew.roles))
        for wanted, agenda in spoken
        for part in wanted.crew.parts
    )
    insert_rows(db, reminders, _reminder_rows(added, first, first_part, reserve_ids(db, reminders, count)))


def reserve_ids(db: Connection, table: Table, count: int) -> int:
    """The first of ``count`` free ids in a row. Safe only under the plan's lock."""
    if count == 0:
        return 0
    if db.dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        last = db.execute(text(f"SELECT setval({sequence}, nextval({sequence}) + :more)"), {"more": count - 1}).scalar_one()
        return int(last) - count + 1
    return int(db.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def insert_rows(db: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert as the rows come, in chunks; all rows have the same columns."""
    remaining = iter(rows)
    while chunk := list(islice(remaining, CHUNK)):
        db.execute(insert(table), chunk)


def _occurrence_row(key: int, wanted: Wanted, now: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "duty_key": wanted.duty_key,
        "period": wanted.period,
        **columns_of(wanted),
        "planned_on": wanted.due_on,
        "original_due_on": wanted.due_on,
        "due_on": wanted.due_on,
        "due_epoch": 0,
        "extensions": 0,
        "extension_days": 0,
        "state": OccurrenceState.OPEN,
        "late": False,
        "proved": False,
        "row_version": 0,
        "planned_at": now,
    }


def _assignment_rows(
    added: Sequence[tuple[Wanted, Agenda]], first: int, first_part: int, now: datetime
) -> Iterator[dict[str, Any]]:
    key = first_part
    for occurrence, (wanted, _) in enumerate(added, start=first):
        for part in wanted.crew.parts:
            yield assignment_row(key, occurrence, part, now)
            key += 1


def assignment_row(key: int, occurrence: int, part: Part, now: datetime) -> dict[str, Any]:
    return {
        "id": key,
        "occurrence_id": occurrence,
        "person": part.person,
        "name": part.name,
        "role": part.role.value,
        "active": True,
        "handed": False,
        "since": now,
    }


def _reminder_rows(
    added: Sequence[tuple[Wanted, Agenda]], first: int, first_part: int, first_reminder: int
) -> Iterator[dict[str, Any]]:
    key, assignment = first_reminder, first_part
    for occurrence, (wanted, agenda) in enumerate(added, start=first):
        for part in wanted.crew.parts:
            entries = () if wanted.silent else agenda.entries(wanted.due_on, part.role, wanted.crew.roles)
            for entry in entries:
                folded = PLANNED_LATE if entry.folded else ""
                yield reminder_row(Keys(key, assignment, occurrence), entry.moment, epoch=0, folded=folded)
                key += 1
            assignment += 1


def reminder_row(keys: Keys, moment: Moment, *, epoch: int, folded: str) -> dict[str, Any]:
    """``folded`` is the reason why it is never to speak; empty when it waits for its moment."""
    return {
        "id": keys.reminder,
        "assignment_id": keys.assignment,
        "occurrence_id": keys.occurrence,
        "step": moment.step,
        "offset": moment.offset,
        "due_epoch": epoch,
        "fire_at": moment.fire_at,
        "say": moment.say,
        "state": ReminderState.FOLDED if folded else ReminderState.PLANNED,
        "reason": folded,
    }
