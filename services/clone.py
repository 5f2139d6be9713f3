"""The rows that can still matter for what will be sent, in a database of their own in memory."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, insert, or_, select

from models.message import MessageState, attempts, messages
from models.occurrence import assignments, due_changes, extension_requests, occurrences
from models.office import duties, people, units
from models.reminder import ReminderState, reminders
from models.schema import create_schema
from models.store import Store, open_store
from models.upkeep import facts, links, problems
from services.waiting import chunks

LEANING_FORWARD = timedelta(days=12)
"""What falls behind the last day may be told before it: the longest rest between two windows is a holiday."""

_LIVE = (MessageState.PENDING, MessageState.LEASED)


def clone_for_sending(store: Store, *, now: datetime, until: datetime) -> Store:
    """A copy of what is planned up to ``until`` and of what is on its way. The source is only read, in one snapshot."""
    copy = open_store("sqlite://")
    create_schema(copy)
    with store.read() as source, copy.write() as target:
        wanted = _Wanted(source, now, until)
        _copy(source, target, people)
        _copy(source, target, units)
        _copy(source, target, facts)
        _copy(source, target, problems)
        _copy_by(source, target, duties, duties.c.key, wanted.duty_keys)
        _copy_by(source, target, occurrences, occurrences.c.id, wanted.occurrence_ids)
        _copy_by(source, target, assignments, assignments.c.occurrence_id, wanted.occurrence_ids)
        _copy_by(source, target, due_changes, due_changes.c.occurrence_id, wanted.occurrence_ids)
        _copy_by(source, target, extension_requests, extension_requests.c.occurrence_id, wanted.occurrence_ids)
        _copy_by(source, target, links, links.c.assignment_id, wanted.assignment_ids)
        _copy_by(source, target, messages, messages.c.id, wanted.message_ids)
        _copy_by(source, target, attempts, attempts.c.message_id, wanted.message_ids)
        _copy(source, target, reminders, wanted.reminders)
        _copy_pressed(source, target, wanted.occurrence_ids)
    return copy


class _Wanted:
    """The keys of the rows to copy, worked out once."""

    def __init__(self, source: Connection, now: datetime, until: datetime) -> None:
        live = select(messages.c.id).where(messages.c.state.in_(_LIVE))
        planned = (reminders.c.state == ReminderState.PLANNED) & (reminders.c.fire_at <= until + LEANING_FORWARD)
        self.reminders = or_(planned, (reminders.c.state == ReminderState.QUEUED) & reminders.c.message_id.in_(live))
        newest = source.execute(select(func.max(messages.c.id))).scalar_one()  # numbers go on from it
        today = select(messages.c.id).where(messages.c.state == MessageState.SENT, messages.c.sent_at > now - timedelta(days=1))
        ids = {*source.execute(live).scalars(), *source.execute(today).scalars(), *([] if newest is None else [newest])}
        self.message_ids = sorted(_with_those_before(source, ids))
        found = select(reminders.c.occurrence_id).distinct().where(self.reminders)
        self.occurrence_ids = sorted(source.execute(found).scalars())
        self.duty_keys = sorted(set(_column(source, occurrences.c.duty_key, occurrences.c.id, self.occurrence_ids)))
        self.assignment_ids = sorted(_column(source, assignments.c.id, assignments.c.occurrence_id, self.occurrence_ids))


def _with_those_before(source: Connection, ids: set[int]) -> set[int]:
    """Messages and whatever they follow: which addresses were tried stands there."""
    found, asked = set(ids), set(ids)
    while asked:
        before = set(_column(source, messages.c.fallback_of, messages.c.id, sorted(asked))) - {None}
        asked = before - found
        found |= asked
    return found


def _column(source: Connection, wanted: ColumnElement[Any], key: ColumnElement[Any], values: Sequence[Any]) -> list[Any]:
    return [value for some in chunks(values) for value in source.execute(select(wanted).where(key.in_(some))).scalars()]


def _copy_pressed(source: Connection, target: Connection, occurrence_ids: Sequence[int]) -> None:
    """What was sent after the due day: a 催办单 says how many came before it. Their messages stay behind."""
    for some in chunks(occurrence_ids):
        sent = (reminders.c.state == ReminderState.SENT) & reminders.c.step.like("T+%") & reminders.c.occurrence_id.in_(some)
        rows = source.execute(select(reminders).where(sent)).mappings()
        _put(target, reminders, ({**row, "message_id": None} for row in rows))


def _copy_by(source: Connection, target: Connection, table: Table, key: ColumnElement[Any], values: Sequence[Any]) -> None:
    for some in chunks(values):
        _copy(source, target, table, key.in_(some))


def _copy(source: Connection, target: Connection, table: Table, *conditions: ColumnElement[bool]) -> None:
    _put(target, table, (dict(row) for row in source.execute(select(table).where(*conditions)).mappings()))


def _put(target: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        target.execute(insert(table), listed)
