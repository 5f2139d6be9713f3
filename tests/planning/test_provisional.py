"""What a year without a notice does to dates, and what its coming changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from planning import rules
from planning.dates import dues
from planning.duty import Duty, Kind, Party, Shift
from planning.notice import parse_notice
from planning.workdays import Workdays, builtin_years

MakeDuty = Callable[..., Duty]
BEFORE = Workdays(builtin_years())

EVERY_KIND: list[rules.DateRule] = [
    rules.FixedDay(10, 1),
    rules.OnceOn(date(2027, 2, 10)),
    rules.MonthlyDay(31),
    rules.DayRange(6, 1, 6, 30),
    rules.WeekOf(12, 4),
    rules.Weekly(5),
    rules.NthWeekday(3, 7),
    rules.LunarDay(9, 9),
    rules.SolarTerm("秋分"),
    rules.Quota(1, "quarter"),
    rules.Quota(2, "month"),
    rules.Before(3, 1, inclusive=False),
    rules.AfterEvent(7, working=True, events=(("罚1", date(2027, 4, 28)),)),
    rules.AfterEvent(60, working=False, events=(("信1", date(2027, 2, 1)),)),
    rules.BeforeExpiry(6, expiries=(("张三", date(2027, 8, 10)),)),
    rules.MarketDay((2, 5, 8), lunar=True, every=3),
    rules.AsNotified(4, 15),
    rules.NthWorkday(-1, "month"),
    rules.Recurrence("FREQ=MONTHLY;BYMONTHDAY=1", date(2027, 1, 1)),
    rules.Standing(12, 15),
]


def test_every_kind_of_rule_is_here() -> None:
    assert {type(rule) for rule in EVERY_KIND} == set(rules.DateRule.__args__)


@pytest.mark.parametrize("rule", EVERY_KIND, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("shift", list(Shift))
def test_all_of_2027_is_provisional_until_its_notice_comes(
    workdays: Workdays, workdays_with_2027: Workdays, make_duty: MakeDuty, rule: rules.DateRule, shift: Shift
) -> None:
    before = dues(make_duty(rule, shift), years=[2027], workdays=workdays)
    after = dues(make_duty(rule, shift), years=[2027], workdays=workdays_with_2027)

    assert before
    assert all(due.provisional for due in before)
    assert [due.period for due in before] == [due.period for due in after]
    assert len({due.period for due in after}) == len(after)
    assert not any(due.provisional for due in after if due.on.year == 2027 and due.nominal.year == 2027)


def test_a_date_of_2026_that_moves_into_2027_is_provisional(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.AfterEvent(60, working=False, events=(("信1", date(2026, 11, 4)),))

    (found,) = dues(make_duty(rule, Shift.FORWARD), years=[2027], workdays=workdays)
    (year_end,) = dues(make_duty(rules.FixedDay(12, 26), Shift.FORWARD), years=[2026], workdays=workdays)

    assert (found.on, found.provisional) == (date(2027, 1, 4), True)
    assert not year_end.provisional


def test_workdays_counted_from_an_unknown_year_leave_the_result_provisional(make_duty: MakeDuty) -> None:
    only_2026 = Workdays({2026: builtin_years()[2026]})
    rule = rules.AfterEvent(7, working=True, events=(("罚1", date(2025, 12, 29)),))

    (found,) = dues(make_duty(rule), years=[2026], workdays=only_2026)

    assert found.provisional


def test_the_notice_moves_a_date_and_says_why(workdays: Workdays, workdays_with_2027: Workdays, make_duty: MakeDuty) -> None:
    duty = make_duty(rules.FixedDay(2, 10), Shift.FORWARD)

    (before,) = dues(duty, years=[2027], workdays=workdays)
    (after,) = dues(duty, years=[2027], workdays=workdays_with_2027)

    assert (before.on, before.explanation) == (date(2027, 2, 10), "")
    assert (after.on, after.explanation) == (date(2027, 2, 12), "原定2月10日，遇春节假期，顺延至2月12日")
    assert before.period == after.period


MONTH_DAYS = st.dates(date(2024, 1, 1), date(2024, 12, 31)).map(lambda day: (day.month, day.day))
MONTHS = st.lists(st.integers(1, 12), min_size=1, max_size=12, unique=True).map(tuple)
SPANS = st.sampled_from(["week", "month", "quarter", "half_year", "year"])
DIGITS = st.lists(st.integers(0, 9), min_size=1, max_size=4, unique=True).map(tuple)
RULES = st.one_of(
    MONTH_DAYS.map(lambda md: rules.FixedDay(*md)),
    st.builds(rules.MonthlyDay, st.integers(1, 31), MONTHS),
    st.tuples(MONTH_DAYS, MONTH_DAYS).map(lambda two: rules.DayRange(*two[0], *two[1])),
    MONTH_DAYS.map(lambda md: rules.WeekOf(*md)),
    st.builds(rules.Weekly, st.integers(1, 7)),
    st.builds(rules.NthWeekday, st.integers(-5, 5).filter(bool), st.integers(1, 7), MONTHS),
    st.builds(rules.LunarDay, st.integers(1, 12), st.integers(1, 30)),
    st.builds(rules.Quota, st.integers(1, 9), SPANS),
    st.builds(lambda md, inclusive: rules.Before(md[0], md[1], inclusive=inclusive), MONTH_DAYS, st.booleans()),
    st.builds(rules.MarketDay, DIGITS, st.booleans(), st.integers(1, 4)),
    st.builds(rules.NthWorkday, st.sampled_from([-2, -1, 1, 2, 5]), st.sampled_from(["month", "quarter", "half_year", "year"])),
    MONTH_DAYS.map(lambda md: rules.Standing(*md)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rule=RULES, shift=st.sampled_from(list(Shift)), years=st.sets(st.integers(2024, 2029), min_size=1, max_size=3))
def test_no_rule_names_a_period_twice_or_renames_it_when_a_notice_comes(
    invented_notice_2027: str, rule: rules.DateRule, shift: Shift, years: set[int]
) -> None:
    duty = Duty("k", Kind.ROUTINE, "t", rule, Party(role="r"), (), shift)
    after_notice = Workdays({**builtin_years(), 2027: parse_notice(invented_notice_2027).table})

    before = dues(duty, years=years, workdays=BEFORE)
    after = dues(duty, years=years, workdays=after_notice)

    periods = [due.period for due in before]
    assert len(set(periods)) == len(periods)
    assert periods == [due.period for due in after]
    assert all(shift is Shift.NONE or after_notice.is_workday(due.on) for due in after)
    assert sorted({int(period[:4]) for period in periods} | years) == sorted(years)


@given(rule=RULES, year=st.integers(2024, 2029))
def test_a_year_yields_the_same_alone_and_among_others(rule: rules.DateRule, year: int) -> None:
    duty = Duty("k", Kind.ROUTINE, "t", rule, Party(role="r"), (), Shift.BACKWARD)

    alone = dues(duty, years=[year], workdays=BEFORE)
    together = dues(duty, years=range(2024, 2030), workdays=BEFORE)

    assert alone == [due for due in together if due.period.startswith(str(year))]
