"""Each way to write a rule, in a calendar file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from planning.duty import Shift
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
    Standing,
    Weekly,
    WeekOf,
)

if TYPE_CHECKING:
    from tests.config.conftest import CalendarOf


NONE, BACK, ON = Shift.NONE, Shift.BACKWARD, Shift.FORWARD
RULES = [
    ("{on: 12-04}", FixedDay(12, 4), NONE),
    ("{on: 12月4日}", FixedDay(12, 4), NONE),
    ("{on: １２月４日}", FixedDay(12, 4), NONE),
    ("{on: 2026-12-04}", OnceOn(date(2026, 12, 4)), NONE),
    ("{on: 2026年12月4日}", OnceOn(date(2026, 12, 4)), NONE),
    ("{day: 31}", MonthlyDay(31), BACK),
    ("{day: 15, months: [10, 1, 4, 7]}", MonthlyDay(15, (1, 4, 7, 10)), BACK),
    ("{from: 06-01, to: 06-30}", DayRange(6, 1, 6, 30), NONE),
    ("{week_of: 12-04}", WeekOf(12, 4), NONE),
    ("{weekly: friday}", Weekly(5), BACK),
    ("{weekly: Fri}", Weekly(5), BACK),
    ("{weekly: 周五}", Weekly(5), BACK),
    ("{weekly: 星期日}", Weekly(7), BACK),
    ("{weekly: 天}", Weekly(7), BACK),
    ("{weekly: 5}", Weekly(5), BACK),
    ("{nth_weekday: 3, weekday: sunday, months: [5]}", NthWeekday(3, 7, (5,)), NONE),
    ("{nth_weekday: last, weekday: 五}", NthWeekday(-1, 5), NONE),
    ("{nth_weekday: -1, weekday: 五}", NthWeekday(-1, 5), NONE),
    ("{lunar: 9-9}", LunarDay(9, 9), NONE),
    ("{lunar: 九月初九}", LunarDay(9, 9), NONE),
    ("{lunar: 腊月廿三}", LunarDay(12, 23), NONE),
    ("{lunar: 正月十五}", LunarDay(1, 15), NONE),
    ("{lunar: 腊月三十}", LunarDay(12, 30), NONE),
    ("{lunar: 十一月初十}", LunarDay(11, 10), NONE),
    ("{solar_term: 秋分}", SolarTerm("秋分"), NONE),
    ("{at_least: 1, per: quarter}", Quota(1, "quarter"), BACK),
    ("{at_least: ２, per: half_year}", Quota(2, "half_year"), BACK),
    ("{before: 03-01}", Before(3, 1, inclusive=False), BACK),
    ("{by: 3月31日}", Before(3, 31, inclusive=True), BACK),
    ("{workdays_after: 7}", AfterEvent(7, working=True), ON),
    (
        "{workdays_after: 7, events: {罚2026-01: 2026-03-05, 罚2026-02: 2026.4.1}}",
        AfterEvent(7, working=True, events=(("罚2026-01", date(2026, 3, 5)), ("罚2026-02", date(2026, 4, 1)))),
        ON,
    ),
    ("{days_after: 60, events: {访1: 2026-03-05}}", AfterEvent(60, working=False, events=(("访1", date(2026, 3, 5)),)), ON),
    ("{months_before_expiry: 6, expiries: {张三: 2027-10-31}}", BeforeExpiry(6, (("张三", date(2027, 10, 31)),)), BACK),
    ("{market_days: [2, 5, 8], lunar: true, every: 3}", MarketDay((2, 5, 8), lunar=True, every=3), NONE),
    ("{market_days: 二五八}", MarketDay((2, 5, 8), lunar=False), NONE),
    ("{market_days: 三六九}", MarketDay((3, 6, 9), lunar=False), NONE),
    ("{market_days: 逢五、逢十}", MarketDay((0, 5), lunar=False), NONE),
    ("{market_days: 147}", MarketDay((1, 4, 7), lunar=False), NONE),
    ("{as_notified: 04-15}", AsNotified(4, 15), BACK),
    ("{as_notified: 04-15, dates: {2026: 2026-04-20}}", AsNotified(4, 15, ((2026, date(2026, 4, 20)),)), BACK),
    ("{workday: last, of: month}", NthWorkday(-1, "month"), NONE),
    ("{workday: 5, of: month, months: [1, 7]}", NthWorkday(5, "month", (1, 7)), NONE),
    ("{workday: 60, of: quarter}", NthWorkday(60, "quarter"), NONE),
    ('{rrule: "RRULE:freq=monthly;byday=2TU", starts: 2026-01-01}', Recurrence("FREQ=MONTHLY;BYDAY=2TU", date(2026, 1, 1)), BACK),
    ("{standing: 12-15}", Standing(12, 15), BACK),
    ("3月底", Before(3, 31, inclusive=True), BACK),
    ("３月底", Before(3, 31, inclusive=True), BACK),
    ("上半年", Before(6, 30, inclusive=True), BACK),
    ("3月15日前", Before(3, 15, inclusive=False), BACK),
    ("12月4日", FixedDay(12, 4), NONE),
    ("2026.3.5", OnceOn(date(2026, 3, 5)), NONE),
    ("2026年3月底", OnceOn(date(2026, 3, 31)), BACK),
]


@pytest.mark.parametrize(("written", "rule", "shift"), RULES, ids=[written for written, _, _ in RULES])
def test_a_rule_is_read_as_it_is_written(written: str, rule: DateRule, shift: Shift, calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        f"duties:\n  - key: one\n    kind: routine\n    title: 一件事\n    owner: person:lisi\n    rule: {written}\n"
    )

    assert calendar.problems == ()
    duty = next(duty for duty in calendar.duties if duty.key == "one")
    assert duty.rule == rule
    assert duty.shift == shift
    assert duty.as_written == ("" if written.startswith("{") else written)


def test_a_lasting_duty_is_never_ticked_off(calendar_of: CalendarOf) -> None:
    text = "duties:\n  - key: {0}\n    kind: routine\n    title: 一件事\n    owner: person:lisi\n    rule: {1}\n"

    for written in ("长期坚持", "{standing: 12-15}"):
        calendar = calendar_of(text.replace("{0}", "one").replace("{1}", written))
        assert next(duty for duty in calendar.duties if duty.key == "one").standing


def test_the_duty_may_choose_another_shift(calendar_of: CalendarOf) -> None:
    calendar = calendar_of(
        "duties:\n  - {key: one, kind: routine, title: 一件事, owner: 'person:lisi', rule: 3月底, shift: forward}\n"
    )

    assert next(duty for duty in calendar.duties if duty.key == "one").shift is Shift.FORWARD


@pytest.mark.parametrize(("written", "offered"), [("{befor: 03-01}", "before"), ("{weekley: 五}", "weekly")])
def test_a_misspelt_rule_is_answered_with_the_nearest(written: str, offered: str, calendar_of: CalendarOf) -> None:
    calendar = calendar_of(f"duties:\n  - {{key: one, kind: routine, title: 一, owner: 'person:lisi', rule: {written}}}\n")

    assert calendar.problems[0].hint == f"是不是 {offered}?"
