"""RFC 5545 RRULE, narrowed to whole days: what a duty may use of it, and its days in a year."""

from __future__ import annotations

from datetime import MAXYEAR, date, datetime, time
from functools import lru_cache

from dateutil.rrule import rrule, rrulestr

_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY")
_PARTS = ("FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_MOST_PER_YEAR = 400
_YEARS_TRIED = 30
_CYCLE = 400
"""Years after which the Gregorian calendar repeats."""


def check_recurrence(text: str, starts: date) -> None:
    """Raise ValueError with a Chinese sentence when the rule cannot be used or never yields a day in its first 30 years."""
    _compile(text, starts)
    _require_some_day(_fields(text), starts, text)


@lru_cache(maxsize=4096)
def days_of(text: str, starts: date, year: int) -> tuple[date, ...]:
    """The rule's days within the year, in order, at most 400; COUNT and UNTIL are kept to. Raises as :func:`check_recurrence`."""
    if year < starts.year:
        return ()
    found = _compile(text, starts, through=year).between(
        datetime.combine(date(year, 1, 1), time.min), datetime.combine(date(year, 12, 31), time.min), inc=True
    )
    return tuple(one.date() for one in found[:_MOST_PER_YEAR])


@lru_cache(maxsize=1024)
def _compile(text: str, starts: date, through: int | None = None) -> rrule:
    """The rule cut off after a year, so that one which never yields a day (30 February) ends as well."""
    fields = _fields(text)
    limit = date(min(through or starts.year + 30, MAXYEAR), 12, 31)
    until = min(limit, _until(fields["UNTIL"], text)) if "UNTIL" in fields else limit
    if "COUNT" in fields:
        # COUNT and UNTIL exclude each other (RFC 5545 3.3.10); a count ends by itself, so only emptiness is guarded.
        _require_some_day(fields, starts, text)
    else:
        fields["UNTIL"] = f"{until:%Y%m%d}"
    return _rrule(fields, starts, text)


def _require_some_day(fields: dict[str, str], starts: date, text: str) -> None:
    """Refuse a rule that yields no day in its first 30 years.

    The library looks at UNTIL only when it has found a day: a rule without any (30 February) makes it walk to the year
    9999. The Gregorian calendar repeats every 400 years, weekdays included, so the rule is tried as near to that end as
    its first year allows, where the walk is short.
    """
    shift = max(0, (MAXYEAR - _YEARS_TRIED - starts.year) // _CYCLE * _CYCLE)
    limit = date(min(starts.year + _YEARS_TRIED, MAXYEAR), 12, 31)
    until = min(limit, _until(fields["UNTIL"], text)) if "UNTIL" in fields else limit
    tried = {name: value for name, value in fields.items() if name != "COUNT"}
    tried["UNTIL"] = f"{until.replace(year=until.year + shift):%Y%m%d}"
    if next(iter(_rrule(tried, starts.replace(year=starts.year + shift), text)), None) is None:
        raise ValueError(f"重复规则“{text}”从{starts.isoformat()}起算不出任何日期，请检查。")


def _rrule(fields: dict[str, str], starts: date, text: str) -> rrule:
    try:
        made = rrulestr(";".join(f"{name}={value}" for name, value in fields.items()), dtstart=datetime.combine(starts, time.min))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"看不懂重复规则“{text}”，请按 RFC 5545 书写，例如 FREQ=MONTHLY;BYMONTHDAY=15。") from error
    if not isinstance(made, rrule):
        raise ValueError(f"重复规则“{text}”应当只有一条 RRULE。")  # noqa: TRY004 - the user's text is wrong, not a type
    return made


def _fields(text: str) -> dict[str, str]:
    """The rule's parts by name. What works below a day or names its own start is refused."""
    fields: dict[str, str] = {}
    for piece in text.strip().removeprefix("RRULE:").split(";"):
        name, equals, value = (part.strip().upper() for part in piece.partition("="))
        if not equals or not value or name not in _PARTS or name in fields:
            raise ValueError(f"重复规则“{text}”里的“{piece}”不能用，可用的有 {'、'.join(_PARTS)}，各写一次。")
        fields[name] = value
    if fields.get("FREQ") not in _FREQUENCIES:
        raise ValueError(f"重复规则“{text}”的 FREQ 应为 {'、'.join(_FREQUENCIES)} 之一。")
    for name in ("INTERVAL", "COUNT"):
        # An interval of 0 would never come to an end.
        if name in fields and not (fields[name].isascii() and fields[name].isdigit() and int(fields[name]) > 0):
            raise ValueError(f"重复规则“{text}”的 {name} 应为正整数。")
    if "COUNT" in fields and "UNTIL" in fields:
        raise ValueError(f"重复规则“{text}”不能同时写 COUNT 和 UNTIL。")
    return fields


def _until(value: str, text: str) -> date:
    """Only the day matters: a time or zone after it is dropped, for duties are due by day."""
    try:
        return date.fromisoformat(value.partition("T")[0])
    except ValueError as error:
        raise ValueError(f"重复规则“{text}”的 UNTIL 不是日期，应写作 20261231 这样。") from error
