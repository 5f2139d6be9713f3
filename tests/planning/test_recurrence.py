from __future__ import annotations

from datetime import date

import pytest

from planning.recurrence import check_recurrence, days_of

START = date(2026, 1, 1)


def test_a_recurrence_gives_the_days_of_each_year() -> None:
    assert days_of("FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=15", START, 2026) == (date(2026, 3, 15),)
    assert days_of("FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYMONTHDAY=15", START, 2027) == ()
    assert days_of("RRULE:freq=monthly;bymonthday=-1", START, 2026)[1] == date(2026, 2, 28)
    assert days_of("FREQ=DAILY", START, 2025) == ()
    assert len(days_of("FREQ=DAILY", START, 2028)) == 366


def test_a_count_runs_out_over_the_years() -> None:
    rule = "FREQ=MONTHLY;BYMONTHDAY=10;COUNT=14"

    assert len(days_of(rule, START, 2026)) == 12
    assert days_of(rule, START, 2027) == (date(2027, 1, 10), date(2027, 2, 10))
    assert days_of(rule, START, 2028) == ()


@pytest.mark.parametrize("until", ["20260310", "20260310T000000", "20260310T155959Z"])
def test_until_is_the_last_day_itself(until: str) -> None:
    assert days_of(f"FREQ=MONTHLY;BYMONTHDAY=10;UNTIL={until}", START, 2026)[-1] == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "不能用"),
        ("每月一次", "不能用"),
        ("FREQ=HOURLY", "FREQ 应为"),
        ("BYMONTHDAY=1", "FREQ 应为"),
        ("FREQ=DAILY;BYHOUR=9", "BYHOUR"),
        ("FREQ=DAILY;FREQ=DAILY", "不能用"),
        ("FREQ=DAILY;DTSTART=20260101", "DTSTART"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL 应为正整数"),
        ("FREQ=DAILY;COUNT=-1", "COUNT 应为正整数"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20260301", "不能同时写"),
        ("FREQ=DAILY;UNTIL=20260230", "UNTIL 不是日期"),
        ("FREQ=MONTHLY;BYDAY=XX", "看不懂"),
        ("FREQ=DAILY;BYDAY=MO\nRRULE:FREQ=DAILY", "应当只有一条"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "算不出任何日期"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "算不出任何日期"),
        ("FREQ=MONTHLY;UNTIL=20251231", "算不出任何日期"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused_in_chinese(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_recurrence(text, START)


def test_a_usable_rule_passes_the_check() -> None:
    check_recurrence("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", START)
