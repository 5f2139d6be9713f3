"""Every kind of word that names a day, in one search: which kind stands where, and what it names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from planning import spoken_dates as dates
from planning import spoken_spans as spans
from planning.numerals import NUMERALS
from planning.spoken_hours import HOUR, PART_OF_DAY, read_hour
from planning.spoken_naming import Naming, Scene

_Reader = Callable[[re.Match[str], Scene], Naming | None]
_N = dates.NUMBER
# What names a day, but none to come: 每月5日前, 上周五, 去年12月; lunar days; papers, addresses, telephone numbers.
_IDLE = (
    rf"每(?:个|逢)?(?:天|日|{dates.WEEK}|月|季度?|半?年)(?:[一二三四五六日天末底](?!月)|(?:{_N}月(?:份)?)?{_N}[日号])?"
    rf"|上个?{dates.WEEK}[一二三四五六日天末]?|上个?月(?:{_N}[日号]|[底末初])?"
    rf"|(?:去年|上年)(?:{_N}月(?:份)?(?:{_N}[日号]|[底末初])?|[底末])?|昨[天日晚]|大?前天"
    rf"|提前(?:{_N}|半)个?(?:工作日|天|日|周)"
    rf"|(?:农历|[正冬腊]月|{_N}月(?=[初廿]))[正冬腊初廿{NUMERALS}月]{{0,7}}[日底末]?"
    rf"|第{_N}[号次日]|(?<![0-9])[0-9]{{3,4}}-[0-9]{{7,8}}"
    rf"|(?<![0-9])(?!20[0-9]{{6}}(?![0-9]))[0-9]{{5,32}}|https?:[!-~]{{1,200}}"
)
# Behind a mark of a clock, a fraction or a number (1:30, 3.5点) no hour begins.
_HOUR_ALONE = rf"(?<![0-9{NUMERALS}:.\-]){HOUR}|{PART_OF_DAY}(?=[之以]?前|截止|为止|内)"


def _read_idle(_found: re.Match[str], _scene: Scene) -> Naming | None:
    return None


def _read_hour_alone(found: re.Match[str], scene: Scene) -> Naming | None:
    """下班前, 下午3点前 without a day: today, or tomorrow when that hour is past."""
    hour = read_hour(found.string, found.start())
    if hour is None:
        return None
    if hour.at is not None and scene.at is not None and hour.at < scene.at:
        return Naming(scene.on + timedelta(days=1), said=f"没有写日期，今天{hour.at:%H:%M}已过，按明天", vague=True)
    return Naming(scene.on, said="没有写日期，按今天", vague=True)


# Of two kinds at one place the first that fits counts: 15日内 before 15日, 下周三 before 下周.
_PATTERNS: tuple[tuple[str, str, _Reader], ...] = (
    ("idle", _IDLE, _read_idle),
    ("compact", dates.COMPACT, dates.read_compact),
    ("full", dates.FULL_DATE, dates.read_full_date),
    ("near_month_day", dates.NEAR_MONTH_DAY, dates.read_near_month_day),
    ("month_day", dates.MONTH_DAY, dates.read_month_and_day),
    ("before_span", spans.BEFORE_SPAN, spans.read_before_span),
    ("counted", spans.COUNTED, spans.read_counted),
    ("month_part", spans.MONTH_PART, spans.read_month_part),
    ("quarter", spans.QUARTER, spans.read_quarter),
    ("half_year", spans.HALF_YEAR, spans.read_half_year),
    ("year_end", spans.YEAR_END, spans.read_year_end),
    ("weekday", dates.WEEKDAY, dates.read_weekday),
    ("week_end", spans.WEEK_END, spans.read_week_end),
    ("near_day", dates.NEAR_DAY, dates.read_near_day),
    ("after_festival", dates.AFTER_FESTIVAL, dates.read_after_festival),
    ("festival", dates.FESTIVAL, dates.read_festival),
    ("day_of_month", dates.DAY_OF_MONTH, dates.read_day_of_month),
    ("dotted", dates.DOTTED, dates.read_dotted),
    ("hour", _HOUR_ALONE, _read_hour_alone),
)
_KINDS = {name: (re.compile(pattern), read) for name, pattern, read in _PATTERNS}
# Their own groups lose their names here, which may stand only once in a pattern.
_ANY = re.compile("|".join(f"(?P<{name}>{re.sub(r'[?]P<[a-z]+>', '?:', pattern)})" for name, pattern, _ in _PATTERNS))


class Word(NamedTuple):
    """A word of one kind at its place. It names a day, or none: 每月5日, 2月30日."""

    kind: str
    start: int
    end: int
    naming: Naming | None


def next_word(plain: str, place: int, scene: Scene) -> Word | None:
    """The first word from the place on."""
    return _word(_ANY.search(plain, place), plain, scene)


def word_at(plain: str, place: int, scene: Scene) -> Word | None:
    """The word that begins at the place."""
    return _word(_ANY.match(plain, place), plain, scene)


def _word(hit: re.Match[str] | None, plain: str, scene: Scene) -> Word | None:
    if hit is None or hit.lastgroup is None:
        return None
    pattern, read = _KINDS[hit.lastgroup]
    found = pattern.match(plain, hit.start())
    try:
        naming = read(found, scene) if found is not None else None
    except (ValueError, OverflowError):  # a day that does not exist, or one outside the calendar
        naming = None
    return Word(hit.lastgroup, hit.start(), hit.end(), naming)
