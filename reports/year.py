"""The year as a calendar: how much is due on each day, which days are off or worked, and each month's theme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from models.occurrence import occurrences
from models.office import duties
from models.store import Store
from planning.duty import Kind
from planning.workdays import Workdays
from reports.conditions import in_year, is_done, is_kept, is_overdue
from reports.memo import Memo
from reports.snapshot import snapshot

_SATURDAY = 5
_row = occurrences.c


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day. ``mark`` is 休 (off by notice), 班 (worked by notice), or empty for a plain day."""

    day: date
    due: int
    done: int
    overdue: int
    provisional: int
    workday: bool
    mark: str
    note: str  # the festival, or a local reason


@dataclass(frozen=True, slots=True)
class MonthCells:
    month: int
    theme: str  # 一月一主题; empty when the year has none
    days: tuple[DayCell, ...]


@dataclass(frozen=True, slots=True)
class YearCalendar:
    year: int
    provisional: bool  # 暂定: no holiday notice for the year yet
    busiest: int  # the most that is due on one day: the scale of the colours
    months: tuple[MonthCells, ...]


def year_calendar(
    store: Store,
    year: int,
    *,
    as_of: date,
    workdays: Workdays,
    units_only: tuple[str, ...] = (),
    memo: Memo | None = None,
) -> YearCalendar:
    """Every day of the year with its counts. With a ``memo`` they are counted once for each change."""
    with snapshot(store) as db:
        counted = (memo or Memo()).get(db, ("year", year, as_of, units_only), lambda: _counts(db, year, as_of, units_only))
        themes = _themes(db, year)
    months = tuple(
        MonthCells(month, themes.get(month, ""), tuple(_cell(day, counted, workdays) for day in _days(year, month)))
        for month in range(1, 13)
    )
    busiest = max((due for due, *_ in counted.values()), default=0)
    return YearCalendar(year, workdays.is_provisional(year), busiest, months)


_Counts = Mapping[date, tuple[int, int, int, int]]


def _counts(db: Connection, year: int, as_of: date, units_only: tuple[str, ...]) -> _Counts:
    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    provisional = and_(_row.state == "open", _row.provisional)
    query = (
        select(_row.due_on, func.count(), number(is_done()), number(is_overdue(as_of)), number(provisional))
        .where(in_year(year), is_kept(), *([_row.unit.in_(units_only)] if units_only else []))
        .group_by(_row.due_on)
    )
    return {row[0]: (int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in db.execute(query)}


def _themes(db: Connection, year: int) -> dict[int, str]:
    """A monthly publicity duty that has a title of its own for the month names its theme; the first in the files counts."""
    months = [f"{year}-{month:02}" for month in range(1, 13)]
    # From the few duties to their twelve periods: the unique index finds them, however large the year is.
    query = (
        select(_row.period, _row.title)
        .select_from(duties.join(occurrences, _row.duty_key == duties.c.key))
        .where(duties.c.kind == Kind.PUBLICITY, _row.period.in_(months), _row.title != duties.c.title, is_kept())
        .order_by(duties.c.position, _row.period)
    )
    found: dict[int, str] = {}
    for row in db.execute(query):
        # "三月普法主题:消费者权益保护" is shown without its heading.
        theme = re.split("[:\N{FULLWIDTH COLON}]", row.title)[-1].strip()
        found.setdefault(int(row.period[-2:]), theme)
    return found


def _days(year: int, month: int) -> list[date]:
    first = date(year, month, 1)
    return [day for day in (first + timedelta(days=n) for n in range(31)) if day.month == month]


def _cell(day: date, counted: _Counts, workdays: Workdays) -> DayCell:
    due, done, overdue, provisional = counted.get(day, (0, 0, 0, 0))
    note = workdays.note(day)
    worked = workdays.is_workday(day)
    mark = "" if note is None or (worked and day.weekday() < _SATURDAY) else "班" if worked else "休"
    return DayCell(day, due, done, overdue, provisional, worked, mark, note.name if note else "")
