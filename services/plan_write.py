"""Writes a plan's difference: new rows in bulk, changed rows one kind of change at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select, text, update

from models.message import MessageState, messages
from models.occurrence import OccurrenceState, assignments, due_changes, occurrences
from models.reminder import ReminderState, reminders
from planning.changes import Change, Ending, NewReminder
from planning.placement import Part, Wanted
from planning.reconcile import columns_of
from planning.respeaking import PLANNED_LATE
from planning.stepping import Agenda, Moment

CHUNK = 5_000
"""Rows of one INSERT: enough that the call costs nothing, few enough that they take no memory worth naming."""

_LOCKED = ("occurrence", "assignment", "reminder")


def lock_plan(db: Connection) -> None:
    """Keep everybody else from writing what is planned until the end. SQLite's write lock does so already."""
    if db.dialect.name == "postgresql":
        db.execute(text(f"LOCK TABLE {', '.join(_LOCKED)} IN EXCLUSIVE MODE"))


def insert_occurrences(db: Connection, added: Sequence[tuple[Wanted, Agenda]], *, now: datetime) -> None:
    """New occurrences with their assignments and reminders. The caller holds the plan's lock."""
    first = reserve_ids(db, occurrences, len(added))
    _insert(db, occurrences, (_occurrence_row(first + n, wanted, now) for n, (wanted, _) in enumerate(added)))
    parts = sum(len(wanted.crew.parts) for wanted, _ in added)
    first_part = reserve_ids(db, assignments, parts)
    _insert(db, assignments, _assignment_rows(added, first, first_part, now))
    spoken = [(wanted, agenda) for wanted, agenda in added if not wanted.silent]
    count = sum(len(agenda.entries(wanted.due_on, part.role)) for wanted, agenda in spoken for part in wanted.crew.parts)
    _insert(db, reminders, _reminder_rows(added, first, first_part, reserve_ids(db, reminders, count)))


def apply_changes(db: Connection, changes: Sequence[Change], *, now: datetime) -> None:
    """Write every change of rows that are already there. The caller holds the plan's lock."""
    _update_occurrences(db, changes)
    _record_moves(db, changes, now)
    _end_reminders(db, [ending for change in changes for ending in change.ended])
    _adjust_reminders(db, changes)
    _release_and_revive(db, changes, now)
    joined = _insert_parts(db, changes, now)
    entered = [(change.row, one) for change in changes for one in change.entered]
    first = reserve_ids(db, reminders, len(entered))
    _insert(db, reminders, (_entered_row(first + n, row, one, joined) for n, (row, one) in enumerate(entered)))


def reserve_ids(db: Connection, table: Table, count: int) -> int:
    """The first of ``count`` free ids in a row. Safe only under the plan's lock."""
    if count == 0:
        return 0
    if db.dialect.name == "postgresql":
        sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
        last = db.execute(text(f"SELECT setval({sequence}, nextval({sequence}) + :more)"), {"more": count - 1}).scalar_one()
        return int(last) - count + 1
    return int(db.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()) + 1


