"""The days off that the law itself gives, and what a year's table must therefore look like.

全国年节及纪念日放假办法, by its revisions: 10 days until 2007, 11 from 2008 (清明, 端午, 中秋 and 除夕 in, labour day down
to one), 11 from 2014 (初三 for 除夕), 13 from 2025 (除夕 back, a second labour day).
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from planning.lunar import lunar_dates, solar_term
from planning.tables import YearTable, belongs
from planning.wording import day_name, weekday_name
from planning.workdays import Workdays

_SATURDAY = 5
_LONGEST_RUN = 6  # art. 7: 前后连续工作一般不超过6天


def statutory_days(year: int) -> tuple[tuple[date, str], ...]:
    """Each statutory day off with its festival. A day that two festivals share (中秋 on 1 October 2020) stands twice."""
    return _statutory_days(year)


@lru_cache(maxsize=64)
def _statutory_days(year: int) -> tuple[tuple[date, str], ...]:
    new_year = lunar_dates(year, 1, 1)[0]
    spring_from, spring_days, labour_days, newer_festivals = _extent(year)
    days = [(date(year, 1, 1), "元旦")]
    days += [(new_year + timedelta(days=spring_from + n), "春节") for n in range(spring_days)]
    days += [(date(year, 5, 1 + n), "劳动节") for n in range(labour_days)]
    days += [(date(year, 10, 1 + n), "国庆节") for n in range(3)]
    if newer_festivals:
        days += [(solar_term(year, "清明"), "清明节")]
        days += [(lunar_dates(year, 5, 5)[0], "端午节"), (lunar_dates(year, 8, 15)[0], "中秋节")]
    return tuple(sorted(days))


def _extent(year: int) -> tuple[int, int, int, bool]:
    """First day of 春节 counted from 初一, its days, the labour days, and whether the three newer festivals count."""
    for since, extent in ((2025, (-1, 4, 2, True)), (2014, (0, 3, 1, True)), (2008, (-1, 3, 1, True))):
        if year >= since:
            return extent
    return 0, 3, 3, False


def check_table(table: YearTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is wrong with a year's table, and what is only odd: two lists of Chinese sentences.

    Wrong: a day of another year; a statutory day that is worked (one on a weekend need not be listed); a made-up
    workday that is no weekend; weekdays off that neither the law gives nor made-up workdays pay for, or the reverse.
    Odd: more than six workdays in a row.
    """
    errors = [f"{_named(day)}不属于{table.year}年（或上一年12月）。" for day in table.days if not belongs(day, table.year)]
    errors += _worked_statutory_days(table)
    errors += [
        f"{_named(day)}写作上班，但它是{weekday_name(day)}，不是周末，不需要调休上班。"
        for day, note in table.days.items()
        if not note.off and day.weekday() < _SATURDAY
    ]
    # The balance only says something new while the days themselves are right.
    if not errors:
        errors += _imbalance(table)
    return tuple(errors), tuple(_long_runs(table))


def _worked_statutory_days(table: YearTable) -> list[str]:
    problems: list[str] = []
    for day, festival in statutory_days(table.year):
        note = table.days.get(day)
        if note is not None and not note.off:
            problems.append(f"{_named(day)}是{festival}法定假日，表里却写作上班。")
        elif note is None and day.weekday() < _SATURDAY:
            problems.append(f"{_named(day)}是{festival}法定假日，表里没有写放假。")
    return problems


def _imbalance(table: YearTable) -> list[str]:
    """A statutory day on a weekend is made up on a weekday (art. 6), every further weekday off by a weekend worked."""
    off = sum(note.off and day.weekday() < _SATURDAY for day, note in table.days.items())
    worked = sum(not note.off for note in table.days.values())
    by_law = len(statutory_days(table.year))
    beyond = off - worked - by_law
    if beyond == 0:
        return []
    counted = f"工作日放假{off}天，调休上班{worked}天，法定假日{by_law}天"
    if beyond > 0:
        return [f"多放了{beyond}天而没有对应的调休上班日（{counted}），请核对是否漏写了上班日期。"]
    return [f"少放了{-beyond}天，或多写了调休上班日（{counted}），请核对放假日期和上班日期。"]


def _long_runs(table: YearTable) -> list[str]:
    """Stretches of more than six workdays that a made-up workday of this table is part of."""
    workdays = Workdays({table.year: table})
    problems: dict[date, str] = {}
    for day, note in table.days.items():
        if note.off:
            continue
        first, last = _run_around(day, workdays)
        length = (last - first).days + 1
        if length > _LONGEST_RUN:
            problems[first] = f"{_named(first)}至{_named(last)}连续上班{length}天，办法第七条规定一般不超过6天，请核对。"
    return [problems[first] for first in sorted(problems)]


def _run_around(day: date, workdays: Workdays) -> tuple[date, date]:
    one = timedelta(days=1)
    first = last = day
    while workdays.is_workday(first - one):
        first -= one
    while workdays.is_workday(last + one):
        last += one
    return first, last


def _named(day: date) -> str:
    return day_name(day, with_year=True)
