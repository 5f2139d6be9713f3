"""Deadlines as offices write them (3月底, 上半年, 2026.3.5) become rules.

What ends with 底, 前, 末 or names a span is due by the last workday on or before its end: :func:`written_shift` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from planning.duty import Shift
from planning.numerals import in_digits
from planning.periods import ONCE, day_in_month
from planning.rules import AfterEvent, Before, DateRule, FixedDay, MonthlyDay, OnceOn, Quota, Span, Standing, Weekly
from planning.wording import normalise

__all__ = ["normalise", "read_date", "read_month_day", "read_written", "written_shift"]

_REVIEW_MONTH, _REVIEW_DAY = 12, 15  # a standing duty without a day of its own is looked at before the year ends
_LEAP_YEAR = 2024
_FULL_DATE = re.compile(r"(\d{4})(?:年(\d{1,2})月(\d{1,2})[日号]?|([-./])(\d{1,2})\4(\d{1,2})日?)")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_DAY = re.compile(r"(\d{1,2})(?:月(\d{1,2})[日号]?|[-./](\d{1,2}))")

_END = r"(?:底|末|底前|末前|底之前|底以前|内|内完成|份底|份内)"
_BEFORE = re.compile(r"(.+?)(?:日)?(?:之前|以前|前)(?:完成)?")
_MONTH_END = re.compile(rf"(?:(\d{{4}})年)?(\d{{1,2}})月{_END}")
_THIRD = re.compile(r"(?:([12]\d{3})年)?(\d{1,2})月([上中下])旬(?:前|底前|内)?")
_QUARTER = re.compile(r"(?:([12]\d{3})年)?第?([1-4])季度(?:底|末|底前|末前|前|内)?")
_HALF = re.compile(r"(?:([12]\d{3})年)?(上|下)半年(?:底|末|底前|末前|内)?")
_YEAR_END = re.compile(r"(?:([12]\d{3})年)?(?:年?底|年?末|年?底前|年?末前|年底之前|年底以前|年?内|全年|年度内)")
_EVERY_DAY = re.compile(r"每月(\d{1,2})[日号]")
_EVERY_WEEK = re.compile(r"每(?:周|星期)([1-6日天])")
_EVERY_SPAN = re.compile(r"每(?:个|1)?(周|星期|月|季度|季|半年|年)(度)?(?:底|末|底前|末前|前|内)?(?:至少)?(?:(\d{1,2})次)?")
_SPAN_MONTH = re.compile(
    r"每(?:个|1)?(季度|季|半年)的?(首|末|最后(?:1个?)?|第?[1-6]个?)月份?的?(?:(\d{1,2})[日号](之?前|以前)?|(?:底|末)(?:之?前|以前)?)"
)
_MONTHS_IN = {"季": 3, "季度": 3, "半年": 6}
_SPANS: dict[str, Span] = {
    "周": "week",
    "星期": "week",
    "月": "month",
    "季": "quarter",
    "季度": "quarter",
    "半年": "half_year",
    "年": "year",
}
_STANDING = frozenset(("长期坚持", "长期", "持续推进", "持续坚持", "常态化", "常态化推进", "长期推进"))
_RELATIVE_DAY = re.compile(r"(今天|今日|当天|当日|明天|明日|次日|后天)(?:下班之?前|下班以前|内|完成)?")
_AHEAD = {"今天": 0, "今日": 0, "当天": 0, "当日": 0, "明天": 1, "明日": 1, "次日": 1, "后天": 2}
_WITHIN = re.compile(r"(\d{1,3})(个?工作日|[天日])(?:之内|以内|内)")


def read_date(text: str) -> date | None:
    """A whole date: 2026-03-05, 2026.3.5, 2026/3/5, 2026年3月5日, 二〇二六年三月五日; None when the text is none.

    Raises ValueError with a Chinese sentence when the date does not exist.
    """
    plain = _plain(text)
    match = _FULL_DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    if match is None:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None and part.isdigit())
    return _existing(year, month, day, text)


def read_month_day(text: str) -> tuple[int, int] | None:
    """A month and day without a year: 3月5日, 03-05, 3.5, 三月五日; None when the text is none. 29 February is allowed.

    Raises ValueError with a Chinese sentence when no year has the day.
    """
    match = _MONTH_DAY.fullmatch(_plain(text))
    if match is None:
        return None
    month, day = (int(part) for part in match.groups() if part is not None)
    _existing(_LEAP_YEAR, month, day, text)
    return month, day


def read_written(text: str, *, as_of: date | None = None) -> DateRule | None:
    """The rule that a written deadline means; None when it is not understood.

    ``as_of`` is the day on which it was written: only with it mean 明天下班前 and 3个工作日内 anything.
    Raises ValueError with a Chinese sentence when a date in it does not exist.
    """
    plain = _plain(text)
    if plain in _STANDING:
        return Standing(_REVIEW_MONTH, _REVIEW_DAY)
    whole = read_date(plain)
    if whole is not None:
        return OnceOn(whole)
    month_day = read_month_day(plain)
    if month_day is not None:
        return FixedDay(*month_day)
    for reader in _READERS:
        rule = reader(plain)
        if rule is not None:
            return rule
    return _relative(plain, as_of) if as_of is not None else None


def written_shift(text: str) -> Shift:
    """Where the written deadline goes from a rest day: a named day stays, a period from an event goes on, all else goes back."""
    plain = _plain(text)
    if read_date(plain) is not None or read_month_day(plain) is not None or _RELATIVE_DAY.fullmatch(plain):
        return Shift.NONE
    # 民法典 art. 203: the last day of a period that falls on a holiday becomes the day after it.
    return Shift.FORWARD if _WITHIN.fullmatch(plain) else Shift.BACKWARD


def _span_end(plain: str) -> DateRule | None:
    """By the end of a month, a third of a month, a quarter, a half-year or the year."""
    for pattern, month_and_day in _SPAN_ENDS:
        match = pattern.fullmatch(plain)
        if match is None:
            continue
        month, day = month_and_day(match)
        if not 1 <= month <= 12:  # noqa: PLR2004 - the months of a year
            raise ValueError(f"“{plain}”里没有这样的月份，月份应为1到12。")
        if match[1] is not None:
            return OnceOn(day_in_month(int(match[1]), month, day))
        return Before(month, day_in_month(_LEAP_YEAR, month, day).day, inclusive=True)
    return None


_SPAN_ENDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[int, int]]], ...] = (
    (_MONTH_END, lambda found: (int(found[2]), 31)),
    (_THIRD, lambda found: (int(found[2]), {"上": 10, "中": 20, "下": 31}[found[3]])),
    (_QUARTER, lambda found: (int(found[2]) * 3, 31)),
    (_HALF, lambda found: (6 if found[2] == "上" else 12, 31)),
    (_YEAR_END, lambda _: (12, 31)),
)


def _before(plain: str) -> DateRule | None:
    """3月15日前: the day itself is too late."""
    match = _BEFORE.fullmatch(plain)
    if match is None:
        return None
    named = match[1]
    whole = read_date(named)
    if whole is not None:
        return OnceOn(whole - timedelta(days=1))
    month_day = read_month_day(named)
    if month_day is not None:
        return Before(*month_day, inclusive=False)
    every_month = re.fullmatch(r"每月(\d{1,2})", named)
    if every_month is not None and int(every_month[1]) > 1:
        # Before the first of each month would belong to the month before, whose end has its own words (每月底).
        return MonthlyDay(_monthly(int(every_month[1]), plain) - 1)
    return None


def _every(plain: str) -> DateRule | None:
    """每月底， 每季度末， 每月15日， 每周五， 每半年2次."""
    fixed = _EVERY_DAY.fullmatch(plain)
    if fixed is not None:
        return MonthlyDay(_monthly(int(fixed[1]), plain))
    weekly = _EVERY_WEEK.fullmatch(plain)
    if weekly is not None:
        return Weekly(7 if weekly[1] in "日天" else int(weekly[1]))
    match = _EVERY_SPAN.fullmatch(plain)
    if match is None:
        return None
    span = _SPANS[match[1]]
    if span == "month" and match[3] is None and plain != "每月":
        return MonthlyDay(31)
    count = int(match[3] or 1)
    return Quota(count, span) if count else None


def _month_of_span(plain: str) -> DateRule | None:
    """每季度末月20日前， 每半年首月底， 每季度第2个月15日: the same day in one month of each span."""
    match = _SPAN_MONTH.fullmatch(plain)
    if match is None:
        return None
    length = _MONTHS_IN[match[1]]
    number = re.search(r"[1-6]", match[2]) if match[2].startswith("第") or match[2][0].isdigit() else None
    place = int(number[0]) if number else 1 if match[2] == "首" else length
    if place > length:
        raise ValueError(f"“{plain}”里没有这样的月份：一个{match[1]}只有{length}个月。")
    day = _monthly(int(match[3]), plain) - bool(match[4]) if match[3] else 31
    # Before the first of a month would belong to the month before.
    return MonthlyDay(day, tuple(range(place, 13, length))) if day else None


_READERS: tuple[Callable[[str], DateRule | None], ...] = (_span_end, _every, _month_of_span, _before)


def _relative(plain: str, as_of: date) -> DateRule | None:
    near = _RELATIVE_DAY.fullmatch(plain)
    if near is not None:
        return OnceOn(as_of + timedelta(days=_AHEAD[near[1]]))
    within = _WITHIN.fullmatch(plain)
    if within is not None:
        return AfterEvent(int(within[1]), working=within[2].endswith("工作日"), events=((ONCE, as_of),))
    this_month, this_year = f"{as_of.year}年{as_of.month}月", f"{as_of.year}年"
    return _span_end(re.sub(r"^(?:今年|本年度?)", this_year, re.sub(r"^本月", this_month, plain)))


def _monthly(day: int, written: str) -> int:
    if not 1 <= day <= 31:  # noqa: PLR2004 - the days of a month
        raise ValueError(f"“{written}”里没有这样的日子，每月的日子应为1到31。")
    return day


def _plain(text: str) -> str:
    """Half-width, without blanks, Chinese numerals as digits (十二月 is 12月, 二〇二六 is 2026)."""
    return in_digits(re.sub(r"\s+", "", normalise(text)))


def _existing(year: int, month: int, day: int, written: str) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        named = f"{month}月{day}日"
        raise ValueError(f"“{written}”不是真实的日期：没有{named}这一天。") from None
