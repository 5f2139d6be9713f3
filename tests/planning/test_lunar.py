from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from planning.lunar import SOLAR_TERMS, lunar_dates, lunar_day, solar_term


@pytest.mark.parametrize(
    ("year", "month", "day", "expected"),
    [
        (2026, 9, 9, date(2026, 10, 18)),
        (2027, 9, 9, date(2027, 10, 8)),
        (2026, 1, 1, date(2026, 2, 17)),
        (2027, 1, 1, date(2027, 2, 6)),
        (2026, 1, 15, date(2026, 3, 3)),
        (2027, 5, 5, date(2027, 6, 9)),
        (2027, 8, 15, date(2027, 9, 15)),
        (2026, 12, 8, date(2026, 1, 26)),  # of the lunar year before
    ],
)
def test_a_lunar_day_has_its_gregorian_day(year: int, month: int, day: int, expected: date) -> None:
    assert lunar_dates(year, month, day) == (expected,)


def test_of_a_leap_month_the_plain_one_counts() -> None:
    # 2025 had a sixth month twice: from 06-25, and the leap one from 07-25.
    assert lunar_dates(2025, 6, 1) == (date(2025, 6, 25),)


def test_the_thirtieth_of_a_short_month_is_its_last_day() -> None:
    # The twelfth month before 2026-02-17 has 29 days.
    assert lunar_dates(2026, 12, 30) == (date(2026, 2, 16),)


def test_a_day_of_the_twelfth_month_can_come_twice_a_year_or_not_at_all() -> None:
    assert lunar_dates(2024, 12, 1) == (date(2024, 1, 11), date(2024, 12, 31))
    assert lunar_dates(2025, 12, 1) == ()


def test_the_day_number_of_the_moon() -> None:
    assert lunar_day(date(2026, 2, 17)) == 1
    assert lunar_day(date(2026, 2, 16)) == 29
    assert lunar_day(date(2026, 10, 18)) == 9


def test_the_24_terms_follow_each_other_through_the_year() -> None:
    days = [solar_term(2026, name) for name in SOLAR_TERMS]

    assert days == sorted(days)
    assert {day.year for day in days} == {2026}
    assert all(14 <= (later - earlier).days <= 16 for earlier, later in pairwise(days))
    assert solar_term(2026, "冬至") == date(2026, 12, 22)


def test_what_is_no_solar_term_is_refused() -> None:
    with pytest.raises(ValueError, match="二十四节气"):
        solar_term(2026, "DONG_ZHI")
