"""The leaders' page: one year in figures, what is overdue with names, and what comes next month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo

from sqlalchemy import ColumnElement, Connection, extract, func, select

from models.occurrence import occurrences
from models.office import units
from models.store import Store
from planning.duty import Kind
from planning.workdays import Workdays
from reports.conditions import Bounds, in_units, in_year, is_kept, is_open, is_overdue
from reports.figures import Figures, counts, figures_of
from reports.last_things import last_things
from reports.memo import Memo, change_stamp
from reports.occurrences import Listing, lines_of
from reports.snapshot import snapshot
from reports.timeline import Moment

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
    happened: Mapping[str, tuple[Moment, ...]]  # reference -> what last happened to what is overdue, newest first
    this_month: Listing  # from today to the end of the month
    next_month: Listing
    next_month_from: date


def overview(
    store: Store,
    year: int,
    *,
    as_of: date,
    workdays: Workdays,
    units_only: tuple[str, ...] = (),
    listed: int = LISTED,
    tz: tzinfo = UTC,
    memo: Memo | None = None,
) -> Overview:
    """The year as it stands on a day; occurrences belong to the year of the due day in force.

    ``units_only`` narrows everything to some units. With a ``memo`` the figures are counted once for each change.
    """
    only = [in_units(units_only)] if units_only else []
    first = _month_after(as_of)
    bounds, kept = Bounds.at(as_of, workdays=workdays, tz=tz), memo or Memo()
    with snapshot(store) as db:

        def listing(name: str, *wanted: ColumnElement[bool]) -> Listing:
            total = kept.get(db, ("overview", name, bounds, units_only), lambda: _total(db, [*wanted, *only]))
            if not total:
                return Listing((), 0)
            return Listing(lines_of(db, [*wanted, *only], as_of=as_of, workdays=workdays, limit=listed, tz=tz), total)

        sums = kept.get(db, ("overview", year, bounds, units_only), lambda: _sums(db, [in_year(year), *only], bounds))
        overdue = listing("overdue", is_overdue(as_of))
        return Overview(
            year=year,
            as_of=as_of,
            whole=sums.whole,
            by_kind={kind.value: sums.by_kind.get(kind, Figures()) for kind in Kind},
            by_unit=_named(db, sums.by_unit),
            by_month=tuple(sums.by_month.get(month, Figures()) for month in _MONTHS),
            overdue=overdue,
            happened=last_things(db, [line.ref for line in overdue.lines]),
            this_month=listing("this month", is_open(), _row.due_on >= as_of, _row.due_on < first),
            next_month=listing("next month", is_open(), _row.due_on >= first, _row.due_on < _month_after(first)),
            next_month_from=first,
        )


def _month_after(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_change(store: Store) -> tuple[int, int]:
    """A stamp that is new whenever figures may be: the newest log entry and the newest plan."""
    with store.read() as db:
        return change_stamp(db)


@dataclass(slots=True)
class _Sums:
    """One year's figures, added up each way; what is missing is nought."""

    whole: Figures = field(default_factory=Figures)
    by_kind: defaultdict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_unit: defaultdict[str | None, Figures] = field(default_factory=lambda: defaultdict(Figures))
    by_month: defaultdict[int, Figures] = field(default_factory=lambda: defaultdict(Figures))


def _sums(db: Connection, wanted: Sequence[ColumnElement[bool]], bounds: Bounds) -> _Sums:
    """One walk over the year's rows; a kind in a unit in a month is one cell, and a few hundred cells are a year."""
    month = extract("month", _row.due_on)
    query = select(_row.kind, _row.unit, month.label("month"), *counts(bounds)).where(*wanted, is_kept())
    sums = _Sums()
    for row in db.execute(query.group_by(_row.kind, _row.unit, month)):
        cell = figures_of(row)
        sums.whole += cell
        sums.by_kind[row.kind] += cell
        sums.by_unit[row.unit] += cell
        sums.by_month[int(row.month)] += cell
    return sums


def _named(db: Connection, by_unit: Mapping[str | None, Figures]) -> tuple[UnitFigures, ...]:
    rest = dict(by_unit)
    known = db.execute(select(units.c.key, units.c.name).order_by(units.c.position, units.c.key)).all()
    named = [UnitFigures(row.key, row.name, rest.pop(row.key)) for row in known if row.key in rest]
    # A unit that left the files is still answerable for what was; it stands last.
    return (*named, *(UnitFigures(key, key or "未定单位", rest[key]) for key in sorted(rest, key=str)))


def _total(db: Connection, wanted: Sequence[ColumnElement[bool]]) -> int:
    return int(db.execute(select(func.count()).select_from(occurrences).where(*wanted)).scalar_one())
