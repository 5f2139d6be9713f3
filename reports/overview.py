"""The leaders' page: one year in figures, what is overdue with names, and what comes next month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, extract, func, select

from models.occurrence import occurrences
from models.office import plans, units
from models.record import log_entries
from models.store import Store
from planning.duty import Kind
from planning.workdays import Workdays
from reports.conditions import is_kept, is_open, is_overdue
from reports.figures import Figures, counts, figures_of
from reports.occurrences import Listing, lines_of
from reports.snapshot import snapshot

LISTED = 50
"""Lines of a list on the overview; the total says how many there are."""

_row = occurrences.c
_MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class UnitFigures:
    unit: str | None
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Overview:
    year: int
    as_of: date
    whole: Figures
    by_kind: Mapping[str, Figures]  # kinds in their own order, all of them
    by_unit: tuple[UnitFigures, ...]  # in official order, never by merit
    by_month: tuple[Figures, ...]  # January first
    overdue: Listing  # of all years: what is owed stays owed
    next_month: Listing
    next_month_from: date


def overview(
    store: Store,
    year: int,
    *,
    as_of: date,
    workdays: Workdays,
    extra: Sequence[ColumnElement[bool]] = (),
    listed: int = LISTED,
) -> Overview:
    """The year as it stands on a day; occurrences belong to the year of the due day in force.

    ``extra`` narrows everything (one unit's page). The figures are three aggregate questions, whatever the number of rows.
    """
    this_year = [_row.due_on.between(date(year, 1, 1), date(year, 12, 31)), *extra]
    first = (as_of.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    coming = [is_open(), _row.due_on.between(first, last), *extra]
    with snapshot(store) as db:
        by_kind = _by_kind(db, this_year, as_of)
        return Overview(
            year=year,
            as_of=as_of,
            whole=sum(by_kind.values(), start=Figures()),
            by_kind=by_kind,
            by_unit=_by_unit(db, this_year, as_of),
            by_month=_by_month(db, this_year, as_of),
            overdue=_listing(db, [is_overdue(as_of), *extra], as_of, workdays, listed),
            next_month=_listing(db, coming, as_of, workdays, listed),
            next_month_from=first,
        )


def last_change(store: Store) -> tuple[int, int]:
    """A stamp that is new whenever figures may be: the newest log entry and the newest plan. Cheap; for caches."""
    with store.read() as db:
        entry = select(func.coalesce(func.max(log_entries.c.seq), 0)).scalar_subquery()
        plan = select(func.coalesce(func.max(plans.c.id), 0)).scalar_subquery()
        found = db.execute(select(entry, plan)).one()
    return int(found[0]), int(found[1])


def _by_kind(db: Connection, wanted: Sequence[ColumnElement[bool]], as_of: date) -> dict[str, Figures]:
    found = _grouped(db, _row.kind, wanted, as_of)
    return {kind.value: found.get(kind.value, Figures()) for kind in Kind}


def _by_unit(db: Connection, wanted: Sequence[ColumnElement[bool]], as_of: date) -> tuple[UnitFigures, ...]:
    found = _grouped(db, _row.unit, wanted, as_of)
    known = db.execute(select(units.c.key, units.c.name).order_by(units.c.position, units.c.key)).all()
    named = [UnitFigures(row.key, row.name, found.pop(row.key)) for row in known if row.key in found]
    # A unit that left the files is still answerable for what was; it stands last.
    return (*named, *(UnitFigures(key, key or "未定单位", found[key]) for key in sorted(found, key=str)))


def _by_month(db: Connection, wanted: Sequence[ColumnElement[bool]], as_of: date) -> tuple[Figures, ...]:
    month = extract("month", _row.due_on)
    found = {int(key): figures for key, figures in _grouped(db, month, wanted, as_of).items()}
    return tuple(found.get(number, Figures()) for number in _MONTHS)


def _grouped(db: Connection, by: ColumnElement[Any], wanted: Sequence[ColumnElement[bool]], as_of: date) -> dict[Any, Figures]:
    query = select(by.label("key"), *counts(as_of)).where(*wanted, is_kept()).group_by(by)
    return {row.key: figures_of(row) for row in db.execute(query)}


def _listing(db: Connection, wanted: Sequence[ColumnElement[bool]], as_of: date, workdays: Workdays, limit: int) -> Listing:
    total = int(db.execute(select(func.count()).select_from(occurrences).where(*wanted)).scalar_one())
    return Listing(lines_of(db, wanted, as_of=as_of, workdays=workdays, limit=limit) if total else (), total)
