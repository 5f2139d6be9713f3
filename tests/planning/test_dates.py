"""Each kind of rule, its days, its periods and its shifts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from planning import rules
from planning.dates import dues
from planning.due import Due
from planning.duty import Duty, Shift
from planning.notice import parse_notice
from planning.roster import Unit
from planning.workdays import DayNote, Workdays, builtin_years
from tests.planning.conftest import INVENTED_NOTICE_2027

MakeDuty = Callable[..., Duty]
TABLE_2027 = parse_notice(INVENTED_NOTICE_2027).table


def by_period(found: list[Due]) -> dict[str, date]:
    assert len({due.period for due in found}) == len(found)
    return {due.period: due.on for due in found}


def test_the_festival_of_the_old_follows_the_moon(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.LunarDay(9, 9)), years=[2026, 2027], workdays=workdays)

    assert by_period(found) == {"2026": date(2026, 10, 18), "2027": date(2027, 10, 8)}


def test_the_harvest_festival_follows_the_sun(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.SolarTerm("秋分")), years=[2026, 2027], workdays=workdays)

    assert by_period(found) == {"2026": date(2026, 9, 23), "2027": date(2027, 9, 23)}


def test_the_day_of_the_disabled_is_the_third_sunday_of_may(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.NthWeekday(3, 7, (5,))), years=[2026, 2027], workdays=workdays)

    assert by_period(found) == {"2026-05": date(2026, 5, 17), "2027-05": date(2027, 5, 16)}


@pytest.mark.parametrize(
    ("held", "year", "monday", "sunday"),
    [
        ((12, 4), 2025, date(2025, 12, 1), date(2025, 12, 7)),
        ((12, 4), 2026, date(2026, 11, 30), date(2026, 12, 6)),
        ((12, 4), 2027, date(2027, 11, 29), date(2027, 12, 5)),
        ((5, 15), 2026, date(2026, 5, 11), date(2026, 5, 17)),
        ((5, 15), 2027, date(2027, 5, 10), date(2027, 5, 16)),
        ((12, 31), 2026, date(2026, 12, 28), date(2027, 1, 3)),
    ],
)
def test_a_publicity_week_runs_from_monday_to_sunday_around_its_day(
    workdays: Workdays, make_duty: MakeDuty, *, held: tuple[int, int], year: int, monday: date, sunday: date
) -> None:
    (found,) = dues(make_duty(rules.WeekOf(*held)), years=[year], workdays=workdays)

    assert (found.period, found.starts, found.on) == (str(year), monday, sunday)


def test_the_31st_of_each_month_is_the_last_day_of_short_ones(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.MonthlyDay(31)), years=[2026], workdays=workdays)

    assert [due.nominal.day for due in found] == [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    assert [due.period for due in found] == [f"2026-{month:02}" for month in range(1, 13)]


def test_a_monthly_day_may_serve_some_months_only(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.MonthlyDay(15, (10, 1, 4, 7)), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert by_period(found) == {
        "2026-01": date(2026, 1, 15),
        "2026-04": date(2026, 4, 15),
        "2026-07": date(2026, 7, 15),
        "2026-10": date(2026, 10, 15),
    }


def test_29_february_is_the_28th_in_a_common_year(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.FixedDay(2, 29)), years=[2024, 2025], workdays=workdays)

    assert by_period(found) == {"2024": date(2024, 2, 29), "2025": date(2025, 2, 28)}


@pytest.mark.parametrize(
    ("shift", "on", "explanation"),
    [
        (Shift.NONE, date(2026, 10, 1), ""),
        (Shift.BACKWARD, date(2026, 9, 30), "原定10月1日，遇国庆节假期，提前至9月30日"),
        (Shift.FORWARD, date(2026, 10, 8), "原定10月1日，遇国庆节假期，顺延至10月8日"),
    ],
)
def test_a_due_day_on_the_national_day_goes_where_its_shift_says(
    workdays: Workdays, make_duty: MakeDuty, shift: Shift, on: date, explanation: str
) -> None:
    (found,) = dues(make_duty(rules.FixedDay(10, 1), shift), years=[2026], workdays=workdays)

    assert found == Due(period="2026", on=on, nominal=date(2026, 10, 1), explanation=explanation)


def test_a_date_that_rolls_into_last_year_keeps_the_name_of_its_year(workdays: Workdays, make_duty: MakeDuty) -> None:
    (found,) = dues(make_duty(rules.FixedDay(1, 1), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert (found.period, found.on) == ("2026", date(2025, 12, 31))
    assert found.explanation == "原定2026年1月1日，遇元旦假期，提前至2025年12月31日"


def test_a_date_that_rolls_into_the_month_before_keeps_the_name_of_its_month(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.MonthlyDay(1), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert by_period(found)["2026-03"] == date(2026, 2, 28)


def test_the_safety_month_is_due_on_its_last_day(workdays: Workdays, make_duty: MakeDuty) -> None:
    (found,) = dues(make_duty(rules.DayRange(6, 1, 6, 30)), years=[2026], workdays=workdays)

    assert (found.period, found.starts, found.on) == ("2026", date(2026, 6, 1), date(2026, 6, 30))


def test_a_range_over_new_year_belongs_to_the_year_of_its_last_day(workdays: Workdays, make_duty: MakeDuty) -> None:
    (found,) = dues(make_duty(rules.DayRange(12, 1, 2, 29)), years=[2026], workdays=workdays)

    assert (found.period, found.starts, found.on) == ("2026", date(2025, 12, 1), date(2026, 2, 28))


def test_a_weekly_duty_counts_iso_years(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Weekly(7)), years=[2020, 2021], workdays=workdays)

    assert len(found) == 53 + 52
    assert by_period(found)["2020-W53"] == date(2021, 1, 3)
    assert by_period(found)["2021-W01"] == date(2021, 1, 10)


def test_the_weekly_friday_of_the_new_year_holiday_is_due_before_it(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Weekly(5), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert by_period(found)["2026-W01"] == date(2025, 12, 31)
    assert by_period(found)["2026-W09"] == date(2026, 2, 27)


def test_a_fifth_friday_is_not_in_every_month(workdays: Workdays, make_duty: MakeDuty) -> None:
    fifth = dues(make_duty(rules.NthWeekday(5, 5)), years=[2026], workdays=workdays)
    last = dues(make_duty(rules.NthWeekday(-1, 5)), years=[2026], workdays=workdays)

    assert [due.period for due in fifth] == ["2026-01", "2026-05", "2026-07", "2026-10"]
    assert dues(make_duty(rules.NthWeekday(53, 5)), years=[2026], workdays=workdays) == []
    assert len(last) == 12
    assert {due.on for due in fifth} <= {due.on for due in last}
    assert all(due.on.isoweekday() == 5 and due.on.month == int(due.period[-2:]) for due in last)


def test_the_quarterly_study_is_due_on_the_last_workday_of_the_quarter(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Quota(1, "quarter"), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert by_period(found) == {
        "2026-Q1": date(2026, 3, 31),
        "2026-Q2": date(2026, 6, 30),
        "2026-Q3": date(2026, 9, 30),
        "2026-Q4": date(2026, 12, 31),
    }
    assert found[1].starts == date(2026, 4, 1)


def test_a_quota_ends_with_a_workday_even_when_nothing_is_to_move(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Quota(1, "month")), years=[2026], workdays=workdays)

    assert by_period(found)["2026-01"] == date(2026, 1, 30)
    assert by_period(found)["2026-02"] == date(2026, 2, 28)
    assert all(workdays.is_workday(due.on) for due in found)


@pytest.mark.parametrize(
    ("span", "periods"),
    [("half_year", ["2026-H1", "2026-H2"]), ("year", ["2026"]), ("month", [f"2026-{month:02}" for month in range(1, 13)])],
)
def test_the_spans_of_a_quota_are_named_after_the_year(
    workdays: Workdays, make_duty: MakeDuty, span: rules.Span, periods: list[str]
) -> None:
    assert [due.period for due in dues(make_duty(rules.Quota(1, span)), years=[2026], workdays=workdays)] == periods


def test_a_quota_of_two_cuts_the_span_in_equal_parts(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Quota(2, "quarter")), years=[2026], workdays=workdays)

    assert by_period(found)["2026-Q1-1"] == date(2026, 2, 14)  # 45 of 90 days; the made-up Saturday
    assert by_period(found)["2026-Q1-2"] == date(2026, 3, 31)
    assert [due.starts for due in found[:2]] == [date(2026, 1, 1), date(2026, 2, 15)]


@pytest.mark.parametrize("rule", [rules.Weekly(5), rules.Quota(1, "week")])
def test_a_week_that_is_all_holiday_has_no_round_and_the_next_one_says_so(
    workdays: Workdays, make_duty: MakeDuty, rule: rules.DateRule
) -> None:
    """16 to 22 February 2026 is 春节: Friday the 13th and Saturday the 14th would have been two rounds of one week."""
    found = {due.period: due for due in dues(make_duty(rule, Shift.BACKWARD), years=[2026], workdays=workdays)}

    assert "2026-W08" not in found
    assert found["2026-W07"].on in {date(2026, 2, 13), date(2026, 2, 14)}
    assert found["2026-W09"].on in {date(2026, 2, 27), date(2026, 2, 28)}
    assert found["2026-W09"].explanation.endswith("2月16日至2月22日全是假日，那一周不另办，并入这一次")
    assert found["2026-W10"].explanation in {"", "原定3月8日，遇周日，提前至3月6日"}


@pytest.mark.parametrize("weekday", range(1, 8))
@pytest.mark.parametrize("shift", [Shift.BACKWARD, Shift.FORWARD])
def test_a_weekly_round_is_held_in_its_own_week_and_two_never_share_one(
    workdays_with_2027: Workdays, make_duty: MakeDuty, weekday: int, shift: Shift
) -> None:
    found = dues(make_duty(rules.Weekly(weekday), shift), years=range(2015, 2028), workdays=workdays_with_2027)

    weeks = [f"{due.on.isocalendar().year}-W{due.on.isocalendar().week:02}" for due in found]
    assert weeks == [due.period for due in found]
    assert all(workdays_with_2027.is_workday(due.on) for due in found)


def test_a_friday_of_spring_festival_waits_for_the_made_up_weekend(make_duty: MakeDuty) -> None:
    """8 to 11 February 2027 is holiday, Friday the 12th is worked unless the office says otherwise, Sunday the 14th too."""
    closed = Workdays({**builtin_years(), 2027: TABLE_2027}, {date(2027, 2, 12): DayNote("春节", off=True)})
    found = {due.period: due for due in dues(make_duty(rules.Weekly(5), Shift.BACKWARD), years=[2027], workdays=closed)}

    assert found["2027-W05"].on == date(2027, 2, 4)
    assert found["2027-W06"].on == date(2027, 2, 14)
    assert found["2027-W06"].explanation == "原定2月12日，遇春节假期，顺延至2月14日（调休上班）"


def test_a_duty_that_begins_after_a_week_of_holidays_does_not_look_back_on_it(make_duty: MakeDuty) -> None:
    days = {date(2026, 12, 28) + timedelta(days=n): DayNote("停工令", off=True) for n in range(7)}
    closed = Workdays(builtin_years(), days)
    begun, new = (make_duty(rules.Weekly(5), Shift.BACKWARD, from_year=year) for year in (2026, 2027))

    assert dues(begun, years=[2027], workdays=closed)[0].explanation.startswith("12月28日至2027年1月3日全是假日")
    assert dues(new, years=[2027], workdays=closed)[0].explanation == ""


@pytest.mark.parametrize(
    ("rule", "on"),
    [
        (rules.Before(3, 1, inclusive=False), date(2026, 2, 28)),
        (rules.Before(3, 1, inclusive=True), date(2026, 2, 28)),
        (rules.Before(3, 31, inclusive=True), date(2026, 3, 31)),
        (rules.Before(3, 31, inclusive=False), date(2026, 3, 30)),
        (rules.Before(2, 29, inclusive=False), date(2026, 2, 28)),
        (rules.Before(1, 1, inclusive=False), date(2025, 12, 31)),
    ],
)
def test_a_report_before_a_day_is_due_on_the_last_workday_before(
    workdays: Workdays, make_duty: MakeDuty, rule: rules.Before, on: date
) -> None:
    assert by_period(dues(make_duty(rule, Shift.BACKWARD), years=[2026], workdays=workdays)) == {"2026": on}


def test_a_penalty_is_published_seven_workdays_after_it(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.AfterEvent(7, working=True, events=(("罚2026-01", date(2026, 9, 24)), ("罚2027-01", date(2027, 3, 1))))

    assert by_period(dues(make_duty(rule, Shift.FORWARD), years=[2026], workdays=workdays)) == {"罚2026-01": date(2026, 10, 12)}


def test_a_petition_of_sixty_days_ends_after_the_holiday(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.AfterEvent(60, working=False, events=(("信2026-08", date(2026, 8, 4)),))

    (found,) = dues(make_duty(rule, Shift.FORWARD), years=[2026], workdays=workdays)

    assert (found.nominal, found.on) == (date(2026, 10, 3), date(2026, 10, 8))


def test_an_officers_card_is_renewed_half_a_year_before_it_ends(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.BeforeExpiry(6, expiries=(("张三", date(2026, 8, 31)), ("李四", date(2027, 10, 31))))

    found = dues(make_duty(rule, Shift.BACKWARD), years=[2026], workdays=workdays)

    assert by_period(found) == {"张三": date(2026, 2, 28)}


def test_market_days_are_counted_anew_in_each_month(workdays: Workdays, make_duty: MakeDuty) -> None:
    every_one = dues(make_duty(rules.MarketDay((2, 5, 8), lunar=False)), years=[2026], workdays=workdays)
    every_third = dues(make_duty(rules.MarketDay((2, 5, 8), lunar=False, every=3)), years=[2026], workdays=workdays)

    assert [due.on.day for due in every_one[:9]] == [2, 5, 8, 12, 15, 18, 22, 25, 28]
    assert by_period(every_third[:4]) == {
        "2026-01-M1": date(2026, 1, 8),
        "2026-01-M2": date(2026, 1, 18),
        "2026-01-M3": date(2026, 1, 28),
        "2026-02-M1": date(2026, 2, 8),
    }


def test_lunar_market_days_fall_on_lunar_day_numbers(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.MarketDay((0,), lunar=True)), years=[2026], workdays=workdays)

    # 2026-02-17 is the first day of the year of the horse: its tenth is 02-26.
    assert by_period(found)["2026-02-M2"] == date(2026, 2, 26)


def test_a_notified_date_stands_in_for_the_expected_one(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.AsNotified(4, 15, notified=((2025, date(2025, 4, 21)),))

    known, expected = dues(make_duty(rule, Shift.BACKWARD), years=[2025, 2026], workdays=workdays)

    assert (known.on, known.awaiting_notice) == (date(2025, 4, 21), False)
    assert (expected.on, expected.awaiting_notice) == (date(2026, 4, 15), True)


def test_the_bulletin_is_due_on_the_fifth_workday(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = by_period(dues(make_duty(rules.NthWorkday(5, "month", (2, 10))), years=[2026], workdays=workdays))

    assert found == {"2026-02": date(2026, 2, 6), "2026-10": date(2026, 10, 13)}


@pytest.mark.parametrize(
    ("span", "period", "on"),
    [
        ("month", "2026-02", date(2026, 2, 28)),
        ("quarter", "2026-Q3", date(2026, 9, 30)),
        ("half_year", "2026-H1", date(2026, 6, 30)),
        ("year", "2026", date(2026, 12, 31)),
    ],
)
def test_the_last_workday_of_a_span(workdays: Workdays, make_duty: MakeDuty, span: rules.Span, period: str, on: date) -> None:
    assert by_period(dues(make_duty(rules.NthWorkday(-1, span)), years=[2026], workdays=workdays))[period] == on


def test_a_week_without_workdays_has_no_last_one(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = by_period(dues(make_duty(rules.NthWorkday(-1, "week")), years=[2026], workdays=workdays))

    assert "2026-W08" not in found
    assert len(found) == 52


def test_a_recurrence_is_numbered_within_the_year(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.Recurrence("FREQ=MONTHLY;BYDAY=-1FR", date(2026, 11, 1))

    found = dues(make_duty(rule, Shift.BACKWARD), years=[2026, 2027], workdays=workdays)

    assert found[0].period == "2026-R1"
    assert by_period(found)["2026-R2"] == date(2026, 12, 25)
    assert by_period(found)["2027-R12"] == date(2027, 12, 31)


def test_a_standing_duty_is_a_review_once_a_year(workdays: Workdays, make_duty: MakeDuty) -> None:
    (found,) = dues(make_duty(rules.Standing(12, 15), Shift.BACKWARD), years=[2026], workdays=workdays)

    assert (found.period, found.on, found.standing) == ("2026", date(2026, 12, 15), True)


def test_a_duty_may_be_standing_by_its_own_word(workdays: Workdays, make_duty: MakeDuty) -> None:
    found = dues(make_duty(rules.Quota(1, "quarter"), standing=True), years=[2026], workdays=workdays)

    assert all(due.standing for due in found)


def test_a_once_only_duty_carries_its_own_period(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.OnceOn(date(2026, 3, 1))

    assert by_period(dues(make_duty(rule), years=[2026], workdays=workdays)) == {"once": date(2026, 3, 1)}
    assert by_period(dues(make_duty(rule, Shift.BACKWARD, period_key="整改-007"), years=[2026], workdays=workdays)) == {
        "整改-007": date(2026, 2, 28)
    }
    assert dues(make_duty(rule), years=[2025, 2027], workdays=workdays) == []


def test_each_village_has_its_own(workdays: Workdays, make_duty: MakeDuty) -> None:
    units = [Unit("caohui", "曹回镇", "town"), Unit("huilong", "回龙村", "village"), Unit("antai", "安泰社区", "village")]
    duty = make_duty(rules.Quota(1, "month"), for_each="village")

    found = dues(duty, years=[2026], workdays=workdays, units=units)

    assert len(found) == 24
    assert [due.period for due in found[:4]] == ["2026-01.huilong", "2026-01.antai", "2026-02.huilong", "2026-02.antai"]
    assert found[0].on == found[1].on
    assert dues(duty, years=[2026], workdays=workdays) == []


def test_a_duty_serves_only_its_years(workdays: Workdays, make_duty: MakeDuty) -> None:
    duty = make_duty(rules.FixedDay(12, 4), from_year=2025, until_year=2026)

    assert [due.period for due in dues(duty, years=[2027, 2026, 2024, 2025, 2026], workdays=workdays)] == ["2025", "2026"]


def test_an_event_beyond_the_duties_years_is_left_out(workdays: Workdays, make_duty: MakeDuty) -> None:
    rule = rules.AfterEvent(7, working=True, events=(("早", date(2025, 3, 3)), ("晚", date(2026, 3, 3))))

    found = dues(make_duty(rule, until_year=2025), years=[2025, 2026], workdays=workdays)

    assert [due.period for due in found] == ["早"]


def test_an_impossible_solar_term_is_refused_in_chinese(workdays: Workdays, make_duty: MakeDuty) -> None:
    with pytest.raises(ValueError, match="不是二十四节气之一"):
        dues(make_duty(rules.SolarTerm("秋天")), years=[2026], workdays=workdays)
