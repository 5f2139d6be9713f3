"""The holidays to come, as far as the table knows them and as the law gives them beyond: 节前, 春节前, 节后第一个工作日."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from planning.statutory import statutory_days
from planning.workdays import Workdays

FESTIVALS = {
    "元旦": "元旦",
    "新年": "元旦",
    "春节": "春节",
    "过年": "春节",
    "清明": "清明节",
    "五一": "劳动节",
    "劳动": "劳动节",
    "端午": "端午节",
    "中秋": "中秋节",
    "十一": "国庆节",
    "国庆": "国庆节",
}
"""As people call them, and as the tables do."""
_PAIRS = ("元旦", "春节", "中秋节", "国庆节")  # 两节 are the first two or the last two
_WINTER = ("元旦", "春节")
_DAYS_AHEAD = 400  # every festival comes once within them
_ONE_DAY = timedelta(days=1)


class Festival(NamedTuple):
    """A stretch of days off for one festival, or for two that a year joins."""

    names: tuple[str, ...]
    first: date
    last: date
    known: bool  # by a notice; False: by the law alone, whose days the notice will lengthen


def next_festival(word: str, on: date, workdays: Workdays) -> Festival | None:
    """The next festival of that name that begins after ``on``; 节, 假 mean any, 两节 and 年 the next of theirs."""
    wanted = _wanted(word)
    coming = (one for one in _coming(on, workdays) if not wanted or any(name in wanted for name in one.names))
    return next(coming, None)


def _wanted(word: str) -> tuple[str, ...]:
    if word in ("两节", "双节"):
        return _PAIRS
    if word == "年":
        return _WINTER
    return tuple(name for called, name in FESTIVALS.items() if called in word)  # 中秋国庆节前 names two


@lru_cache(maxsize=32)
def _coming(on: date, workdays: Workdays) -> tuple[Festival, ...]:
    """All that begin after the day, in order of time."""
    days = (on + timedelta(days=n) for n in range(min(_DAYS_AHEAD, (date.max - on).days + 1)))
    found: list[Festival] = []
    known = set(FESTIVALS.values())
    for day in days:
        note = workdays.note(day)
        names = tuple(name for name in note.name.split("、") if name in known) if note is not None and note.off else ()
        if names and found and found[-1].names == names and found[-1].last == day - _ONE_DAY:
            found[-1] = found[-1]._replace(last=day)
        elif names:
            found.append(Festival(names, day, day, known=True))
    years = [year for year in (on.year, on.year + 1) if workdays.is_provisional(year)]
    found += [festival for year in years for festival in _by_law(year)]
    return tuple(sorted((one for one in found if one.first > on), key=lambda one: one.first))


def _by_law(year: int) -> list[Festival]:
    found: dict[str, Festival] = {}
    for day, name in statutory_days(year):
        first = found[name].first if name in found else day
        found[name] = Festival((name,), first, day, known=False)
    return list(found.values())
