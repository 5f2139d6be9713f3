"""The days on which something happens, kind by kind: what Prefect shows as the year that is coming."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, Select, func, select

from models.occurrence import OccurrenceState, occurrences
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.duty import Kind
from planning.instants import instant
from reports.conditions import is_extension_pending


@dataclass(frozen=True, slots=True)
class AgendaDay:
    """One day of one kind. ``due`` and ``reminding`` count occurrences; the title is that of the first one."""

    kind: Kind
    on: date
    title: str
    period: str  # of the first one: 2026-Q1
    due: int  # open occurrences due on the day
    reminding: int  # of which somebody is reminded on the day; only told when nothing is due
    overdue: bool = False  # nothing but reminders after the due day


def agenda(store: Store, *, since: date, until: date, tz: ZoneInfo) -> tuple[AgendaDay, ...]:
    """The days from ``since`` to ``until`` (both included), by day and kind. Days with nothing are left out."""
    with store.read() as db:
        days = {(day.kind, day.on): day for day in _reminding_days(db, since, until, tz)}
        days |= {(day.kind, day.on): day for day in _due_days(db, since, until)}
    return tuple(sorted(days.values(), key=lambda day: (day.on, list(Kind).index(day.kind))))


def _due_days(db: Connection, since: date, until: date) -> Iterable[AgendaDay]:
    table = occurrences.c
    found = (
        select(table.kind, table.due_on.label("at"), func.count().label("many"), func.min(table.id).label("first"))
        .where(table.state == OccurrenceState.OPEN, table.silent.is_(False), table.due_on.between(since, until))
        .group_by(table.kind, table.due_on)
    )
    for row in _with_title(db, found):
        yield AgendaDay(Kind(row.kind), row.at, row.title, row.period, due=row.many, reminding=0)


def _reminding_days(db: Connection, since: date, until: date, tz: ZoneInfo) -> Iterable[AgendaDay]:
    """Grouped by moment in the database, by day here: the moments of a year are few, and a day is a local matter."""
    table = reminders.c
    found = (
        select(
            occurrences.c.kind,
            table.fire_at.label("at"),
            func.count(occurrences.c.id.distinct()).label("many"),
            func.min(occurrences.c.id).label("first"),
            func.min(table.offset).label("earliest"),
        )
        .join(occurrences, occurrences.c.id == table.occurrence_id)
        .where(
            table.state == ReminderState.PLANNED,
            ~is_extension_pending(),  # the ladder rests
            table.fire_at >= instant(since, time(), tz),
            table.fire_at < instant(until + timedelta(days=1), time(), tz),
        )
        .group_by(occurrences.c.kind, table.fire_at)
    )
    days: dict[tuple[Kind, date], AgendaDay] = {}
    for row in sorted(_with_title(db, found), key=lambda row: row.at):
        kind, on = Kind(row.kind), row.at.astimezone(tz).date()
        known = days.get((kind, on))
        if known is None:
            days[kind, on] = AgendaDay(kind, on, row.title, row.period, due=0, reminding=row.many, overdue=row.earliest > 0)
        else:
            late = known.overdue and row.earliest > 0
            days[kind, on] = replace(known, reminding=known.reminding + row.many, overdue=late)
    return days.values()


def _with_title(db: Connection, found: Select[tuple[object, ...]]) -> Iterable[Row[tuple[object, ...]]]:
    groups = found.subquery()
    return db.execute(
        select(groups, occurrences.c.title, occurrences.c.period).join(occurrences, occurrences.c.id == groups.c.first)
    )
