from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.instants import instant

BERLIN = ZoneInfo("Europe/Berlin")


def test_a_quarter_to_nine_in_the_town_is_before_one_in_utc() -> None:
    assert instant(date(2026, 3, 2), time(8, 45), ZoneInfo("Asia/Shanghai")) == datetime(2026, 3, 2, 0, 45, tzinfo=UTC)


def test_shanghai_had_summer_time_in_1988() -> None:
    assert instant(date(1988, 7, 1), time(8, 45), ZoneInfo("Asia/Shanghai")) == datetime(1988, 6, 30, 23, 45, tzinfo=UTC)


@pytest.mark.parametrize("wall", [time(2, 0), time(2, 30), time(2, 59)])
def test_a_time_that_the_clock_leaps_over_is_the_first_instant_after(wall: time) -> None:
    assert instant(date(2026, 3, 29), wall, BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)


def test_a_time_shown_twice_is_the_first() -> None:
    assert instant(date(2026, 10, 25), time(2, 30), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert instant(date(2026, 10, 25), time(2, 30, fold=1), BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


ZONES = ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]


@given(
    day=st.dates(date(2020, 1, 1), date(2037, 12, 31)),
    wall=st.times().map(lambda one: one.replace(microsecond=0, tzinfo=None)),
    zone=st.sampled_from(ZONES).map(ZoneInfo),
)
def test_each_local_day_has_its_moment_and_it_is_not_early(day: date, wall: time, zone: ZoneInfo) -> None:
    shown = instant(day, wall, zone).astimezone(zone).replace(tzinfo=None)

    assert timedelta(0) <= shown - datetime.combine(day, wall) <= timedelta(hours=1)
    assert shown.date() == day
