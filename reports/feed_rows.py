"""What belongs into the calendar of a person or of a unit, and when each of it last changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select

from models.occurrence import OccurrenceState, assignments, due_changes, occurrences
from models.office import duties, units
from planning.duty import Role
from planning.instants import instant
from planning.reference import reference

MOST = 2000
"""Entries of one calendar. A county's whole year is no calendar that anybody reads, and takes seconds to write."""

KEPT_DAYS = 60
"""How long stays what was done or called off: long enough for a calendar that is opened once a month."""

_BACK_DAYS, _AHEAD_DAYS = 90, 400

_ACTING = (Role.OWNER, Role.PARTNER, Role.VERIFIER)
"""As with the file beside a mail: what others must do belongs into their calendars. Who oversees takes the unit's."""


@dataclass(frozen=True, slots=True)
class Window:
    """Which due days are shown, and since when something may have ended and still be shown."""

    as_of: date
    first: date
    last: date
    ended_since: datetime

    @classmethod
    def around(cls, as_of: date, tz: ZoneInfo) -> Self:
        day = timedelta(days=1)
        ended_since = instant(as_of - KEPT_DAYS * day, time(), tz)
        return cls(as_of, as_of - _BACK_DAYS * day, as_of + _AHEAD_DAYS * day, ended_since)


@dataclass(frozen=True, slots=True)
class FeedRow:
    id: int
    ref: str
    title: str
    unit: str | None
    due_on: date
    due_at: datetime
    due_epoch: int
    provisional: bool
    awaiting_notice: bool
    standing: bool
    explanation: str
    as_written: str
    state: str
    done_on: date | None
    changed_at: datetime
    role: str = ""  # of the person whose calendar it is; empty in a unit's
    released: bool = False  # it was the person's, and is not any more
    owners: tuple[str, ...] = ()  # names; only in a unit's


@dataclass(frozen=True, slots=True)
class Found:
    rows: tuple[FeedRow, ...]  # by due day
    left_out: int  # those furthest from today


def rows_of_person(db: Connection, person: str, window: Window) -> Found:
    """What the person does, partners in or verifies; and what was taken off the person lately."""
    mine = and_(assignments.c.person == person, assignments.c.role.in_(_ACTING))
    columns = (assignments.c.role, assignments.c.since)
    # Two questions, as the index of parts knows the active ones only, and released ones are few.
    held = _joined(*columns).where(mine, assignments.c.active, _is_shown(window))
    ended_at = func.coalesce(_taken_at(), duties.c.planned_at)
    given_up = _joined(*columns, ended_at.label("ended_at")).where(mine, ~assignments.c.active, _is_near(window))
    found: dict[int, FeedRow] = {}
    for row in db.execute(held.order_by(assignments.c.id)):
        found.setdefault(row.id, _feed_row(row, row.since, role=row.role))
    for row in db.execute(given_up.where(ended_at >= window.ended_since).order_by(assignments.c.id)):
        found.setdefault(row.id, _feed_row(row, row.since, row.ended_at, role=row.role, released=True))
    return Found(_in_order(found.values()), left_out=0)


def rows_of_units(db: Connection, keys: Collection[str], window: Window) -> Found:
    """What the units answer for, with those who do it; of too many those nearest to today."""
    wanted = and_(occurrences.c.unit.in_(keys), _is_shown(window))
    query = _joined().where(wanted)
    due_on, number = occurrences.c.due_on, occurrences.c.id
    ahead = db.execute(query.where(due_on >= window.as_of).order_by(due_on, number).limit(MOST)).all()
    past = query.where(due_on < window.as_of).order_by(due_on.desc(), number.desc())
    rows = [*ahead, *db.execute(past.limit(MOST - len(ahead)))]
    total = len(rows)
    if total == MOST:
        total = db.execute(select(func.count()).select_from(occurrences).where(wanted)).scalar_one()
    owners = _owners(db, [row.id for row in rows])
    shown = (_feed_row(row, *(since for _, since in owners[row.id]), owners=_names(owners[row.id])) for row in rows)
    return Found(_in_order(shown), left_out=total - len(rows))


