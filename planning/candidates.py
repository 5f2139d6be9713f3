"""Each kind of rule turned into the days it names, before any shift.

A candidate belongs to a *period year*: the year that names its period. It is the calendar year of the rule's own
day, but for three kinds: a weekly duty counts ISO years, a week-of duty the year of the day it must hold, and
"before 1 January" the year of that January. A period's name never depends on a workday table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache, singledispatch
from typing import NamedTuple

from planning import rules
from planning.lunar import lunar_dates, lunar_day, solar_term
from planning.periods import ONCE, day_in_month, months_before, parts, spans
from planning.recurrence import days_of
from planning.workdays import Workdays

_ONE_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


class Candidate(NamedTuple):
    year: int  # the period year
    period: str
    nominal: date
    starts: date | None = None
    counted_from: date | None = None  # where counting workdays began
    awaiting_notice: bool = False


@singledispatch
def candidates(rule: rules.DateRule, _years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    """All candidates whose period year is among the years, in order of years."""
    raise TypeError(f"no such rule: {rule!r}")


@candidates.register
def _fixed_day(rule: rules.FixedDay, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        yield Candidate(year, str(year), day_in_month(year, rule.month, rule.day))


@candidates.register
def _standing(rule: rules.Standing, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        yield Candidate(year, str(year), day_in_month(year, rule.month, rule.day))


@candidates.register
def _once_on(rule: rules.OnceOn, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    if rule.on.year in years:
        yield Candidate(rule.on.year, ONCE, rule.on)


@candidates.register
def _monthly_day(rule: rules.MonthlyDay, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for month in sorted(set(rule.months)):
            yield Candidate(year, f"{year}-{month:02}", day_in_month(year, month, rule.day))


@candidates.register
def _day_range(rule: rules.DayRange, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    over_new_year = (rule.from_month, rule.from_day) > (rule.to_month, rule.to_day)
    for year in years:
        starts = day_in_month(year - 1 if over_new_year else year, rule.from_month, rule.from_day)
        yield Candidate(year, str(year), day_in_month(year, rule.to_month, rule.to_day), starts)


@candidates.register
def _week_of(rule: rules.WeekOf, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        held = day_in_month(year, rule.month, rule.day)
        monday = held - timedelta(days=held.weekday())
        yield Candidate(year, str(year), monday + timedelta(days=6), monday)


@candidates.register
def _weekly(rule: rules.Weekly, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for week in spans("week", year):
            yield Candidate(year, week.period, week.first + timedelta(days=rule.weekday - 1))


@candidates.register
def _nth_weekday(rule: rules.NthWeekday, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for month in sorted(set(rule.months)):
            found = _nth_of_month(year, month, rule)
            if (found.year, found.month) == (year, month):  # a fifth Sunday is not in every month
                yield Candidate(year, f"{year}-{month:02}", found)


def _nth_of_month(year: int, month: int, rule: rules.NthWeekday) -> date:
    if rule.n > 0:
        first = date(year, month, 1)
        return first + timedelta(days=(rule.weekday - first.isoweekday()) % 7) + (rule.n - 1) * _WEEK
    last = day_in_month(year, month, 31)
    return last - timedelta(days=(last.isoweekday() - rule.weekday) % 7) + (rule.n + 1) * _WEEK


@candidates.register
def _lunar_day(rule: rules.LunarDay, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        # A day of the eleventh or twelfth month can come twice in a year (腊月初一 in 2024): the second gets a number.
        for number, found in enumerate(lunar_dates(year, rule.month, rule.day), start=1):
            yield Candidate(year, str(year) if number == 1 else f"{year}-{number}", found)


@candidates.register
def _solar_term(rule: rules.SolarTerm, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        yield Candidate(year, str(year), solar_term(year, rule.name))


@candidates.register
def _quota(rule: rules.Quota, years: Sequence[int], workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for part in parts(rule.per, year, rule.count):
            # A part that is all holiday ends with its own last day, which the shift then moves.
            nominal = workdays.last_workday(part.first, part.last) or part.last
            yield Candidate(year, part.period, nominal, part.first, counted_from=part.last)


@candidates.register
def _before(rule: rules.Before, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        day = day_in_month(year, rule.month, rule.day)
        # Before a 29 February that the year lacks, the 28th is the last day.
        exclusive = not rule.inclusive and day.day == rule.day
        yield Candidate(year, str(year), day - _ONE_DAY if exclusive else day)


@candidates.register
def _after_event(rule: rules.AfterEvent, years: Sequence[int], workdays: Workdays) -> Iterator[Candidate]:
    latest = max(years, default=0)
    for key, event in rule.events:
        if event.year > latest:
            continue
        nominal = workdays.add(event, rule.days) if rule.working else event + timedelta(days=rule.days)
        if nominal.year in years:
            yield Candidate(nominal.year, key, nominal, counted_from=event if rule.working else None)


@candidates.register
def _before_expiry(rule: rules.BeforeExpiry, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for key, expiry in rule.expiries:
        nominal = months_before(expiry, rule.months)
        if nominal.year in years:
            yield Candidate(nominal.year, key, nominal)


@candidates.register
def _market_day(rule: rules.MarketDay, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for month in spans("month", year):
            for number, day in enumerate(_every_market_day(rule, month.first, month.last), start=1):
                yield Candidate(year, f"{month.period}-M{number}", day)


@lru_cache(maxsize=4096)
def _every_market_day(rule: rules.MarketDay, first: date, last: date) -> list[date]:
    """With ``every`` = 3 the third, sixth … market day between the two days."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    held = [day for day in days if (lunar_day(day) if rule.lunar else day.day) % 10 in rule.digits]
    return held[rule.every - 1 :: rule.every]


@candidates.register
def _as_notified(rule: rules.AsNotified, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    known = dict(rule.notified)
    for year in years:
        notified = known.get(year)
        nominal = notified or day_in_month(year, rule.expected_month, rule.expected_day)
        yield Candidate(year, str(year), nominal, awaiting_notice=notified is None)


@candidates.register
def _nth_workday(rule: rules.NthWorkday, years: Sequence[int], workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for span in spans(rule.per, year):
            if rule.per == "month" and span.first.month not in rule.months:
                continue
            found = workdays.nth_workday(span.first, span.last, rule.n)
            if found is not None:  # a week of 国庆 has no workday at all
                yield Candidate(year, span.period, found, counted_from=span.first if rule.n > 0 else span.last)


@candidates.register
def _recurrence(rule: rules.Recurrence, years: Sequence[int], _workdays: Workdays) -> Iterator[Candidate]:
    for year in years:
        for number, day in enumerate(days_of(rule.rrule, rule.starts, year), start=1):
            yield Candidate(year, f"{year}-R{number}", day)
