"""Words that name a span's end or count from today: 月底, 3月底, 一季度末, 上半年, 年底, 本周内, 三个工作日内, 两周内."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from planning.candidates import candidates
from planning.numerals import NUMERALS, in_digits
from planning.periods import day_in_month, months_before
from planning.rules import OnceOn
from planning.spoken_dates import ALONE, NUMBER, WEEK, YEAR, year_of
from planning.spoken_naming import Naming, Scene, Shape, shift_months
from planning.wording import day_name
from planning.written import read_written

INSIDE = r"(?=[之以]?内)"
_NEAR_MONTH = r"(?:下下个?|下个?|次|本|当|这个?)月"
MONTH_PART = (
    rf"(?:(?P<year>{YEAR})?{ALONE}(?P<month>{NUMBER})月份?|(?P<near>{_NEAR_MONTH})份?)"
    r"(?P<part>底|末|初|中(?![旬国央心小学午])|[上中下]旬|(?=[之以]?内))"
    rf"|(?<![个每正冬腊满0-9{NUMERALS}])月[底末]"
)
QUARTER = (
    rf"(?:(?P<year>{YEAR})?(?<![前0-9{NUMERALS}])第?(?P<number>[1-4一二三四])|(?P<near>本|这个?|下个?))季度[底末]?"
    r"|季度?[底末]"
)
HALF_YEAR = rf"(?P<year>{YEAR})?(?P<half>上|下)半年[底末]?"
YEAR_END = (
    rf"(?P<year>{YEAR})(?:年?[底末]|度?{INSIDE})"
    rf"|(?<![0-9{NUMERALS}半每])(?:年[底末]|年终(?=[之以]?前)|本?年度?{INSIDE})"
)
WEEK_END = rf"(?P<ahead>下下|下|本|这)个?{WEEK}末?|{WEEK}末|(?<![{NUMERALS}0-9每])周{INSIDE}"
BEFORE_SPAN = rf"(?:下个?{WEEK}|下个?月|次月|下个?季度|明年)(?:开始)?[之以]?前(?![后期段往述款者])"
_COUNT = rf"(?:[0-9]{{1,3}}|[{NUMERALS}]{{1,3}})"
COUNTED = (
    rf"{ALONE}(?<!提前)(?P<count>{_COUNT}|半)(?:(?:-|~|至|到)(?P<upto>{_COUNT}))?"
    rf"(?P<unit>个?工作日|天|日{INSIDE}|个?周(?![年期一-六日末])|个?星期(?![一-六日天])|个?礼拜|个月|个?小时|年{INSIDE}|(?<=半)月{INSIDE})(?P<after>[之以]?后)?"
)

_NEAR_MONTHS = {"下下": 2, "下": 1, "次": 1}
_WEEKS = {"下下": 2, "下": 1}
_HALF = "半"
_DAYS_OF_HALF_MONTH = 15
_MONTHS_OF_HALF_YEAR, _MONTHS_OF_QUARTER, _MONTHS_OF_YEAR = 6, 3, 12
_TWO_NUMERALS = 2
_MIDDLE = 15


def read_month_part(found: re.Match[str], scene: Scene) -> Naming | None:
    """3月底, 本月底, 下月初, 11月中旬, 3月内."""
    part = found["part"] or "底"
    if found["month"] is not None:
        number = int(in_digits(found["month"]))
        spoken = f"{year_of(found['year'], scene.on)}年{number}月" if found["year"] else f"{number}月"
    else:
        near = (found["near"] or "").removesuffix("月").removesuffix("个")
        year, number = shift_months(scene.on, _NEAR_MONTHS.get(near, 0))
        spoken = f"{year}年{number}月"
    if part == "初":
        return _month_begin(spoken, scene)
    if part == "中":
        return _month_middle(spoken, found[0], scene)
    return _end(spoken + part, found[0], scene)


def read_quarter(found: re.Match[str], scene: Scene) -> Naming | None:
    """一季度末, 本季度, 下季度末, 季度末."""
    if found["number"] is not None:
        year = f"{year_of(found['year'], scene.on)}年" if found["year"] else ""
        return _end(f"{year}{in_digits(found['number'])}季度末", found[0], scene)
    ahead = _MONTHS_OF_QUARTER if (found["near"] or "").startswith("下") else 0
    of_year, month = shift_months(scene.on, ahead)
    return _end(f"{of_year}年{(month - 1) // _MONTHS_OF_QUARTER + 1}季度末", found[0], scene)


def read_half_year(found: re.Match[str], scene: Scene) -> Naming | None:
    """上半年, 明年下半年."""
    year = f"{year_of(found['year'], scene.on)}年" if found["year"] else ""
    return _end(f"{year}{found['half']}半年", found[0], scene)


def read_year_end(found: re.Match[str], scene: Scene) -> Naming | None:
    """年底, 今年底, 2027年底, 年内."""
    year = year_of(found["year"], scene.on) if found["year"] else scene.on.year
    return _end(f"{year}年底", found[0], scene)


def read_week_end(found: re.Match[str], scene: Scene) -> Naming | None:
    """本周内, 下周, 周末: by the last workday of the week."""
    ahead = _WEEKS.get(found["ahead"] or "", 0)
    sunday = scene.on + timedelta(days=6 - scene.on.weekday(), weeks=ahead)
    return Naming(sunday, Shape.END, moved=f"“{found[0]}”按当周最后一个工作日", vague=not found[0].endswith("末"))


def read_before_span(found: re.Match[str], scene: Scene) -> Naming | None:
    """下周前, 下月前, 明年前: by the last workday before it begins."""
    words = found[0]
    if "月" in words:
        last = day_in_month(scene.on.year, scene.on.month, 31)
    elif "季" in words:
        month = ((scene.on.month - 1) // _MONTHS_OF_QUARTER + 1) * _MONTHS_OF_QUARTER
        last = day_in_month(scene.on.year, month, 31)
    elif "年" in words:
        last = date(scene.on.year, _MONTHS_OF_YEAR, 31)
    else:
        last = scene.on + timedelta(days=6 - scene.on.weekday())
    return Naming(last, Shape.END, moved=f"“{words}”按此前最后一个工作日")


def read_counted(found: re.Match[str], scene: Scene) -> Naming | None:
    """三个工作日内, 15日内, 两周内, 一个月内, 48小时内: the day counted from is not itself counted (民法典 art. 201)."""
    unit = found["unit"].removeprefix("个")
    count, said = _count_of(found)
    after = found["after"] is not None
    if unit == "小时":
        return _after_hours(count, scene, after=after)
    if unit == "工作日":
        day, shape = scene.workdays.add(scene.on, count), Shape.WORKDAYS
    else:
        day, shape = _natural(count, unit, scene.on, half=found["count"] == _HALF), Shape.COUNTED
    counted = f"从{day_name(scene.on)}起算，当天不计"
    return Naming(day, Shape.DAY if after and shape is Shape.COUNTED else shape, said=f"{said}{counted}", vague=not after)


def _count_of(found: re.Match[str]) -> tuple[int, str]:
    """How many, and what was assumed: of two numbers (3至5, 两三) the smaller one counts."""
    written = found["count"]
    if written == _HALF:
        return 0, ""
    digits = in_digits(written)
    unclear = found["upto"] is not None
    if len(written) == _TWO_NUMERALS and "十" not in written and not written.isdigit():
        digits, unclear = digits[0], True
    number = int(digits)
    return number, f"“{found[0]}”按较短的{number}{found['unit']}，" if unclear else ""


def _natural(count: int, unit: str, on: date, *, half: bool) -> date:
    if unit == "年":
        return months_before(on, -(_MONTHS_OF_HALF_YEAR if half else count * _MONTHS_OF_YEAR))
    if unit == "月":
        # A month ends on the day of the same number, or on its last day (民法典 art. 202).
        return on + timedelta(days=_DAYS_OF_HALF_MONTH) if half else months_before(on, -count)
    days = {"周": 7, "星期": 7, "礼拜": 7}.get(unit, 1)
    return on + timedelta(days=count * days)


def _after_hours(count: int, scene: Scene, *, after: bool) -> Naming:
    begins = datetime.combine(scene.on, scene.at or time())
    ends = begins + timedelta(hours=count)
    return Naming(ends.date(), said=f"从{day_name(scene.on)}起算", vague=not after, at=ends.time() if scene.at else None)


def _end(written: str, words: str, scene: Scene) -> Naming | None:
    """The end of a span, as written deadlines have it; without a year the next one."""
    rule = read_written(written)
    if rule is None:
        return None
    if isinstance(rule, OnceOn):
        return Naming(rule.on, Shape.END, vague=True)
    years = (scene.on.year, scene.on.year + 1)
    day = next(one.nominal for one in candidates(rule, years, scene.workdays) if one.nominal >= scene.on)
    said = "" if day.year == scene.on.year else f"今年的{words}已过，按{day.year}年"
    return Naming(day, Shape.END, said=said, vague=True)


def _month_begin(spoken: str, scene: Scene) -> Naming | None:
    end = _end(f"{spoken}底", f"{spoken}初", scene)
    if end is None:
        return None
    first = scene.workdays.first_workday(end.day.replace(day=1), end.day)
    if first is not None and first < scene.on and "年" not in spoken:
        last = day_in_month(end.day.year + 1, end.day.month, 31)
        first = scene.workdays.first_workday(last.replace(day=1), last)
    if first is None:
        return None
    return Naming(first, Shape.WORKDAYS, said=f"“{first.month}月初”按当月第一个工作日{day_name(first)}", vague=True)


def _month_middle(spoken: str, words: str, scene: Scene) -> Naming | None:
    end = _end(f"{spoken}底", words, scene)
    if end is None:
        return None
    middle = end.day.replace(day=_MIDDLE)
    if middle < scene.on and "年" not in spoken:
        middle = months_before(middle, -_MONTHS_OF_YEAR)
    return Naming(middle, Shape.END, said=f"“{words}”按{day_name(middle)}", vague=True)
