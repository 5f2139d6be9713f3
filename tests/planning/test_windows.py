from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.windows import Window, is_open, next_open, parse_windows
from planning.workdays import Workdays, builtin_years

SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = parse_windows(["08:30-12:00", "14:30-17:30"])
KNOWN = Workdays(builtin_years())


def town(month: int, day: int, hour: int, minute: int = 0, *, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (town(3, 2, 8, 29, second=59), False),
        (town(3, 2, 8, 30), True),
        (town(3, 2, 11, 59, second=59), True),
        (town(3, 2, 12, 0), False),
        (town(3, 2, 13, 0), False),
        (town(3, 2, 14, 30), True),
        (town(3, 2, 17, 30), False),
        (town(2, 28, 9, 0), True),  # a made-up Saturday
        (town(3, 1, 9, 0), False),  # a Sunday
        (town(10, 1, 9, 0), False),  # a Thursday of the holiday
    ],
)
def test_messages_leave_in_office_hours_of_workdays_only(workdays: Workdays, now: datetime, expected: bool) -> None:
    assert is_open(OFFICE, workdays, now, SHANGHAI) is expected


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (town(3, 2, 9, 0), town(3, 2, 9, 0)),
        (town(3, 2, 7, 0), town(3, 2, 8, 30)),
        (town(3, 2, 12, 0), town(3, 2, 14, 30)),
        (town(3, 2, 17, 30), town(3, 3, 8, 30)),
        (town(9, 30, 20, 0), town(10, 8, 8, 30)),  # over the national holiday
        (town(2, 13, 18, 0), town(2, 14, 8, 30)),  # into the made-up Saturday
        (town(10, 3, 9, 0), town(10, 8, 8, 30)),
    ],
)
def test_what_comes_outside_waits_for_the_next_window(workdays: Workdays, now: datetime, expected: datetime) -> None:
    assert next_open(OFFICE, workdays, now.astimezone(UTC), SHANGHAI) == expected


@given(st.datetimes(datetime(2025, 12, 1), datetime(2027, 1, 31)).map(lambda one: one.replace(tzinfo=UTC)))  # noqa: DTZ001 - bounds
def test_the_next_opening_is_open_and_nothing_before_it_is(now: datetime) -> None:
    opening = next_open(OFFICE, KNOWN, now, SHANGHAI)

    assert opening >= now
    assert is_open(OFFICE, KNOWN, opening, SHANGHAI)
    if opening > now:
        assert not is_open(OFFICE, KNOWN, now, SHANGHAI)
        assert not is_open(OFFICE, KNOWN, opening - timedelta(seconds=1), SHANGHAI)
        assert not is_open(OFFICE, KNOWN, now + (opening - now) / 2, SHANGHAI)


def test_windows_are_put_in_order_and_read_in_any_width() -> None:
    assert parse_windows(["１４：３０－１７：３０", "8:30至12:00"]) == OFFICE
    assert parse_windows(["00:00-24:00"]) == (Window(time(0, 0), time.max),)
    assert [str(window) for window in (*OFFICE, *parse_windows(["20:00-24:00"]))] == ["08:30-12:00", "14:30-17:30", "20:00-24:00"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ([], "没有写发送时段"),
        (["上午"], "“上午”看不懂"),
        (["08:30-25:00"], "钟点不存在"),
        (["12:00-08:30"], "应晚于"),
        (["08:30-08:30"], "应晚于"),
        (["08:30-12:00", "11:00-13:00"], "重叠"),
    ],
)
def test_a_bad_window_is_refused_with_the_reason(texts: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_windows(texts)
