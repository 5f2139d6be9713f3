"""试算: the days of a rule that somebody is typing, on the real 2026."""

from __future__ import annotations

from datetime import date

import pytest

from config.editing.field_text import from_typed
from config.editing.trial import Trial, try_rule
from planning.workdays import Workdays, builtin_years

WORKDAYS = Workdays(builtin_years())
TODAY = date(2026, 4, 8)


def tried(rule: str, shift: str = "", *, count: int = 8) -> Trial:
    return try_rule(from_typed(rule, what="时限规则"), shift, workdays=WORKDAYS, years=range(2025, 2030), on=TODAY, count=count)


def test_the_next_days_come_in_their_order_from_today_on() -> None:
    found = tried("每月底", count=3)

    assert [due.on for due in found.dues] == [date(2026, 4, 30), date(2026, 5, 29), date(2026, 6, 30)]
    assert found.problems == ()


def test_a_shift_that_is_typed_stands_over_the_rules_own() -> None:
    assert [due.on for due in tried("{on: 2026-10-01}").dues] == [date(2026, 10, 1)]
    (moved,) = tried("{on: 2026-10-01}", "forward").dues
    assert moved.on == date(2026, 10, 8)
    assert moved.explanation == "原定10月1日，遇国庆节假期，顺延至10月8日"


def test_days_of_a_year_without_a_notice_are_provisional() -> None:
    assert [due.provisional for due in tried("12月4日", count=2).dues] == [False, True]


@pytest.mark.parametrize(
    "rule", ["尽快", "", "{by: 02-30}", "{rrule: FREQ=DAILY;COUNT=x, starts: 2026-01-01}", "{by: 03-31, on: 12-04}"]
)
def test_what_is_no_rule_is_told_with_what_to_do(rule: str) -> None:
    found = tried(rule)

    assert found.dues == ()
    assert found.problems
    assert all(problem.message and problem.hint for problem in found.problems)


def test_an_odd_shift_is_told_and_nothing_else_is_read_from_it() -> None:
    assert tried("3月底", "none\nrule: 12月4日").problems
