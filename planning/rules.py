"""Every kind of date rule an office writes, as data.

A rule says nothing about workdays or years: :mod:`planning.dates` gives it a year, a workday table and the
town's facts. Month and day are Gregorian unless the name says lunar. A rule that names no year serves every year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Span = Literal["week", "month", "quarter", "half_year", "year"]


@dataclass(frozen=True, slots=True)
class FixedDay:
    """A month and day each year; 29 February is the last of February in a common year."""

    month: int
    day: int  # 31 in a short month is its last day


@dataclass(frozen=True, slots=True)
class OnceOn:
    """One date in one year (2026.3.5). The period is the duty's ``period_key``."""

    on: date


@dataclass(frozen=True, slots=True)
class MonthlyDay:
    """The same day in each of the months (1-12); the 31st is the last day of a short month."""

    day: int
    months: tuple[int, ...] = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class DayRange:
    """From one month-day to another (安全生产月 06-01…06-30), due on the last day; may cross the year's end."""

    from_month: int
    from_day: int
    to_month: int
    to_day: int


@dataclass(frozen=True, slots=True)
class WeekOf:
    """The Monday-to-Sunday week that holds a month-day (宪法宣传周 holds 12-04); due on its Sunday."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class Weekly:
    """Each week, due on ``weekday`` (1 Monday … 7 Sunday, ISO 8601).

    It stays within its week, whatever its shift; a week without a workday has no round (the reason: planning.weeks).
    """

    weekday: int


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """The n-th weekday of the months (助残日: third Sunday of May); n = -1 is the last."""

    n: int
    weekday: int
    months: tuple[int, ...] = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A lunar month and day (重阳 9-9); day 30 in a short month is its last day."""

    month: int
    day: int


@dataclass(frozen=True, slots=True)
class SolarTerm:
    """One of the 24 solar terms, by its Chinese name (秋分)."""

    name: str


@dataclass(frozen=True, slots=True)
class Quota:
    """At least ``count`` in each span. With one, due on the span's last workday; with k, the span is cut in k equal parts."""

    count: int
    per: Span


@dataclass(frozen=True, slots=True)
class Before:
    """By a month-day each year; ``inclusive`` False is 3月1日前: the day before is the last."""

    month: int
    day: int
    inclusive: bool


@dataclass(frozen=True, slots=True)
class AfterEvent:
    """N days after each event; the event's day is not counted (民法典 art. 201). ``events``: key -> day."""

    days: int
    working: bool
    events: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True)
class BeforeExpiry:
    """N months before each expiry (执法证 six months before). ``expiries``: key -> the last valid day."""

    months: int
    expiries: tuple[tuple[str, date], ...] = ()


@dataclass(frozen=True, slots=True)
class MarketDay:
    """Every n-th market day (赶场), counted anew in each Gregorian month.

    A market day is one whose day number, Gregorian or lunar, ends in one of ``digits`` (二五八: 2, 5, 8; 十 is 0).
    """

    digits: tuple[int, ...]
    lunar: bool
    every: int = 1


@dataclass(frozen=True, slots=True)
class AsNotified:
    """The date comes with a notice each year. Until it is known the ``expected`` month-day stands in and asks for the notice."""

    expected_month: int
    expected_day: int
    notified: tuple[tuple[int, date], ...] = ()  # year -> the date of the notice


@dataclass(frozen=True, slots=True)
class NthWorkday:
    """The n-th workday of each span (5: the fifth; -1: the last). ``months`` narrows month spans."""

    n: int
    per: Span
    months: tuple[int, ...] = tuple(range(1, 13))


@dataclass(frozen=True, slots=True)
class Recurrence:
    """RFC 5545 RRULE for whatever else, counted from ``starts``; the period is the year and the running number in it."""

    rrule: str
    starts: date


@dataclass(frozen=True, slots=True)
class Standing:
    """长期坚持: no deadline, a review on a month-day each year."""

    month: int
    day: int


DateRule = (
    FixedDay
    | OnceOn
    | MonthlyDay
    | DayRange
    | WeekOf
    | Weekly
    | NthWeekday
    | LunarDay
    | SolarTerm
    | Quota
    | Before
    | AfterEvent
    | BeforeExpiry
    | MarketDay
    | AsNotified
    | NthWorkday
    | Recurrence
    | Standing
)
