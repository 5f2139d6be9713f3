"""Lunar days and solar terms in Gregorian years, China time (GB/T 33661-2017), by lunar_python."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

SOLAR_TERMS = (
    *("小寒", "大寒", "立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至"),
    *("小暑", "大暑", "立秋", "处暑", "白露", "秋分", "寒露", "霜降", "立冬", "小雪", "大雪", "冬至"),
)
_NUMERALS = "一二三四五六七八九十"
_MONTH_NAMES = ("正", *_NUMERALS[1:], "冬", "腊")
# lunar_python counts Julian days from noon; 1 January of year 1 is ordinal 1.
_JULIAN_OFFSET = 1721425


class _Month(NamedTuple):
    number: int  # 1-12; a leap month is negative
    first: int  # ordinal of its first day
    length: int  # 29 or 30


def lunar_dates(year: int, month: int, day: int) -> tuple[date, ...]:
    """The Gregorian days within the year that are this lunar day; day 30 of a short month is its last day.

    Mostly one. The eleventh and twelfth month wander over the new year, so that a year may have two such days or
    none. Of a leap month the plain one counts.
    """
    found = (date.fromordinal(known.first + min(day, known.length) - 1) for known in _months(year) if known.number == month)
    return tuple(one for one in found if one.year == year)


def solar_term(year: int, name: str) -> date:
    """The day of a solar term in the year. Raises ValueError for a name that is none of the 24."""
    if name not in SOLAR_TERMS:
        raise ValueError(f"“{name}”不是二十四节气之一。")
    return _solar_terms(year)[name]


def lunar_name(month: int, day: int) -> str:
    """九月初九， 腊月廿三: a lunar month and day as they are said."""
    tens, ones = divmod(day - 1, 10)
    name = {20: "二十", 30: "三十"}.get(day) or "初十廿"[tens] + _NUMERALS[ones]
    return f"{_MONTH_NAMES[month - 1]}月{name}"


def lunar_day(day: date) -> int:
    """The day of the lunar month, 1-30 (初一 is 1)."""
    ordinal = day.toordinal()
    return next(ordinal - known.first + 1 for known in _months(day.year) if known.first <= ordinal < known.first + known.length)


@lru_cache(maxsize=64)
def _months(year: int) -> tuple[_Month, ...]:
    """The lunar months that cover a Gregorian year, from the eleventh of the year before."""
    # Imported late: only duties with a lunar rule need it.
    from lunar_python import LunarYear

    return tuple(
        _Month(known.getMonth(), int(known.getFirstJulianDay()) - _JULIAN_OFFSET, known.getDayCount())
        for known in LunarYear.fromYear(year).getMonths()
    )


@lru_cache(maxsize=64)
def _solar_terms(year: int) -> dict[str, date]:
    from lunar_python import Lunar

    table = Lunar.fromYmd(year, 6, 1).getJieQiTable()
    # The table begins with the 冬至 of the December before; this year's stands under its Latin key.
    keys = {name: "DONG_ZHI" if name == "冬至" else name for name in SOLAR_TERMS}
    return {name: date.fromisoformat(table[key].toYmd()) for name, key in keys.items()}
