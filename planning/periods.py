"""The named spans of a year (2026-Q1, 2026-03, 2026-W09) and their equal parts."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from planning.rules import Span as SpanKind

ONCE = "once"  # the period of what happens one time and carries no name of its own
_MONTHS_OF: dict[SpanKind, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_DECEMBER = 12


class Span(NamedTuple):
    """A stretch of days, both ends included."""

    period: str
    first: date
    last: date


def day_in_month(year: int, month: int, day: int) -> date:
    """The day of the month; the last one when the month is shorter (the 31st, 29 February)."""
    return date(year, month, min(day, _length(year, month)))


def months_before(day: date, months: int) -> date:
    """The same day number some months earlier; the last of the month where it is missing."""
    index = day.year * 12 + day.month - 1 - months
    return day_in_month(index // 12, index % 12 + 1, day.day)


@lru_cache(maxsize=512)
def spans(kind: SpanKind, year: int) -> tuple[Span, ...]:
    """All spans of a kind in the year. Weeks are ISO 8601 weeks of the ISO year, from Monday to Sunday."""
    if kind == "week":
        weeks = date(year, _DECEMBER, 28).isocalendar().week
        mondays = (date.fromisocalendar(year, week, 1) for week in range(1, weeks + 1))
        return tuple(
            Span(f"{year}-W{week:02}", monday, monday + timedelta(days=6)) for week, monday in enumerate(mondays, start=1)
        )
    size = _MONTHS_OF[kind]
    return tuple(
        Span(_name(kind, year, last_month // size), date(year, last_month - size + 1, 1), day_in_month(year, last_month, 31))
        for last_month in range(size, _DECEMBER + 1, size)
    )


@lru_cache(maxsize=512)
def parts(kind: SpanKind, year: int, count: int) -> tuple[Span, ...]:
    """Each span of the year cut by days into ``count`` parts as equal as can be, named 2026-Q1-1, 2026-Q1-2 …

    With more parts than days some share a day.
    """
    if count == 1:
        return spans(kind, year)
    cut: list[Span] = []
    for whole in spans(kind, year):
        length = (whole.last - whole.first).days + 1
        first = 0
        for part in range(1, count + 1):
            last = -(-length * part // count) - 1
            from_day = whole.first + timedelta(days=min(first, last))
            cut.append(Span(f"{whole.period}-{part}", from_day, whole.first + timedelta(days=last)))
            first = last + 1
    return tuple(cut)


def _name(kind: SpanKind, year: int, number: int) -> str:
    if kind == "year":
        return str(year)
    if kind == "month":
        return f"{year}-{number:02}"
    return f"{year}-{'Q' if kind == 'quarter' else 'H'}{number}"


@lru_cache(maxsize=4096)
def _length(year: int, month: int) -> int:
    return monthrange(year, month)[1]
