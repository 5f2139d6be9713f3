from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.duty import Shift
from planning.workdays import DayNote, TableError, Workdays, YearTable, builtin_years, explain_shift

KNOWN = Workdays(builtin_years())
DAYS = st.dates(date(2003, 6, 1), date(2029, 6, 1))


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        (date(2026, 1, 30), 7, date(2026, 2, 10)),
        (date(2026, 2, 13), 3, date(2026, 2, 25)),
        (date(2026, 2, 12), 20, date(2026, 3, 18)),
        (date(2026, 4, 30), 5, date(2026, 5, 11)),
        (date(2026, 5, 8), 1, date(2026, 5, 9)),
        (date(2026, 9, 18), 3, date(2026, 9, 22)),
        (date(2026, 9, 24), 7, date(2026, 10, 12)),
        (date(2026, 9, 30), 20, date(2026, 11, 3)),
        (date(2026, 12, 18), 7, date(2026, 12, 29)),
    ],
)
def test_workdays_after_a_day_are_those_of_the_2026_notice(workdays: Workdays, start: date, count: int, expected: date) -> None:
    assert workdays.add(start, count) == expected
    assert workdays.between(start, expected) == count


def test_2026_has_248_workdays_month_by_month(workdays: Workdays) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    by_month = [sum(workdays.is_workday(day) for day in days if day.month == month) for month in range(1, 13)]

    assert by_month == [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]
    assert workdays.between(date(2025, 12, 31), date(2026, 12, 31)) == 248


@pytest.mark.parametrize(
    "day", [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10)]
)
def test_a_made_up_weekend_day_counts_as_a_workday(workdays: Workdays, day: date) -> None:
    assert day.weekday() >= 5
    assert workdays.is_workday(day)
    assert workdays.between(day - timedelta(days=1), day) == 1
    assert workdays.roll(day, Shift.FORWARD) == workdays.roll(day, Shift.BACKWARD) == day


@pytest.mark.parametrize(
    ("day", "backward", "forward"),
    [
        (date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 2)),
        (date(2026, 1, 31), date(2026, 1, 30), date(2026, 2, 2)),
        (date(2026, 10, 1), date(2026, 9, 30), date(2026, 10, 8)),
        (date(2026, 2, 18), date(2026, 2, 14), date(2026, 2, 24)),
    ],
)
def test_a_rest_day_rolls_to_the_workday_on_the_shifts_side(workdays: Workdays, day: date, backward: date, forward: date) -> None:
    assert workdays.roll(day, Shift.BACKWARD) == backward
    assert workdays.roll(day, Shift.FORWARD) == forward
    assert workdays.roll(day, Shift.NONE) == day


def test_the_last_workday_of_february_2026_is_the_made_up_saturday(workdays: Workdays) -> None:
    assert workdays.last_workday(date(2026, 2, 1), date(2026, 2, 28)) == date(2026, 2, 28)


@pytest.mark.parametrize(("month", "expected"), [(1, date(2026, 1, 4)), (5, date(2026, 5, 6)), (10, date(2026, 10, 8))])
def test_the_first_workday_of_a_month_comes_after_the_holiday(workdays: Workdays, month: int, expected: date) -> None:
    assert workdays.first_workday(date(2026, month, 1), date(2026, month, 28)) == expected


def test_a_stretch_of_holidays_has_no_workday(workdays: Workdays) -> None:
    assert workdays.first_workday(date(2026, 10, 1), date(2026, 10, 7)) is None
    assert workdays.last_workday(date(2026, 10, 1), date(2026, 10, 7)) is None
    assert workdays.nth_workday(date(2026, 10, 1), date(2026, 10, 9), 3) is None
    assert workdays.nth_workday(date(2026, 10, 1), date(2026, 10, 9), 2) == date(2026, 10, 9)
    assert workdays.nth_workday(date(2026, 10, 1), date(2026, 10, 9), -2) == date(2026, 10, 8)


def test_there_is_no_zeroth_workday(workdays: Workdays) -> None:
    with pytest.raises(ValueError, match="0th"):
        workdays.nth_workday(date(2026, 10, 1), date(2026, 10, 9), 0)


def test_a_year_without_a_notice_follows_the_plain_week_and_is_provisional(workdays: Workdays) -> None:
    assert workdays.is_provisional(2027)
    assert not workdays.is_provisional(2026)
    assert workdays.is_workday(date(2027, 1, 1))
    assert not workdays.is_workday(date(2027, 1, 2))
    assert workdays.touches_provisional(date(2026, 12, 31), date(2027, 1, 1))
    assert workdays.touches_provisional(date(2027, 1, 1), date(2026, 12, 31))
    assert not workdays.touches_provisional(date(2025, 1, 1), date(2026, 12, 31))
    assert workdays.touches_provisional(date(2003, 1, 1), date(2028, 12, 31))


def test_a_later_notice_may_change_last_december() -> None:
    before = Workdays({2018: builtin_years()[2018]})
    after = Workdays({year: builtin_years()[year] for year in (2018, 2019)})

    assert not before.is_workday(date(2018, 12, 29))
    assert after.is_workday(date(2018, 12, 29))
    assert before.is_workday(date(2018, 12, 31))
    assert not after.is_workday(date(2018, 12, 31))
    assert before.revision([2018]) != after.revision([2018])


def test_a_local_closure_overrides_the_table_and_names_its_reason() -> None:
    closed = Workdays(builtin_years(), {date(2026, 8, 10): DayNote(name="停工令", off=True)})

    assert not closed.is_workday(date(2026, 8, 10))
    assert closed.note(date(2026, 8, 10)) == DayNote(name="停工令", off=True)
    assert closed.add(date(2026, 8, 7), 1) == date(2026, 8, 11)
    assert explain_shift(date(2026, 8, 10), date(2026, 8, 11), closed) == "原定8月10日，遇停工令，顺延至8月11日"


