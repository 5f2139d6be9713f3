"""The ``rule`` of a duty: a mapping with one leading name, or a deadline as offices write it (3月底)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from config.fields import EARLIEST_YEAR, LATEST_YEAR, Section
from config.nodes import Mapping as MappingNode
from config.nodes import Scalar, Sequence
from config.problems import Code, did_you_mean, shown
from config.rule_words import PERIOD, lunar_day, market_digits, weekday_of
from planning.duty import Shift
from planning.lunar import SOLAR_TERMS
from planning.rules import (
    AfterEvent,
    AsNotified,
    Before,
    BeforeExpiry,
    DateRule,
    DayRange,
    FixedDay,
    LunarDay,
    MarketDay,
    MonthlyDay,
    NthWeekday,
    NthWorkday,
    OnceOn,
    Quota,
    Recurrence,
    SolarTerm,
    Span,
    Standing,
    Weekly,
    WeekOf,
)
from planning.wording import normalise
from planning.written import read_month_day, read_written, written_shift

SPANS: dict[str, Span] = {"week": "week", "month": "month", "quarter": "quarter", "half_year": "half_year", "year": "year"}
SPAN_NAMES = {"week": "周", "month": "月", "quarter": "季度", "half_year": "半年", "year": "年"}
_EVERY_MONTH = tuple(range(1, 13))
_LATEST_WORKDAY = 23  # a month has at most 23 workdays, a year at most 262
_YEAR_FIRST = re.compile(r"[0-9]{4}")  # with a year it happens once
_LAST = {"last": -1, "最后": -1, "末": -1}


@dataclass(frozen=True, slots=True)
class ReadRule:
    """A rule with the shift it has unless the duty says otherwise, and the words it was written in."""

    rule: DateRule
    shift: Shift
    as_written: str = ""


class _Form(NamedTuple):
    """One way to write a rule, known by its leading name."""

    read: Callable[[Section], DateRule | None]
    shift: Shift


def read_rule(section: Section) -> ReadRule | None:
    """Read the field ``rule`` of a duty; None after noting what is wrong."""
    value = section.get("rule")
    if value is None:
        return None
    if isinstance(value, Scalar):
        return _read_text(section)
    if isinstance(value, MappingNode):
        return _read_mapping(Section(value, section.sheet, f"{section.what}的时限规则"))
    section.error(Code.FIELD_SHAPE, "rule", "应当是一组字段或一段文字", "写成 {before: 03-01} 或 3月底")
    return None


def _read_text(section: Section) -> ReadRule | None:
    text = section.text("rule")
    if not text:
        return None
    hint = "写成 3月底、上半年、3月15日前、12月4日 这样，或用 {before: 03-01} 的写法"
    try:
        rule = read_written(text)
    except (ValueError, OverflowError) as error:
        section.error(Code.RULE_VALUE, "rule", f"{shown(text)} 读不懂：{error}", hint)
        return None
    if rule is None:
        section.error(Code.RULE_UNKNOWN, "rule", f"{shown(text)} 看不出是什么时限", hint)
        return None
    if isinstance(rule, OnceOn) and not EARLIEST_YEAR <= rule.on.year <= LATEST_YEAR:
        section.error(Code.RULE_VALUE, "rule", f"{shown(text)} 的年份不对", f"年份在 {EARLIEST_YEAR} 到 {LATEST_YEAR} 之间")
        return None
    return ReadRule(rule, written_shift(text), as_written=text)


def _read_mapping(section: Section) -> ReadRule | None:
    before = section.sheet.errors
    leading = [name for name in _FORMS if name in section.values]
    if "market_days" in leading and "lunar" in leading:
        leading.remove("lunar")  # there it tells which calendar the market follows
    if not leading:
        written = "、".join(section.names) or "空的"
        near = next((found for name in section.names if (found := did_you_mean(name, _FORMS, otherwise=""))), "")
        hint = near or "可用的规则：" + "、".join(_FORMS)
        section.sheet.error(Code.RULE_UNKNOWN, section.node.line, f"{section.what} {shown(written)} 看不出是哪一种", hint)
        return None
    if len(leading) > 1:
        named = "、".join(leading)
        section.sheet.error(Code.RULE_MIXED, section.node.line, f"{section.what}混用了 {named}", "一条规则只用其中一种")
        return None
    form = _FORMS[leading[0]]
    section.require(leading[0])
    rule = form.read(section)
    section.close()
    return ReadRule(rule, form.shift) if rule is not None and section.sheet.errors == before else None


# -- pieces ------------------------------------------------------------------------------------------


def _wrong(section: Section, name: str, written: str, why: str, hint: str) -> None:
    section.error(Code.RULE_VALUE, name, f"{shown(written)} {why}", hint)


def _month_day(section: Section, name: str) -> tuple[int, int] | None:
    written = section.text(name)
    if not written:
        section.require(name)
        return None
    hint = "写成 03-01 或 3月1日"
    try:
        found = read_month_day(written)
    except ValueError as error:
        _wrong(section, name, written, f"不存在：{error}", hint)
        return None
    if found is None:
        _wrong(section, name, written, "不是月和日", hint)
    return found


def _months(section: Section) -> tuple[int, ...]:
    texts = section.texts("months")
    if not texts:
        return _EVERY_MONTH
    return tuple(sorted({section.whole_of(text, "months", 1, least=1, most=12) for text in texts}))


def _weekday(section: Section, name: str) -> int | None:
    written = section.text(name)
    if not written:
        section.require(name)
        return None
    found = weekday_of(written)
    if found is None:
        _wrong(section, name, written, "不是星期几", "写 monday 到 sunday、一 到 日、周五 或 1 到 7")
    return found


def _count(section: Section, name: str, most: int) -> int | None:
    """Read a place counted from the front (1, 2, …) or from the back (-1, last)."""
    written = section.text(name)
    if not written:
        section.require(name)
        return None
    if written in _LAST:
        return _LAST[written]
    before = section.sheet.errors
    found = section.whole_of(written, name, 0, least=-most, most=most)
    if found == 0 and section.sheet.errors == before:
        _wrong(section, name, written, "没有第0个", f"写 1 到 {most}，或 last（最后一个）")
    return found or None


def _span(section: Section, name: str) -> Span | None:
    section.require(name)
    word = section.choice(name, SPAN_NAMES, "")
    return SPANS.get(word)


def _dates_by_name(section: Section, name: str) -> tuple[tuple[str, date], ...]:
    """``{罚2026-01: 2026-03-05}``; the name becomes the period, so it must fit into a reference."""
    listed = section.section(name, f"{section.what}的 {name} ")
    found = []
    for key in listed.names if listed else ():
        if listed is None:
            break
        day = listed.day(key)
        if not PERIOD.fullmatch(key):
            listed.error(Code.PERIOD, key, "不能作编号", "不含空格、冒号、句点和斜杠，最多40个字")
        elif day is None:
            listed.require(key)
        else:
            found.append((key, day))
    return tuple(found)


# -- one function for each form ----------------------------------------------------------------------


def _on(section: Section) -> DateRule | None:
    if _YEAR_FIRST.match(normalise(section.text("on"))):
        once = section.day("on")
        return OnceOn(once) if once else None
    found = _month_day(section, "on")
    return FixedDay(*found) if found else None


def _day(section: Section) -> DateRule:
    return MonthlyDay(section.whole("day", 1, least=1, most=31), _months(section))


def _range(section: Section) -> DateRule | None:
    section.require("to")
    start, end = _month_day(section, "from"), _month_day(section, "to") if section.get("to") else None
    return DayRange(*start, *end) if start and end else None


def _week_of(section: Section) -> DateRule | None:
    found = _month_day(section, "week_of")
    return WeekOf(*found) if found else None


def _weekly(section: Section) -> DateRule | None:
    weekday = _weekday(section, "weekly")
    return Weekly(weekday) if weekday else None


def _nth_weekday(section: Section) -> DateRule | None:
    n, weekday, months = _count(section, "nth_weekday", 5), _weekday(section, "weekday"), _months(section)
    return NthWeekday(n, weekday, months) if n and weekday else None


def _lunar(section: Section) -> DateRule | None:
    written = section.text("lunar")
    found = lunar_day(written)
    if found is None and written:
        _wrong(section, "lunar", written, "不是农历的月和日", "写成 9-9 或 九月初九，月 1 到 12，日 1 到 30")
    return LunarDay(*found) if found else None


def _solar_term(section: Section) -> DateRule | None:
    written = section.text("solar_term")
    if written and written not in SOLAR_TERMS:
        _wrong(section, "solar_term", written, "不是二十四节气之一", "写成 秋分 这样的节气名")
    return SolarTerm(written) if written else None


def _quota(section: Section) -> DateRule | None:
    count, per = section.whole("at_least", 1, least=1, most=31), _span(section, "per")
    return Quota(count, per) if per else None


def _before(section: Section) -> DateRule | None:
    found = _month_day(section, "before")
    return Before(*found, inclusive=False) if found else None


def _by(section: Section) -> DateRule | None:
    found = _month_day(section, "by")
    return Before(*found, inclusive=True) if found else None


def _workdays_after(section: Section) -> DateRule:
    days = section.whole("workdays_after", 1, least=1, most=1000)
    return AfterEvent(days, working=True, events=_dates_by_name(section, "events"))


def _days_after(section: Section) -> DateRule:
    days = section.whole("days_after", 1, least=1, most=3660)
    return AfterEvent(days, working=False, events=_dates_by_name(section, "events"))


def _before_expiry(section: Section) -> DateRule:
    months = section.whole("months_before_expiry", 1, least=0, most=120)
    return BeforeExpiry(months, _dates_by_name(section, "expiries"))


def _market_days(section: Section) -> DateRule | None:
    value = section.get("market_days")
    texts = section.texts("market_days") if isinstance(value, Sequence) else tuple(section.text("market_days"))
    digits = market_digits(texts)
    if digits is None:
        _wrong(section, "market_days", "、".join(texts), "不是赶场的日子", "写成 [2, 5, 8] 或 二五八")
    every = section.whole("every", 1, least=1, most=31)
    lunar = section.flag("lunar", default=False)
    return MarketDay(digits, lunar, every) if digits else None


def _as_notified(section: Section) -> DateRule | None:
    expected = _month_day(section, "as_notified")
    listed = section.section("dates", f"{section.what}的 dates ")
    notified = []
    for key in listed.names if listed else ():
        if listed is None:
            break
        year, day = listed.whole_of(key, key, 0, least=EARLIEST_YEAR, most=LATEST_YEAR), listed.day(key)
        if year and day is not None:
            notified.append((year, day))
    return AsNotified(*expected, tuple(sorted(notified))) if expected else None


def _workday(section: Section) -> DateRule | None:
    n, per, months = _count(section, "workday", 262), _span(section, "of"), _months(section)
    if per != "month" and section.get("months") is not None:
        section.error(Code.RULE_MIXED, "months", "只能与 of: month 同用", "去掉 months，或写 of: month")
    if n and per == "month" and abs(n) > _LATEST_WORKDAY:
        _wrong(section, "workday", str(n), "超出一个月的工作日数", f"写 1 到 {_LATEST_WORKDAY}，或 last（最后一个）")
    return NthWorkday(n, per, months) if n and per else None


def _rrule(section: Section) -> DateRule | None:
    section.require("starts")
    written, starts = section.text("rrule", longest=500), section.day("starts")
    if not written or starts is None:
        return None
    rrule = normalise(written).upper().removeprefix("RRULE:")
    # Imported here: few calendars use RRULE, and every command pays for imports.
    from planning.recurrence import check_recurrence

    try:
        check_recurrence(rrule, starts)
    except ValueError as error:
        _wrong(section, "rrule", written, f"不能用：{error}", "按 RFC 5545 写，如 FREQ=MONTHLY;BYDAY=2TU")
    return Recurrence(rrule, starts)


def _standing(section: Section) -> DateRule | None:
    found = _month_day(section, "standing")
    return Standing(*found) if found else None


_FORMS: dict[str, _Form] = {
    "on": _Form(_on, Shift.NONE),
    "day": _Form(_day, Shift.BACKWARD),
    "from": _Form(_range, Shift.NONE),
    "week_of": _Form(_week_of, Shift.NONE),
    "weekly": _Form(_weekly, Shift.BACKWARD),
    "nth_weekday": _Form(_nth_weekday, Shift.NONE),
    "lunar": _Form(_lunar, Shift.NONE),
    "solar_term": _Form(_solar_term, Shift.NONE),
    "at_least": _Form(_quota, Shift.BACKWARD),
    "before": _Form(_before, Shift.BACKWARD),
    "by": _Form(_by, Shift.BACKWARD),
    "workdays_after": _Form(_workdays_after, Shift.FORWARD),
    "days_after": _Form(_days_after, Shift.FORWARD),
    "months_before_expiry": _Form(_before_expiry, Shift.BACKWARD),
    "market_days": _Form(_market_days, Shift.NONE),
    "as_notified": _Form(_as_notified, Shift.BACKWARD),
    "workday": _Form(_workday, Shift.NONE),
    "rrule": _Form(_rrule, Shift.BACKWARD),
    "standing": _Form(_standing, Shift.BACKWARD),
}
