"""Small words inside date rules: weekdays, lunar days, market days, the names of periods."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planning.wording import normalise

PERIOD = re.compile(r"[^\s:.：。/\\?#%「」<>\"']{1,40}")  # stands behind the colon of a reference and in addresses

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_SIGNS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "日": 7, "天": 7}
_NUMBERS = {sign: value for value, sign in enumerate("一二三四五六七八九十", start=1)}
_MONTHS = {"正": 1, "冬": 11, "腊": 12, "十一": 11, "十二": 12, **_NUMBERS}
_LUNAR_DIGITS = re.compile(r"([0-9]{1,2})[-月]([0-9]{1,2})日?")
_LUNAR_SIGNS = re.compile(r"(?:农历)?([正冬腊一二三四五六七八九十]{1,2})月(初|十|二十|廿|三十)([一二三四五六七八九十]?)日?")
_TENS = {"初": 0, "十": 10, "二十": 20, "廿": 20, "三十": 30}
_LAST_MONTH = 12
_LAST_DAY = 30


def weekday_of(written: str) -> int | None:
    """1 Monday … 7 Sunday for friday, fri, 五， 周五， 星期五， 5."""
    plain = normalise(written).lower()
    for prefix in ("星期", "周", "礼拜"):
        plain = plain.removeprefix(prefix)
    if plain in _WEEKDAY_SIGNS:
        return _WEEKDAY_SIGNS[plain]
    if plain in set("1234567"):
        return int(plain)
    return next((n for n, name in enumerate(_WEEKDAYS, start=1) if plain in {name, name[:3]}), None)


def lunar_day(written: str) -> tuple[int, int] | None:
    """Lunar month and day for 9-9, 九月初九, 腊月廿三; None when there is no such day."""
    plain = normalise(written).removeprefix("农历")
    digits, signs = _LUNAR_DIGITS.fullmatch(plain), _LUNAR_SIGNS.fullmatch(plain)
    if digits:
        month, day = int(digits[1]), int(digits[2])
    elif signs and signs[1] in _MONTHS:
        month, day = _MONTHS[signs[1]], _TENS[signs[2]] + _NUMBERS.get(signs[3], 0)
        if signs[2] != "初" and signs[3] == "十":  # 十十 is no number
            return None
    else:
        return None
    return (month, day) if 1 <= month <= _LAST_MONTH and 1 <= day <= _LAST_DAY else None


def market_digits(written: Sequence[str]) -> tuple[int, ...] | None:
    """Return the last digits of market days for [2, 5, 8] or 二五八; ten counts as 0."""
    found = set()
    for word in written:
        plain = normalise(word)
        if not plain or plain in "、，逢":
            continue
        value = _NUMBERS.get(plain, int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 2 else -1)  # noqa: PLR2004 - 10 at most
        if not 0 <= value <= 10:  # noqa: PLR2004 - the same
            return None
        found.add(value % 10)
    return tuple(sorted(found)) or None
