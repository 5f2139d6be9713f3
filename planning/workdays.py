"""Which days are worked: one table a year from the State Council's notice, local overrides, and counting.

A year without a table follows the plain week and is provisional (暂定). A notice may also change days of the
December before its year (元旦 2019 took 2018-12-29 as a workday), so a December day is looked up in both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
from hashlib import sha256

from planning.duty import Shift
from planning.tables import DayNote, TableError, YearTable, builtin_years
from planning.wording import day_name, weekday_name

__all__ = ["DayNote", "TableError", "Workdays", "YearTable", "builtin_years", "explain_shift", "rest_reason"]

_SATURDAY = 5
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class _YearCount:
    """One year's workdays, ready for counting."""

    first: int  # ordinal of 1 January
    upto: list[int]  # upto[k]: workdays among the first k days of the year
    days: list[date]  # the workdays in order


class Workdays:
    """Answers for every day whether it is worked. Unchanging from outside; years are counted out when first asked for."""

    __slots__ = ("_counts", "_notes", "_overrides", "_tables")

    def __init__(self, tables: Mapping[int, YearTable], overrides: Mapping[date, DayNote] | None = None) -> None:
        self._tables = dict(tables)
        self._overrides = dict(overrides or {})
        notes: dict[date, DayNote] = {}
        # In order of years, so that a later notice's word about last December stands.
        for year in sorted(self._tables):
            notes.update(self._tables[year].days)
        notes.update(self._overrides)
        self._notes = notes
        self._counts: dict[int, _YearCount] = {}

    def is_workday(self, day: date) -> bool:
        note = self._notes.get(day)
        return day.weekday() < _SATURDAY if note is None else not note.off

    def is_provisional(self, year: int) -> bool:
        """Whether no notice is known for the year."""
        return year not in self._tables

    def touches_provisional(self, a: date, b: date) -> bool:
        """Whether a day from ``a`` to ``b`` (either order) lies in a provisional year."""
        low, high = (a.year, b.year) if a.year <= b.year else (b.year, a.year)
        if low == high:
            return low not in self._tables
        return any(year not in self._tables for year in range(low, high + 1))

    def note(self, day: date) -> DayNote | None:
        return self._notes.get(day)

    def add(self, day: date, n: int) -> date:
        """The n-th workday after the day (before it when n < 0). The day itself is not counted; n = 0 is the day.

        Raises OverflowError when the calendar ends first.
        """
        if n == 0:
            return day
        year = day.year
        count = self._count(year)
        place = day.toordinal() - count.first
        if n > 0:
            index = count.upto[place + 1] + n - 1
            while index >= len(count.days):
                index -= len(count.days)
                year += 1
                count = self._count(year)
        else:
            index = count.upto[place] + n
            while index < 0:
                year -= 1
                count = self._count(year)
                index += len(count.days)
        return count.days[index]

    def between(self, a: date, b: date) -> int:
        """Workdays after ``a`` up to and with ``b``; the same number with a minus sign when ``b`` lies before ``a``."""
        if b < a:
            return -self.between(b, a)
        whole_years = sum(len(self._count(year).days) for year in range(a.year, b.year))
        return whole_years + self._upto(b) - self._upto(a)

    def roll(self, day: date, shift: Shift) -> date:
        """The day itself when it is worked or nothing is to move; else the nearest workday on the shift's side."""
        if shift is Shift.NONE or self.is_workday(day):
            return day
        return self.add(day, -1 if shift is Shift.BACKWARD else 1)

    def first_workday(self, a: date, b: date) -> date | None:
        """The first workday from ``a`` to ``b``, both included; None when all are rest days."""
        return self.nth_workday(a, b, 1)

    def last_workday(self, a: date, b: date) -> date | None:
        """The last workday from ``a`` to ``b``, both included; None when all are rest days."""
        return self.nth_workday(a, b, -1)

    def nth_workday(self, a: date, b: date, n: int) -> date | None:
        """The n-th workday from ``a`` to ``b``, both included; counted from the end when n < 0; None when too few."""
        if n > 0:
            found = self.add(a, n - 1 if self.is_workday(a) else n)
            return found if found <= b else None
        if n < 0:
            found = self.add(b, n + 1 if self.is_workday(b) else n)
            return found if found >= a else None
        raise ValueError("There is no 0th workday.")

    def revision(self, years: Iterable[int]) -> str:
        """Digest of what is known about these years: it changes exactly when one of their days may count otherwise."""
        wanted = sorted(set(years))
        chosen = frozenset(wanted)
        known = [(year, year in self._tables) for year in wanted]
        days = sorted((day.isoformat(), note.name, note.off) for day, note in self._notes.items() if day.year in chosen)
        return sha256(json.dumps([known, days], ensure_ascii=False).encode()).hexdigest()[:16]

    def _upto(self, day: date) -> int:
        """Workdays of the day's year, up to and with the day."""
        count = self._count(day.year)
        return count.upto[day.toordinal() - count.first + 1]

    def _count(self, year: int) -> _YearCount:
        found = self._counts.get(year)
        if found is None:
            # Two threads may both count a year out: the same result twice, so no lock.
            found = self._counts[year] = self._count_out(year)
        return found

    def _count_out(self, year: int) -> _YearCount:
        if not 1 <= year <= MAXYEAR:
            raise OverflowError("date value out of range")
        first = date(year, 1, 1).toordinal()
        upto, days = [0], []
        for ordinal in range(first, date(year, _DECEMBER, 31).toordinal() + 1):
            day = date.fromordinal(ordinal)
            if self.is_workday(day):
                days.append(day)
            upto.append(len(days))
        return _YearCount(first=first, upto=upto, days=days)


def explain_shift(nominal: date, actual: date, workdays: Workdays) -> str:
    """Why a due day is not the rule's own day, as one clause; empty when it is.

    原定10月1日，遇国庆节假期，顺延至10月8日； 原定3月1日，遇周日，提前至2月28日（调休上班）.
    """
    if nominal == actual:
        return ""
    with_year = nominal.year != actual.year
    reason = rest_reason(nominal, workdays)
    met = f"，遇{reason}" if reason else ""
    verb = "顺延至" if actual > nominal else "提前至"
    made_up = "（调休上班）" if actual.weekday() >= _SATURDAY and workdays.is_workday(actual) else ""
    return f"原定{day_name(nominal, with_year=with_year)}{met}，{verb}{day_name(actual, with_year=with_year)}{made_up}"


def rest_reason(day: date, workdays: Workdays) -> str:
    """Why a day is not worked: 周六, 国庆节假期, 停工令; empty when it is worked."""
    if workdays.is_workday(day):
        return ""
    note = workdays.note(day)
    if note is None:
        return weekday_name(day)
    # A festival's days are called its holiday; a local reason (停工令) is a name already.
    return f"{note.name}假期" if note.name.endswith(("节", "元旦", "除夕", "纪念日")) else note.name or "休息日"
