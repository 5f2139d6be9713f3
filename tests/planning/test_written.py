from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.duty import Shift
from planning.rules import AfterEvent, Before, DateRule, FixedDay, MonthlyDay, OnceOn, Quota, Standing, Weekly
from planning.wording import normalise
from planning.written import read_date, read_month_day, read_written, written_shift

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("3月底", Before(3, 31, inclusive=True)),
        ("３月底前", Before(3, 31, inclusive=True)),
        ("三月底", Before(3, 31, inclusive=True)),
        ("2月底", Before(2, 29, inclusive=True)),
        ("上半年", Before(6, 30, inclusive=True)),
        ("下半年", Before(12, 31, inclusive=True)),
        ("年底前", Before(12, 31, inclusive=True)),
        ("年底", Before(12, 31, inclusive=True)),
        ("一季度", Before(3, 31, inclusive=True)),
        ("第三季度末", Before(9, 30, inclusive=True)),
        ("每月底", MonthlyDay(31)),
        ("每月15日", MonthlyDay(15)),
        ("每月5日前", MonthlyDay(4)),
        ("每季度末", Quota(1, "quarter")),
        ("每半年2次", Quota(2, "half_year")),
        ("每周五", Weekly(5)),
        ("2026.3.5", OnceOn(date(2026, 3, 5))),
        ("2026年3月5日", OnceOn(date(2026, 3, 5))),
        ("２０２６年３月５日", OnceOn(date(2026, 3, 5))),
        ("二〇二六年三月十五日", OnceOn(date(2026, 3, 15))),
        ("2026年3月底", OnceOn(date(2026, 3, 31))),
        ("2026年2月底前", OnceOn(date(2026, 2, 28))),
        ("2026年上半年", OnceOn(date(2026, 6, 30))),
        ("2026年底前", OnceOn(date(2026, 12, 31))),
        ("2026年3月1日前", OnceOn(date(2026, 2, 28))),
        ("3月15日前", Before(3, 15, inclusive=False)),
        ("3月15日之前完成", Before(3, 15, inclusive=False)),
        ("12月4日", FixedDay(12, 4)),
        ("9月上旬", Before(9, 10, inclusive=True)),
        ("9月中旬", Before(9, 20, inclusive=True)),
        ("9月下旬", Before(9, 30, inclusive=True)),
        ("长期坚持", Standing(12, 15)),
        ("每季度末月20日前", MonthlyDay(19, (3, 6, 9, 12))),
        ("每季度首月15日", MonthlyDay(15, (1, 4, 7, 10))),
        ("每季度第二个月10日之前", MonthlyDay(9, (2, 5, 8, 11))),
        ("每半年最后一个月25日前", MonthlyDay(24, (6, 12))),
        ("每季末月底前", MonthlyDay(31, (3, 6, 9, 12))),
        ("每半年第四个月底", MonthlyDay(31, (4, 10))),
    ],
)
def test_a_deadline_is_understood_as_the_office_writes_it(text: str, rule: DateRule) -> None:
    assert read_written(text) == rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("明天下班前", OnceOn(date(2026, 11, 23))),
        ("今日内", OnceOn(date(2026, 11, 22))),
        ("后天", OnceOn(date(2026, 11, 24))),
        ("3个工作日内", AfterEvent(3, working=True, events=(("once", SUNDAY),))),
        ("十日内", AfterEvent(10, working=False, events=(("once", SUNDAY),))),
        ("本月底", OnceOn(date(2026, 11, 30))),
        ("今年年底前", OnceOn(date(2026, 12, 31))),
    ],
)
def test_an_order_of_today_means_something_only_today(text: str, rule: DateRule) -> None:
    assert read_written(text, as_of=SUNDAY) == rule
    assert read_written(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "尽快",
        "3月",
        "3月前",
        "每月1日前",
        "春节前",
        "2026年",
        "前",
        "1234567",
        "3月5日左右",
        "５",
        "每月0次",
        "每季度首月1日前",
    ],
)
def test_what_is_not_clear_is_not_guessed(text: str) -> None:
    assert read_written(text, as_of=SUNDAY) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2月30日", "没有2月30日"),
        ("2026年2月29日", "没有2月29日"),
        ("4月31日前", "没有4月31日"),
        ("13月底", "月份应为1到12"),
        ("0月上旬", "月份应为1到12"),
        ("每月32日", "每月的日子应为1到31"),
        ("2026.13.1", "没有13月1日"),
    ],
)
def test_a_day_that_does_not_exist_is_refused_in_chinese(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_written(text)


@pytest.mark.parametrize(
    ("text", "shift"),
    [
        ("12月4日", Shift.NONE),
        ("2026.3.5", Shift.NONE),
        ("明天下班前", Shift.NONE),
        ("3月底", Shift.BACKWARD),
        ("2026年3月底", Shift.BACKWARD),
        ("3月15日前", Shift.BACKWARD),
        ("上半年", Shift.BACKWARD),
        ("10日内", Shift.FORWARD),
    ],
)
def test_a_named_day_stays_and_an_end_goes_back(text: str, shift: Shift) -> None:
    assert written_shift(text) is shift


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-05",
        "2026.3.5",
        "2026/3/5",
        "2026年3月5日",
        "2026年3月5号",
        "２０２６－０３－０５",
        " 2026 年 3 月 5 日 ",
        "20260305",
    ],
)
def test_a_date_is_read_in_all_its_shapes(text: str) -> None:
    assert read_date(text) == date(2026, 3, 5)
    assert read_month_day(text) is None


@pytest.mark.parametrize("text", ["3月5日", "03-05", "3.5", "3/5", "三月五日", "０３－０５", "3月5号"])
def test_a_month_and_day_are_read_in_all_their_shapes(text: str) -> None:
    assert read_month_day(text) == (3, 5)
    assert read_date(text) is None


@pytest.mark.parametrize("text", ["", "2026", "2026-3/5", "3月", "abc", "2026年3月5日前", "-3-5"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert read_date(text) is None
    assert read_month_day(text) is None


def test_29_february_is_a_month_and_day_but_not_a_date_of_a_common_year() -> None:
    assert read_month_day("02-29") == (2, 29)
    assert read_month_day("二月二十九日") == (2, 29)
    assert read_date("2028-02-29") == date(2028, 2, 29)
    with pytest.raises(ValueError, match="没有2月29日"):
        read_date("2027-02-29")


def test_text_is_made_half_width() -> None:
    assert normalise("　２０２６—０３：（一）　") == "2026-03:(一)"


NUMERALS = "〇一二三四五六七八九"


def chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    return ("" if tens < 2 else NUMERALS[tens]) + ("十" if tens else "") + (NUMERALS[ones] if ones else "")


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_every_date_is_read_back_from_digits_and_numerals(day: date) -> None:
    in_numerals = f"{''.join(NUMERALS[int(digit)] for digit in str(day.year))}年{chinese(day.month)}月{chinese(day.day)}日"

    assert read_date(in_numerals) == read_date(f"{day.year}.{day.month}.{day.day}") == read_date(day.isoformat()) == day
    assert read_month_day(in_numerals[5:]) == read_month_day(f"{day.month:02}-{day.day:02}") == (day.month, day.day)


@given(st.text(alphabet="每年月日周季度半上下中旬底末前内0123456789.-/ 一二十〇个工作至长期天", max_size=14))
def test_any_text_is_a_rule_nothing_or_a_chinese_refusal(text: str) -> None:
    try:
        read_written(text, as_of=SUNDAY)
    except ValueError as refusal:
        assert str(refusal).endswith("。")  # noqa: PT017 - most texts raise nothing, which is as good
