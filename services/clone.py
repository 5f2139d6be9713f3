"""The rows that can still matter for what will be sent, in a database of their own in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, insert, or_, select

from models.message import MessageState, attempts, messages
from models.occurrence import assignments, due_changes, occurrences
from models.office import duties, people
from models.reminder import ReminderState, reminders
from models.schema import create_schema
from models.store import Store, open_store
from models.upkeep import facts, links, problems
from services.waiting import chunks

_LIVE = (MessageState.PENDING, MessageState.LEASED)


def clone_for_sending(store: Store, *, until: datetime) -> Store:
    """A copy of what is planned up to ``until`` and of what is on its way. The source is only read, in one snapshot."""
    copy = open_store("sqlite://")
    create_schema(copy)
    with store.read() as source, copy.write() as target:
        wanted = _Wanted(source, until)
        _copy(source, target, people)
        _copy(source, target, facts)
        _copy(source, target, problems)
        _copy_by(source, target, duties, duties.c.key, wanted.duty_keys)
        _copy_by(source, target, occurrences, occurrences.c.id, wanted.occurrence_ids)
        _copy_by(source, target, assignments, assignments.c.occurrence_id, wanted.occurrence_ids)
        _copy_by(source, target, due_changes, due_changes.c.occurrence_id, wanted.occurrence_ids)
        _copy_by(source, target, links, links.c.assignment_id, wanted.assignment_ids)
        _copy_by(source, target, messages, messages.c.id, wanted.message_ids)
        _copy_by(source, target, attempts, attempts.c.message_id, wanted.message_ids)
        _copy(source, target, reminders, wanted.reminders)
    return copy


class _Wanted:
    """The keys of the rows to copy, worked out once."""

    def __init__(self, source: Connection, until: datetime) -> None:
        live = select(messages.c.id).where(messages.c.state.in_(_LIVE))
        planned = (reminders.c.state == ReminderState.PLANNED) & (reminders.c.fire_at <= until)
        self.reminders = or_(planned, (reminders.c.state == ReminderState.QUEUED) & reminders.c.message_id.in_(live))
        newest = source.execute(select(func.max(messages.c.id))).scalar_one()  # numbers go on from it
        self.message_ids = sorted({*source.execute(live).scalars(), *([] if newest is None else [newest])})
        found = select(reminders.c.occurrence_id).distinct().where(self.reminders)
        self.occurrence_ids = sorted(source.execute(found).scalars())
        self.duty_keys = sorted(set(_column(source, occurrences.c.duty_key, occurrences.c.id, self.occurrence_ids)))
        self.assignment_ids = sorted(_column(source, assignments.c.id, assignments.c.occurrence_id, self.occurrence_ids))


def _column(source: Connection, wanted: ColumnElement[Any], key: ColumnElement[Any], values: Sequence[Any]) -> list[Any]:
    return [value for some in chunks(values) for value in source.execute(select(wanted).where(key.in_(some))).scalars()]


def _copy_by(source: Connection, target: Connection, table: Table, key: ColumnElement[Any], values: Sequence[Any]) -> None:
    for some in chunks(values):
        _copy(source, target, table, key.in_(some))


def _copy(source: Connection, target: Connection, table: Table, *conditions: ColumnElement[bool]) -> None:
    _put(target, table, (dict(row) for row in source.execute(select(table).where(*conditions)).mappings()))


def _put(target: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        target.execute(insert(table), listed)
