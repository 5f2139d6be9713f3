"""The time of day within a spoken deadline: 下班前, 上午, 下午3点, 晚上8点半, 17:00."""

from __future__ import annotations

import re
from datetime import time
from typing import NamedTuple

from planning.numerals import NUMERALS, in_digits

_EARLY = ("上班前", "凌晨", "清晨", "清早", "早晨", "早上", "一早", "早")
_MORNING = ("上午", "午前")
_NOON = ("中午", "正午", "午间")
_AFTERNOON = ("下午", "午后", "傍晚")
_EVENING = ("晚上", "晚间", "夜间", "夜里", "深夜", "午夜", "晚")
_NUMBER = rf"(?:[0-9]{{1,2}}|[{NUMERALS}]{{1,3}})"
# 晚于, 早日 and 早已 speak of no time of day.
_PART = rf"{'|'.join((*_EARLY, *_MORNING, *_NOON, *_AFTERNOON, *_EVENING))}"
PART_OF_DAY = rf"(?:{_PART})(?![于日已就])"
_CLOCK = (
    rf"(?P<hour>{_NUMBER})(?::(?P<minute>[0-5][0-9])(?::[0-5][0-9])?(?![0-9])"
    rf"|(?:点钟?|时(?![期间段候常效刻限]))(?:(?P<half>半)|(?P<quarters>[一三13])刻|整|(?P<minutes>{_NUMBER})(?:分|(?=[之以]?前)))?)"
)
HOUR = rf"(?:(?P<part>{_PART})(?![于日已就]))?(?:(?P<closing>下班)|{_CLOCK})"
"""A time of day as it stands behind a day, or alone."""

_WITH_CLOCK, _PART_ONLY = re.compile(HOUR), re.compile(PART_OF_DAY)
_LAST_MINUTE = time(23, 59)
_EARLY_HOUR = time(8, 30)  # 早上 without a figure: when the office opens (the usual window of messages)
_FIRST_HOUR = 7  # nobody hands in a report at three in the morning
_NOON_HOUR, _MIDNIGHT, _MINUTES = 12, 24, 60


class Hour(NamedTuple):
    """A time of day. ``at`` is None for the end of the working day, whose hour the office knows."""

    at: time | None
    days: int = 0  # -1: 0点 is the end of the day before
    said: str = ""  # what was assumed, in Chinese
    end: int = 0  # where the words end


def read_hour(plain: str, start: int, *, part: str = "") -> Hour | None:
    """The time of day written at ``start``; ``part`` is what the day's own word says of it (今晚: 晚).

    None when none is written there, or none that a clock shows.
    """
    found = _WITH_CLOCK.match(plain, start)
    if found is None:
        alone = _PART_ONLY.match(plain, start)
        return _by_part(alone[0], alone.end()) if alone is not None else None
    part = found["part"] or part
    if found["closing"] is not None:
        return Hour(time(_NOON_HOUR) if part in (*_MORNING, *_NOON) else None, end=found.end())
    return _by_clock(found, part)


def by_part(part: str) -> Hour:
    """The time that 今晚, 明早 mean by themselves."""
    return _by_part(part, 0)


def _by_part(part: str, end: int) -> Hour:
    if part in _EARLY:
        return Hour(_EARLY_HOUR, said=f"“{part}”按{_EARLY_HOUR:%H:%M}", end=end)
    return Hour(time(_NOON_HOUR) if part in (*_MORNING, *_NOON) else None, end=end)


def _by_clock(found: re.Match[str], part: str) -> Hour | None:
    hour, minute = int(in_digits(found["hour"])), _minute(found)
    words, end = found[0], found.end()
    said = ""
    if part in _EVENING and hour in (0, _NOON_HOUR):
        hour = _MIDNIGHT
    elif (part in (*_AFTERNOON, *_EVENING) and hour < _NOON_HOUR) or (part in _NOON and hour < _FIRST_HOUR):
        hour += _NOON_HOUR
    elif not part and 0 < hour < _FIRST_HOUR and not found["hour"].startswith("0"):
        hour += _NOON_HOUR
        said = f"“{words}”没有写上午下午，按{hour}:{minute:02}"
    if hour > _MIDNIGHT or minute >= _MINUTES or (hour == _MIDNIGHT and minute):
        return None
    if hour == _MIDNIGHT:
        return Hour(_LAST_MINUTE, said=f"“{words}”按当天23:59", end=end)
    if hour == minute == 0:
        return Hour(_LAST_MINUTE, days=-1, said=f"“{words}”按前一天23:59", end=end)
    return Hour(time(hour, minute), said=said, end=end)


def _minute(found: re.Match[str]) -> int:
    if found["half"] is not None:
        return 30
    if found["quarters"] is not None:
        return 15 * int(in_digits(found["quarters"]))
    return int(in_digits(found["minute"] or found["minutes"] or "0"))