def below(db: Connection, unit: str) -> frozenset[str]:
    """The unit and everything under it. A ring in the tree, which the files refuse, would end here as well."""
    parts: dict[str | None, list[str]] = defaultdict(list)
    for row in db.execute(select(units.c.key, units.c.parent)):
        parts[row.parent].append(row.key)
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(parts[key])
    return frozenset(found)


def _is_near(window: Window) -> ColumnElement[bool]:
    """In the window; not what lies before the start date (启用日), of which nobody hears."""
    return and_(occurrences.c.due_on.between(window.first, window.last), ~occurrences.c.silent)


def _is_shown(window: Window) -> ColumnElement[bool]:
    """Done, waived and withdrawn ones stay a while: an entry that only vanishes tells nobody why."""
    still = or_(occurrences.c.state == OccurrenceState.OPEN, occurrences.c.closed_at >= window.ended_since)
    return and_(_is_near(window), still)


def _joined(*columns: ColumnElement[Any]) -> Select[Any]:
    """Occurrences with their duties and, when a column of theirs is asked for, the parts in them."""
    moved_at = select(func.max(due_changes.c.at)).where(due_changes.c.occurrence_id == occurrences.c.id).scalar_subquery()
    planned = duties.c.planned_at.label("duty_planned_at")
    query = select(occurrences, planned, moved_at.label("moved_at"), *columns)
    if columns:
        query = query.join(assignments, assignments.c.occurrence_id == occurrences.c.id)
    return query.join(duties, duties.c.key == occurrences.c.duty_key)


def _taken_at() -> ColumnElement[datetime]:
    """When somebody else took the place that a part had. No row says when a part ended; a plan that only drops one shows."""
    other = assignments.alias("other")
    of_same = and_(other.c.occurrence_id == assignments.c.occurrence_id, other.c.role == assignments.c.role)
    later = select(func.min(other.c.since)).where(of_same, other.c.since > assignments.c.since)
    return later.correlate(assignments).scalar_subquery()


def _feed_row(row: Row[Any], *moments: datetime, **fields: Any) -> FeedRow:  # noqa: ANN401 - FeedRow's own
    return FeedRow(
        id=row.id,
        ref=reference(row.duty_key, row.period),
        title=row.title,
        unit=row.unit,
        due_on=row.due_on,
        due_at=row.due_at,
        due_epoch=row.due_epoch,
        provisional=row.provisional,
        awaiting_notice=row.awaiting_notice,
        standing=row.standing,
        explanation=row.explanation,
        as_written=row.as_written,
        state=row.state,
        done_on=row.done_on,
        changed_at=_changed_at(row, moments),
        **fields,
    )


def _changed_at(row: Row[Any], moments: Iterable[datetime]) -> datetime:
    """Every change of an entry's words or day leaves one of these; a plan touches open rows only."""
    by_plan = [row.duty_planned_at] if row.state == OccurrenceState.OPEN else []
    later: tuple[datetime | None, ...] = (row.moved_at, row.closed_at, *by_plan, *moments)
    planned_at: datetime = row.planned_at
    return max(planned_at, *(moment for moment in later if moment is not None))


def _owners(db: Connection, ids: Sequence[int]) -> Mapping[int, list[tuple[str, datetime]]]:
    owning = (
        select(assignments.c.occurrence_id, assignments.c.name, assignments.c.since)
        .where(assignments.c.occurrence_id.in_(ids), assignments.c.active, assignments.c.role == Role.OWNER)
        .order_by(assignments.c.id)
    )
    found: dict[int, list[tuple[str, datetime]]] = defaultdict(list)
    for row in db.execute(owning):
        found[row.occurrence_id].append((row.name, row.since))
    return found


def _names(owners: Iterable[tuple[str, datetime]]) -> tuple[str, ...]:
    return tuple(name for name, _ in owners)


def _in_order(rows: Iterable[FeedRow]) -> tuple[FeedRow, ...]:
    return tuple(sorted(rows, key=lambda row: (row.due_on, row.id)))
