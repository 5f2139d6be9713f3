"""Changed occurrences, one kind of change at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from models.message import MessageState, messages
from models.occurrence import OccurrenceState, assignments, due_changes, occurrences
from models.reminder import ReminderState, reminders
from planning.changes import Change, Ending, NewReminder
from planning.placement import Part
from services.awaiting import awaiting, end_request
from services.failpoints import reach
from services.plan_write import Keys, assignment_row, insert_rows, reminder_row, reserve_ids


def apply_changes(db: Connection, changes: Sequence[Change], *, now: datetime) -> None:
    """Write every change of rows that are already there. The caller holds the plan's lock."""
    _update_occurrences(db, changes)
    _record_moves(db, changes, now)
    reach("P4")
    _end_reminders(db, [ending for change in changes for ending in change.ended])
    _adjust_reminders(db, changes)
    _release_and_revive(db, changes, now)
    _forget(db, changes)
    for occurrence in sorted(awaiting(db, [change.row for change in changes if change.withdrawn])):
        end_request(db, occurrence, now)
    joined = _insert_parts(db, changes, now)
    entered = [(change.row, one) for change in changes for one in change.entered]
    first = reserve_ids(db, reminders, len(entered))
    insert_rows(db, reminders, (_entered_row(first + n, row, one, joined) for n, (row, one) in enumerate(entered)))


def _entered_row(key: int, occurrence: int, one: NewReminder, joined: Mapping[tuple[int, Part], int]) -> dict[str, Any]:
    assignment = one.assignment if isinstance(one.assignment, int) else joined[occurrence, one.assignment]
    return reminder_row(Keys(key, assignment, occurrence), one.moment, epoch=one.due_epoch, folded=one.folded)


def _update_occurrences(db: Connection, changes: Sequence[Change]) -> None:
    """Equal sets of columns go together: a notice for a whole year touches the same two columns of thousands of rows."""
    together: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for change in changes:
        leaves = OccurrenceState.WITHDRAWN if change.reopened else OccurrenceState.OPEN
        row = {f"new_{name}": value for name, value in change.columns.items()}
        together[tuple(sorted(change.columns))].append({"row": change.row, "leaves": leaves, **row})
    for names, rows in together.items():
        values = {name: bindparam(f"new_{name}", type_=occurrences.c[name].type) for name in names}
        statement = (
            update(occurrences)
            .where(occurrences.c.id == bindparam("row"), occurrences.c.state == bindparam("leaves"))
            .values(**values, row_version=occurrences.c.row_version + 1)
        )
        changed = db.execute(statement, rows).rowcount
        if changed != len(rows):
            raise RuntimeError(f"{len(rows) - changed} occurrences changed under the plan's lock")


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
    insert_rows(db, due_changes, rows)


def _end_reminders(db: Connection, endings: Sequence[Ending]) -> None:
    if not endings:
        return
    # A queued reminder is called back only while nobody holds its message: what may be on the wire stays as it is.
    held_by_nobody = select(messages.c.id).where(messages.c.state == MessageState.PENDING, messages.c.ambiguous == 0)
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


def _forget(db: Connection, changes: Sequence[Change]) -> None:
    rows = [{"row": key} for change in changes for key in change.forgotten]
    if rows:
        db.execute(update(assignments).where(assignments.c.id == bindparam("row")).values(told_due_on=None), rows)


def _insert_parts(db: Connection, changes: Sequence[Change], now: datetime) -> dict[tuple[int, Part], int]:
    """The new assignments' ids, by occurrence and part."""
    joining = [(change.row, part) for change in changes for part in change.joined]
    first = reserve_ids(db, assignments, len(joining))
    insert_rows(db, assignments, (assignment_row(first + n, row, part, now) for n, (row, part) in enumerate(joining)))
    return {(row, part): first + n for n, (row, part) in enumerate(joining)}
