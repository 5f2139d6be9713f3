from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.periods import day_in_month, months_before, parts, spans
from planning.rules import Span

KINDS: list[Span] = ["week", "month", "quarter", "half_year", "year"]


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2027, 8, 31), 6, date(2027, 2, 28)),
        (date(2028, 8, 31), 6, date(2028, 2, 29)),
        (date(2027, 3, 15), 3, date(2026, 12, 15)),
        (date(2027, 3, 15), 15, date(2025, 12, 15)),
        (date(2027, 3, 15), 0, date(2027, 3, 15)),
    ],
)
def test_months_before_a_day_keep_its_number_where_they_can(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_the_31st_is_the_last_day_of_a_short_month() -> None:
    assert day_in_month(2026, 4, 31) == date(2026, 4, 30)
    assert day_in_month(2028, 2, 31) == date(2028, 2, 29)


def test_a_year_of_53_weeks_begins_and_ends_in_its_neighbours() -> None:
    weeks = spans("week", 2026)

    assert len(weeks) == 53
    assert weeks[0] == ("2026-W01", date(2025, 12, 29), date(2026, 1, 4))
    assert weeks[-1] == ("2026-W53", date(2026, 12, 28), date(2027, 1, 3))


@given(kind=st.sampled_from(KINDS), year=st.integers(2000, 2060), count=st.integers(1, 7))
def test_parts_cover_the_year_without_gap_or_overlap(kind: Span, year: int, count: int) -> None:
    cut = parts(kind, year, count)

    assert cut[0].first == spans(kind, year)[0].first
    assert cut[-1].last == spans(kind, year)[-1].last
    assert all(later.first == earlier.last + timedelta(days=1) for earlier, later in pairwise(cut))
    lengths = {(part.last - part.first).days + 1 for part in cut}
    assert kind != "week" or max(lengths) - min(lengths) <= 1
    assert len({part.period for part in cut}) == len(cut)


def test_more_parts_than_days_share_days() -> None:
    assert {part.last for part in parts("week", 2026, 14) if part.period.startswith("2026-W02-")} == {
        date(2026, 1, day) for day in range(5, 12)
    }