def _insert(db: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
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
            yield _assignment_row(key, occurrence, part, now)
            key += 1


def _assignment_row(key: int, occurrence: int, part: Part, now: datetime) -> dict[str, Any]:
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
            entries = () if wanted.silent else agenda.entries(wanted.due_on, part.role)
            for entry in entries:
                folded = PLANNED_LATE if entry.folded else ""
                yield _reminder_row(key, assignment, occurrence, entry.moment, 0, folded)
                key += 1
            assignment += 1


def _reminder_row(key: int, assignment: int, occurrence: int, moment: Moment, epoch: int, folded: str) -> dict[str, Any]:
    return {
        "id": key,
        "assignment_id": assignment,
        "occurrence_id": occurrence,
        "step": moment.step,
        "offset": moment.offset,
        "due_epoch": epoch,
        "fire_at": moment.fire_at,
        "say": moment.say,
        "state": ReminderState.FOLDED if folded else ReminderState.PLANNED,
        "reason": folded,
    }


def _entered_row(key: int, occurrence: int, one: NewReminder, joined: Mapping[tuple[int, Part], int]) -> dict[str, Any]:
    assignment = one.assignment if isinstance(one.assignment, int) else joined[occurrence, one.assignment]
    return _reminder_row(key, assignment, occurrence, one.moment, one.due_epoch, one.folded)


def _update_occurrences(db: Connection, changes: Sequence[Change]) -> None:
    """Equal sets of columns go together: a notice for a whole year touches the same two columns of thousands of rows."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        row = {f"new_{name}": value for name, value in change.columns.items()}
        together[tuple(sorted(change.columns))].append({"row": change.row, **row})
    for names, rows in together.items():
        values = {name: bindparam(f"new_{name}", type_=occurrences.c[name].type) for name in names}
        statement = (
            update(occurrences)
            .where(occurrences.c.id == bindparam("row"))
            .values(**values, row_version=occurrences.c.row_version + 1)
        )
        db.execute(statement, rows)


def _record_moves(db: Connection, changes: Sequence[Change], now: datetime) -> None:
    rows = [
        {
            "occurrence_id": change.row,
            "due_epoch": change.move.due_epoch,
            "from_on": change.move.from_on,
            "to_on": change.move.to_on,
            "cause": change.move.cause,
            "reason": change.move.reason,
            "at": now,
        }
        for change in changes
        if change.move is not None
    ]
    _insert(db, due_changes, rows)


def _end_reminders(db: Connection, endings: Sequence[Ending]) -> None:
    if not endings:
        return
    # A queued reminder is called back only while nobody holds its message: what may be on the wire stays as it is.
    held_by_nobody = select(messages.c.id).where(messages.c.state == MessageState.PENDING)
    statement = (
        update(reminders)
        .where(reminders.c.id == bindparam("row"))
        .where(
            (reminders.c.state == ReminderState.PLANNED)
            | ((reminders.c.state == ReminderState.QUEUED) & reminders.c.message_id.in_(held_by_nobody))
        )
        .values(state=bindparam("new_state"), reason=bindparam("new_reason"))
    )
    db.execute(statement, [{"row": one.reminder, "new_state": one.state, "new_reason": one.reason} for one in endings])


def _adjust_reminders(db: Connection, changes: Sequence[Change]) -> None:
    rows = [
        {"row": one.reminder, "new_offset": one.offset, "new_fire_at": one.fire_at, "new_say": one.say}
        for change in changes
        for one in change.adjusted
    ]
    if not rows:
        return
    statement = (
        update(reminders)
        .where(reminders.c.id == bindparam("row"), reminders.c.state == ReminderState.PLANNED)
        .values(
            offset=bindparam("new_offset"),
            fire_at=bindparam("new_fire_at", type_=reminders.c.fire_at.type),
            say=bindparam("new_say"),
        )
    )
    db.execute(statement, rows)


def _release_and_revive(db: Connection, changes: Sequence[Change], now: datetime) -> None:
    released = [{"row": key} for change in changes for key in change.released]
    revived = [{"row": key, "now": now} for change in changes for key in change.revived]
    this_row = assignments.c.id == bindparam("row")
    if released:
        db.execute(update(assignments).where(this_row).values(active=False), released)
    if revived:
        since = bindparam("now", type_=assignments.c.since.type)
        db.execute(update(assignments).where(this_row).values(active=True, since=since), revived)


def _insert_parts(db: Connection, changes: Sequence[Change], now: datetime) -> dict[tuple[int, Part], int]:
    """The new assignments' ids, by occurrence and part."""
    joining = [(change.row, part) for change in changes for part in change.joined]
    first = reserve_ids(db, assignments, len(joining))
    _insert(db, assignments, (_assignment_row(first + n, row, part, now) for n, (row, part) in enumerate(joining)))
    return {(row, part): first + n for n, (row, part) in enumerate(joining)}
