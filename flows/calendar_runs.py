"""Which runs Prefect's calendar should hold, against those it holds. Pure: flows/upcoming.py carries it out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from uuid import UUID

from flows.words import KINDS, day_title, run_name
from planning.instants import instant
from reports.agenda import AgendaDay


@dataclass(frozen=True, slots=True)
class Wanted:
    """One run that should stand in the calendar. ``key`` is the idempotency key: kind and day."""

    key: str
    name: str
    at: datetime
    day: str
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One run that stands in the calendar and has not begun. Those that a schedule made have no key."""

    id: UUID
    key: str
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Differences:
    create: tuple[Wanted, ...]
    rename: tuple[tuple[UUID, str], ...]
    delete: tuple[UUID, ...]
    kept: int


def wanted_runs(days: Iterable[AgendaDay], *, remind_at: time, tz: tzinfo) -> tuple[Wanted, ...]:
    """One run for each day, at the moment at which that day's reminders fall due."""
    return tuple(
        Wanted(
            key=f"{day.kind}:{day.on.isoformat()}",
            name=day_title(day),
            at=instant(day.on, remind_at, tz),
            day=day.on.isoformat(),
            tags=(KINDS[day.kind], "到期" if day.due else "提醒"),
        )
        for day in days
    )


def compare(wanted: Iterable[Wanted], held: Sequence[Held], *, now: datetime, daily: str = "", tz: tzinfo = UTC) -> Differences:
    """What to change. A moment that has passed is never planned anew; what waits there is left to run.

    ``daily`` says what the schedule's own runs do: Prefect gives them names like smart-marmoset.
    """
    should = {one.key: one for one in wanted}
    delete: list[UUID] = []
    rename: list[tuple[UUID, str]] = []
    kept: set[str] = set()
    for run in held:
        if not run.key:
            rename.extend([(run.id, run_name(daily, run.at, tz))] if run.name.isascii() else [])
            continue
        one = should.get(run.key)
        if one is None or one.at != run.at or run.key in kept:
            delete.append(run.id)
            continue
        kept.add(run.key)
        if run.name != one.name:
            rename.append((run.id, one.name))
    create = tuple(one for one in should.values() if one.key not in kept and one.at > now)
    return Differences(create, tuple(rename), tuple(delete), len(kept))