def test_the_revision_changes_exactly_with_the_years_asked_for(workdays: Workdays, workdays_with_2027: Workdays) -> None:
    assert workdays.revision([2025, 2026]) == workdays_with_2027.revision([2026, 2025, 2026])
    assert workdays.revision([2026, 2027]) != workdays_with_2027.revision([2026, 2027])
    empty_year = YearTable(year=2028, days={}, source="x")
    assert Workdays({}).revision([2028]) != Workdays({2028: empty_year}).revision([2028])


@pytest.mark.parametrize(
    ("nominal", "actual", "sentence"),
    [
        (date(2026, 10, 1), date(2026, 10, 8), "原定10月1日，遇国庆节假期，顺延至10月8日"),
        (date(2026, 3, 1), date(2026, 2, 28), "原定3月1日，遇周日，提前至2月28日（调休上班）"),
        (date(2026, 1, 31), date(2026, 1, 30), "原定1月31日，遇周六，提前至1月30日"),
        (date(2026, 1, 1), date(2025, 12, 31), "原定2026年1月1日，遇元旦假期，提前至2025年12月31日"),
        (date(2026, 5, 9), date(2026, 5, 9), ""),
        (date(2026, 5, 9), date(2026, 5, 11), "原定5月9日，顺延至5月11日"),
    ],
)
def test_a_shift_is_explained_in_one_clause(workdays: Workdays, nominal: date, actual: date, sentence: str) -> None:
    assert explain_shift(nominal, actual, workdays) == sentence


def test_the_built_in_years_carry_chinese_names() -> None:
    tables = builtin_years()

    assert set(range(2004, 2027)) <= set(tables)
    assert tables[2026].source == "内置"
    assert {note.name for note in tables[2026].days.values()} == {
        "元旦",
        "春节",
        "清明节",
        "劳动节",
        "端午节",
        "中秋节",
        "国庆节",
    }


def test_a_table_survives_the_way_through_json() -> None:
    table = builtin_years()[2019]

    again = YearTable.from_json(table.to_json(), source="2019.json")

    assert again.days == table.days
    assert date(2018, 12, 29) in again.days
    assert again.source == "2019.json"


NEW_YEAR = {"name": "元旦", "date": "2027-01-01", "isOffDay": True}


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"days": [NEW_YEAR]}, "缺少年份"),
        ({"year": True, "days": [NEW_YEAR]}, "缺少年份"),
        ({"year": 20270, "days": [NEW_YEAR]}, "年份不对"),
        ([NEW_YEAR], "应当是一个"),
        ({"year": 2027}, "没有列出任何一天"),
        ({"year": 2027, "days": []}, "没有列出任何一天"),
        ({"year": 2027, "days": ["2027-01-01"]}, "第1条"),
        ({"year": 2027, "days": [NEW_YEAR, {**NEW_YEAR, "date": "2027-02-30"}]}, "第2条的日期"),
        ({"year": 2027, "days": [{**NEW_YEAR, "date": 20270101}]}, "第1条的日期"),
        ({"year": 2027, "days": [{**NEW_YEAR, "date": "2026-11-30"}]}, "不属于2027年"),
        ({"year": 2027, "days": [{**NEW_YEAR, "isOffDay": "true"}]}, "isOffDay"),
        ({"year": 2027, "days": [NEW_YEAR, NEW_YEAR]}, "重复"),
    ],
)
def test_a_broken_json_table_is_refused_with_the_place(mapping: Mapping[str, object], said: str) -> None:
    with pytest.raises(TableError, match=said) as refused:
        YearTable.from_json(mapping)

    assert all(problem.endswith("。") for problem in refused.value.problems)


def test_the_calendar_has_an_end(workdays: Workdays) -> None:
    with pytest.raises(OverflowError):
        workdays.add(date(9999, 12, 30), 10)


@given(day=DAYS, count=st.integers(0, 600))
def test_counting_forward_and_measuring_undo_each_other(day: date, count: int) -> None:
    assert KNOWN.between(day, KNOWN.add(day, count)) == count


@given(day=DAYS.filter(KNOWN.is_workday), count=st.integers(1, 600))
def test_going_back_returns_to_the_workday_one_came_from(day: date, count: int) -> None:
    assert KNOWN.add(KNOWN.add(day, count), -count) == day
    assert KNOWN.between(day, KNOWN.add(day, -count)) == -count


@given(day=DAYS, count=st.integers(-300, 300).filter(bool))
def test_counting_agrees_with_walking_day_by_day(day: date, count: int) -> None:
    walked, left, step = day, abs(count), timedelta(days=1 if count > 0 else -1)
    while left:
        walked += step
        left -= KNOWN.is_workday(walked)

    assert KNOWN.add(day, count) == walked


@given(a=DAYS, b=DAYS)
def test_between_changes_its_sign_with_the_direction(a: date, b: date) -> None:
    assert KNOWN.between(a, b) == -KNOWN.between(b, a)


@given(day=DAYS, shift=st.sampled_from([Shift.BACKWARD, Shift.FORWARD]))
def test_a_roll_lands_on_the_nearest_workday_of_its_side(day: date, shift: Shift) -> None:
    rolled = KNOWN.roll(day, shift)

    assert KNOWN.is_workday(rolled)
    assert rolled <= day if shift is Shift.BACKWARD else rolled >= day
    low, high = sorted((rolled, day))
    between = [low + timedelta(days=n) for n in range((high - low).days + 1)]
    assert [one for one in between if KNOWN.is_workday(one)] == [rolled]
