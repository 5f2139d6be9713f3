"""Deadlines as the office speaks them, on days of the real 2026 (its holidays and made-up weekends by hand from the notice)."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.duty import Shift
from planning.rules import Before
from planning.spoken_day import SpokenDay, read_spoken_day
from planning.workdays import DayNote, Workdays, builtin_years
from planning.written import read_written

KNOWN = Workdays(builtin_years())
TUESDAY = date(2026, 11, 24)
BEFORE_NATIONAL_DAY = date(2026, 9, 30)  # a Wednesday; off 1-7 October, worked Saturday the 10th
BEFORE_SPRING = date(2026, 2, 12)  # a Thursday; off 15-23 February, worked Saturdays the 14th and the 28th
FRIDAY_IN_MAY = date(2026, 5, 8)  # the Saturday after it is worked
LAST_SATURDAY_OF_JANUARY = date(2026, 1, 31)
YEAR_TURN = date(2026, 12, 30)  # a Wednesday; no notice for 2027 is known


def spoken(text: str, on: date = TUESDAY, at: time | None = time(10), *, roll_forward: bool = False) -> SpokenDay:
    found = read_spoken_day(text, on=on, at=at, workdays=KNOWN, roll_forward=roll_forward)
    assert found is not None, text
    return found


# fmt: off
DAYS: list[tuple[date, str, date]] = [
    # today and the days after it
    (TUESDAY, "今天", date(2026, 11, 24)),
    (TUESDAY, "今日", date(2026, 11, 24)),
    (TUESDAY, "今天下班前", date(2026, 11, 24)),
    (TUESDAY, "明天", date(2026, 11, 25)),
    (TUESDAY, "明日", date(2026, 11, 25)),
    (TUESDAY, "明天下班前", date(2026, 11, 25)),
    (TUESDAY, "后天", date(2026, 11, 26)),
    (TUESDAY, "大后天", date(2026, 11, 27)),
    (TUESDAY, "今晚", date(2026, 11, 24)),
    (TUESDAY, "明早", date(2026, 11, 25)),
    (TUESDAY, "下班前", date(2026, 11, 24)),
    (TUESDAY, "明天前", date(2026, 11, 24)),
    (BEFORE_NATIONAL_DAY, "明天下班前", date(2026, 10, 1)),
    # weekdays and weeks
    (TUESDAY, "本周五", date(2026, 11, 27)),
    (TUESDAY, "这周五", date(2026, 11, 27)),
    (TUESDAY, "周五", date(2026, 11, 27)),
    (TUESDAY, "星期五", date(2026, 11, 27)),
    (TUESDAY, "礼拜五", date(2026, 11, 27)),
    (TUESDAY, "周二", date(2026, 11, 24)),
    (TUESDAY, "周一", date(2026, 11, 30)),
    (TUESDAY, "下周三", date(2026, 12, 2)),
    (TUESDAY, "下个星期三", date(2026, 12, 2)),
    (TUESDAY, "下下周一", date(2026, 12, 7)),
    (TUESDAY, "下周日", date(2026, 12, 6)),
    (TUESDAY, "周五前", date(2026, 11, 26)),
    (TUESDAY, "下周一前", date(2026, 11, 27)),
    (TUESDAY, "周末", date(2026, 11, 27)),
    (TUESDAY, "本周内", date(2026, 11, 27)),
    (TUESDAY, "下周内", date(2026, 12, 4)),
    (TUESDAY, "下周前", date(2026, 11, 27)),
    (FRIDAY_IN_MAY, "周末", date(2026, 5, 9)),
    (FRIDAY_IN_MAY, "周一前", date(2026, 5, 9)),
    (BEFORE_NATIONAL_DAY, "本周内", date(2026, 9, 30)),
    (BEFORE_NATIONAL_DAY, "下周一", date(2026, 10, 5)),
    (LAST_SATURDAY_OF_JANUARY, "周末", date(2026, 2, 1)),
    # the ends of months, quarters, years
    (TUESDAY, "本月底", date(2026, 11, 30)),
    (TUESDAY, "月底", date(2026, 11, 30)),
    (TUESDAY, "月底前", date(2026, 11, 30)),
    (TUESDAY, "月末", date(2026, 11, 30)),
    (TUESDAY, "本月内", date(2026, 11, 30)),
    (TUESDAY, "下月5日", date(2026, 12, 5)),
    (TUESDAY, "下个月5号", date(2026, 12, 5)),
    (TUESDAY, "下月底", date(2026, 12, 31)),
    (TUESDAY, "下月初", date(2026, 12, 1)),
    (TUESDAY, "12月中旬", date(2026, 12, 18)),
    (TUESDAY, "3月底", date(2027, 3, 31)),
    (TUESDAY, "3月底前", date(2027, 3, 31)),
    (TUESDAY, "10月底", date(2027, 10, 29)),
    (TUESDAY, "年底", date(2026, 12, 31)),
    (TUESDAY, "年底前", date(2026, 12, 31)),
    (TUESDAY, "今年年底前", date(2026, 12, 31)),
    (TUESDAY, "明年3月底", date(2027, 3, 31)),
    (TUESDAY, "季度末", date(2026, 12, 31)),
    (TUESDAY, "一季度末", date(2027, 3, 31)),
    (TUESDAY, "第四季度", date(2026, 12, 31)),
    (TUESDAY, "上半年", date(2027, 6, 30)),
    (TUESDAY, "下半年", date(2026, 12, 31)),
    (FRIDAY_IN_MAY, "二季度末", date(2026, 6, 30)),
    (FRIDAY_IN_MAY, "5月底", date(2026, 5, 29)),
    (FRIDAY_IN_MAY, "上半年", date(2026, 6, 30)),
    (BEFORE_SPRING, "月底", date(2026, 2, 28)),
    (BEFORE_NATIONAL_DAY, "三季度末", date(2026, 9, 30)),
    (BEFORE_NATIONAL_DAY, "10月底前", date(2026, 10, 30)),
    (LAST_SATURDAY_OF_JANUARY, "月底", date(2026, 1, 31)),
    (LAST_SATURDAY_OF_JANUARY, "下月底", date(2026, 2, 28)),
    (YEAR_TURN, "下月底", date(2027, 1, 29)),
    (YEAR_TURN, "年底", date(2026, 12, 31)),
    # dates in all their shapes
    (TUESDAY, "3月5日", date(2027, 3, 5)),
    (TUESDAY, "3月5号", date(2027, 3, 5)),
    (TUESDAY, "三月五日", date(2027, 3, 5)),
    (TUESDAY, "３月５日", date(2027, 3, 5)),
    (TUESDAY, "3.5", date(2027, 3, 5)),
    (TUESDAY, "3/5", date(2027, 3, 5)),
    (TUESDAY, "2026.3.5", date(2026, 3, 5)),
    (TUESDAY, "2026年3月5日", date(2026, 3, 5)),
    (TUESDAY, "2026-03-05", date(2026, 3, 5)),
    (TUESDAY, "二〇二六年十二月二十日", date(2026, 12, 20)),
    (TUESDAY, "26年12月4日", date(2026, 12, 4)),
    (TUESDAY, "明年3月5日", date(2027, 3, 5)),
    (TUESDAY, "20261204", date(2026, 12, 4)),
    (TUESDAY, "12·4", date(2026, 12, 4)),
    (TUESDAY, "十二月二十日", date(2026, 12, 20)),
    (TUESDAY, "5日", date(2026, 12, 5)),
    (TUESDAY, "30日", date(2026, 11, 30)),
    (TUESDAY, "31日", date(2026, 12, 31)),
    (TUESDAY, "11月24日", date(2026, 11, 24)),
    (TUESDAY, "2月29日", date(2028, 2, 29)),
    (TUESDAY, "11月20日至30日", date(2026, 11, 30)),
    (TUESDAY, "周一至周五", date(2026, 11, 27)),
    (YEAR_TURN, "1月5日", date(2027, 1, 5)),
    # 前 excludes a day and goes back to a workday; 截止 and 为止 include it
    (TUESDAY, "11月27日前", date(2026, 11, 26)),
    (TUESDAY, "11月30日之前", date(2026, 11, 27)),
    (TUESDAY, "12月1日以前", date(2026, 11, 30)),
    (TUESDAY, "二十日前", date(2026, 12, 18)),
    (TUESDAY, "11月24日前", date(2026, 11, 24)),
    (TUESDAY, "11月30日截止", date(2026, 11, 30)),
    (TUESDAY, "截止11月30日", date(2026, 11, 30)),
    (TUESDAY, "到11月30日为止", date(2026, 11, 30)),
    (BEFORE_SPRING, "3月1日前", date(2026, 2, 28)),
    (BEFORE_SPRING, "20日前", date(2026, 2, 14)),
    (BEFORE_NATIONAL_DAY, "10月8日前", date(2026, 9, 30)),
    (LAST_SATURDAY_OF_JANUARY, "2月1日前", date(2026, 1, 31)),
    # periods: the first day is not counted
    (TUESDAY, "3天内", date(2026, 11, 27)),
    (TUESDAY, "三日内", date(2026, 11, 27)),
    (TUESDAY, "3个工作日内", date(2026, 11, 27)),
    (TUESDAY, "四个工作日内", date(2026, 11, 30)),
    (TUESDAY, "两周内", date(2026, 12, 8)),
    (TUESDAY, "一个月内", date(2026, 12, 24)),
    (TUESDAY, "半个月内", date(2026, 12, 9)),
    (TUESDAY, "半年内", date(2027, 5, 24)),
    (TUESDAY, "3-5个工作日内", date(2026, 11, 27)),
    (TUESDAY, "两三天内", date(2026, 11, 26)),
    (TUESDAY, "自12月1日起15日内", date(2026, 12, 16)),
    (TUESDAY, "收到通知之日起5个工作日内", date(2026, 12, 1)),
    (TUESDAY, "三天后", date(2026, 11, 27)),
    (BEFORE_NATIONAL_DAY, "三个工作日内", date(2026, 10, 10)),
    (BEFORE_NATIONAL_DAY, "7个工作日内", date(2026, 10, 15)),
    (BEFORE_NATIONAL_DAY, "20个工作日内", date(2026, 11, 3)),
    (BEFORE_NATIONAL_DAY, "五日内", date(2026, 10, 5)),
    (BEFORE_SPRING, "三个工作日内", date(2026, 2, 24)),
    (BEFORE_SPRING, "７个工作日内", date(2026, 2, 28)),
    (BEFORE_SPRING, "二十个工作日内", date(2026, 3, 18)),
    (FRIDAY_IN_MAY, "一个工作日内", date(2026, 5, 9)),
    (FRIDAY_IN_MAY, "三个工作日内", date(2026, 5, 12)),
    (LAST_SATURDAY_OF_JANUARY, "一个月内", date(2026, 2, 28)),
    (YEAR_TURN, "三日内", date(2027, 1, 2)),
    # holidays
    (BEFORE_SPRING, "节前", date(2026, 2, 14)),
    (BEFORE_SPRING, "春节前", date(2026, 2, 14)),
    (BEFORE_SPRING, "年前", date(2026, 2, 14)),
    (BEFORE_SPRING, "清明节前", date(2026, 4, 3)),
    (BEFORE_SPRING, "五一前", date(2026, 4, 30)),
    (BEFORE_SPRING, "端午前", date(2026, 6, 18)),
    (BEFORE_SPRING, "中秋、国庆节前", date(2026, 9, 24)),
    (BEFORE_SPRING, "节后第一个工作日", date(2026, 2, 24)),
    (date(2026, 2, 18), "节前", date(2026, 4, 3)),
    (BEFORE_NATIONAL_DAY, "国庆节前", date(2026, 9, 30)),
    (BEFORE_NATIONAL_DAY, "十一前", date(2026, 9, 30)),
    (BEFORE_NATIONAL_DAY, "节后上班第一天", date(2026, 10, 8)),
    (TUESDAY, "元旦前", date(2026, 12, 31)),
    (TUESDAY, "春节前", date(2027, 2, 4)),
]
# fmt: on


@pytest.mark.parametrize(("on", "text", "day"), DAYS)
def test_a_spoken_deadline_is_the_day_that_the_office_means(on: date, text: str, day: date) -> None:
    assert spoken(text, on).day == day


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("明天下班前", 25, None),
        ("明天下午", 25, None),
        ("今晚", 24, None),
        ("明天上午", 25, time(12)),
        ("明天上午下班前", 25, time(12)),
        ("明天中午前", 25, time(12)),
        ("明天下午3点前", 25, time(15)),
        ("明天下午三点半前", 25, time(15, 30)),
        ("下午5点一刻前", 24, time(17, 15)),
        ("今晚8点前", 24, time(20)),
        ("周五17:00前", 27, time(17)),
        ("周五十点前", 27, time(10)),
        ("11月27日17时30分前", 27, time(17, 30)),
        ("11月27日 15:00:00", 27, time(15)),
        ("2026-11-27 15:00", 27, time(15)),
        ("11月27日中午1点", 27, time(13)),
        ("１１月２７日（周五）１７：００前", 27, time(17)),
        ("15:00前", 24, time(15)),
        ("下午3点前", 24, time(15)),
        ("9点前", 25, time(9)),
        ("3点前", 24, time(15)),
        ("03:00前", 25, time(3)),
        ("明早", 25, time(8, 30)),
        ("明天24点前", 25, time(23, 59)),
        ("今晚12点前", 24, time(23, 59)),
        ("11月27日0点前", 26, time(23, 59)),
        ("24小时内", 25, time(10)),
    ],
)
def test_a_time_of_day_is_read_with_its_day(text: str, day: int, at: time | None) -> None:
    found = spoken(text)

    assert (found.day, found.at) == (date(2026, 11, day), at)


def test_without_an_hour_of_now_no_hour_of_today_is_past() -> None:
    assert spoken("9点前", at=None).day == TUESDAY
    assert spoken("48小时内", at=None) == SpokenDay(date(2026, 11, 26), None, "48小时内", "从11月24日起算")


@pytest.mark.parametrize(
    ("on", "text", "said"),
    [
        (TUESDAY, "11月27日下班前", ""),
        (TUESDAY, "月底前", ""),
        (FRIDAY_IN_MAY, "5月底", "原定5月31日，遇周日，提前至5月29日"),
        (TUESDAY, "周二", "今天就是周二，按今天"),
        (TUESDAY, "周末", "“周末”按当周最后一个工作日"),
        (TUESDAY, "5日", "没有写月份，按12月5日；12月5日是周六，不是工作日，照原话未改"),
        (TUESDAY, "3月5日", "今年的3月5日已过，按2027年3月5日"),
        (TUESDAY, "2026年3月5日", "3月5日已过"),
        (TUESDAY, "2025.12.31", "2025年12月31日已过"),
        (TUESDAY, "11月27日前", "“前”不含11月27日当天"),
        (TUESDAY, "11月30日前", "“前”不含11月30日当天；原定11月29日，遇周日，提前至11月27日"),
        (TUESDAY, "11月24日前", "就是今天，按今天"),
        (TUESDAY, "下班前", "没有写日期，按今天"),
        (TUESDAY, "9点前", "没有写日期，今天09:00已过，按明天"),
        (TUESDAY, "今天9点前", "今天09:00已过"),
        (TUESDAY, "3点前", "没有写日期，按今天；“3点”没有写上午下午，按15:00"),
        (TUESDAY, "三日内", "从11月24日起算，当天不计"),
        (TUESDAY, "3-5个工作日内", "“3-5个工作日”按较短的3个工作日，从11月24日起算，当天不计"),
        (TUESDAY, "一季度末", "今年的一季度末已过，按2027年；2027年的放假通知还没有录入，这一天是暂定的"),
        (TUESDAY, "元旦前", "元旦从1月1日开始；2027年的放假通知还没有录入，这一天是暂定的"),
        (TUESDAY, "11月27日（周四）", "前后写的不是同一天，按11月27日（周五），请核对"),
        (BEFORE_NATIONAL_DAY, "明天下班前", "10月1日是国庆节假期，不是工作日，照原话未改"),
        (BEFORE_NATIONAL_DAY, "国庆前", "国庆节假期从10月1日开始"),
        (BEFORE_SPRING, "两节前", "“两节前”按较早的春节，春节假期从2月15日开始"),
        (BEFORE_SPRING, "节后第一个工作日", "春节假期到2月23日结束"),
        (BEFORE_SPRING, "3月1日前", "“前”不含3月1日当天"),
    ],
)
def test_what_was_shifted_or_assumed_is_said(on: date, text: str, said: str) -> None:
    assert spoken(text, on).explanation == said


def test_the_words_are_kept_as_they_were_written() -> None:
    assert spoken("请务必于１１月２７日 下班前报送").words == "１１月２７日 下班前"
    assert spoken("3 个工作日 内完成").words == "3 个工作日 内"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("请于周五前报初稿，11月30日下班前报终稿", date(2026, 11, 30)),
        ("务必周四下班前交，周五我们汇总", date(2026, 11, 26)),
        ("周五开会，周四下班前把材料交来", date(2026, 11, 26)),
        ("报送前三季度数据，时限：11月26日", date(2026, 11, 26)),
        ("3.5万元经费请于11月26日下班前报账", date(2026, 11, 26)),
        ("渝司发〔2026〕12号文件请于11月26日下班前签收", date(2026, 11, 26)),
        ("《关于做好12月20日前考核的通知》明天下班前传阅", date(2026, 11, 25)),
        ("截至11月20日已完成八成，请11月26日下班前补齐", date(2026, 11, 26)),
        ("每周五下班前报周报，本次请于明天下班前补报", date(2026, 11, 25)),
        ("本周五（11月27日）下班前", date(2026, 11, 27)),
        ("明天（11月25日）下班前", date(2026, 11, 25)),
        ("20日交", date(2026, 12, 20)),
        ("周四或周五交", date(2026, 11, 26)),
    ],
)
def test_of_several_days_the_firmest_words_count(text: str, day: date) -> None:
    assert spoken(text).day == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "尽快",
        "3月",
        "2月30日前",
        "13月5日",
        "0日前",
        "每月5日前",
        "每周五下班前",
        "上周五",
        "昨天",
        "去年12月20日前",
        "明天起",
        "三天前",
        "农历九月初九前",
        "腊月二十三前",
        "前三季度",
        "第12号",
        "周日常检查",
        "本周一并报送",
        "一周三次",
        "一百二十日内",
        "活动结束后3个工作日内",
        "电话023-74512345",
        "环节前",
        "投入3.5万元",
        "25点前",
    ],
)
def test_what_names_no_day_to_come_is_not_guessed(text: str) -> None:
    assert read_spoken_day(text, on=TUESDAY, at=time(10), workdays=KNOWN) is None


def test_natural_days_go_forward_only_when_asked() -> None:
    stays, goes = spoken("五日内", BEFORE_NATIONAL_DAY), spoken("五日内", BEFORE_NATIONAL_DAY, roll_forward=True)

    assert stays.day == date(2026, 10, 5)
    assert goes.day == date(2026, 10, 8)
    assert goes.explanation == "从9月30日起算，当天不计；原定10月5日，遇国庆节假期，顺延至10月8日"
    assert spoken("三个工作日内", BEFORE_NATIONAL_DAY, roll_forward=True).day == date(2026, 10, 10)
    assert spoken("10月5日", BEFORE_NATIONAL_DAY, roll_forward=True).day == date(2026, 10, 5)


def test_the_notice_of_next_year_moves_what_was_provisional(workdays_with_2027: Workdays) -> None:
    found = read_spoken_day("春节前", on=TUESDAY, at=None, workdays=workdays_with_2027)

    assert found == SpokenDay(date(2027, 2, 4), None, "春节前", "春节假期从2月5日开始")
    # The (invented) table works Sunday 14 February.
    within = read_spoken_day("三个工作日内", on=date(2027, 2, 4), at=None, workdays=workdays_with_2027)
    assert within is not None
    assert within.day == date(2027, 2, 15)


def test_a_local_closure_moves_what_ends_on_it() -> None:
    closed = Workdays(builtin_years(), {date(2026, 11, 30): DayNote(name="停工令", off=True)})
    found = read_spoken_day("月底前", on=TUESDAY, at=None, workdays=closed)

    assert found is not None
    assert found.day == date(2026, 11, 27)
    assert found.explanation == "原定11月30日，遇停工令，提前至11月27日"


ON = st.dates(date(2005, 1, 1), date(2026, 11, 30))


@given(ON, st.integers(1, 60))
def test_workdays_are_counted_by_the_table_and_days_by_the_calendar(on: date, count: int) -> None:
    assert spoken(f"{count}个工作日内", on).day == KNOWN.add(on, count)
    assert spoken(f"{count}天内", on).day == on + timedelta(days=count)


@given(ON)
def test_the_end_of_a_month_is_its_last_workday_unless_that_is_past(on: date) -> None:
    day = spoken("月底前", on).day

    assert (day.year, day.month) == (on.year, on.month)
    assert day >= on
    assert KNOWN.is_workday(day) or KNOWN.between(on, day) == 0


@given(ON, st.integers(1, 12))
def test_a_spoken_and_a_written_end_of_a_month_agree(on: date, month: int) -> None:
    rule = read_written(f"{month}月底")
    assert isinstance(rule, Before)
    day = spoken(f"{month}月底", on).day

    assert day >= on
    assert day.month == rule.month
    assert day == KNOWN.roll(day, Shift.BACKWARD) or KNOWN.roll(day, Shift.BACKWARD) < on


@given(ON, st.dates(date(2005, 1, 1), date(2027, 12, 31)))
def test_a_day_without_a_year_is_the_next_one(on: date, day: date) -> None:
    found = spoken(f"{day.month}月{day.day}日", on)

    assert (found.day.month, found.day.day) == (day.month, day.day)
    assert found.day >= on
    assert found.day - on < timedelta(days=366 if (day.month, day.day) != (2, 29) else 366 * 8)


WORDS = st.sampled_from(
    [
        *(text for _, text, _ in DAYS),
        "请",
        "于",
        "前",
        "截止",
        "下班前",
        "\n",
        "，",
        "（",
        "）",
        "至",
        "起",
        "9999年12月31日",
        "0001年1月1日",
    ]
)


@given(st.lists(WORDS | st.text(max_size=5), max_size=12).map("".join), ON, st.times() | st.none())
def test_any_words_are_a_day_or_nothing(text: str, on: date, at: time | None) -> None:
    found = read_spoken_day(text, on=on, at=at, workdays=KNOWN)

    if found is not None:
        assert found.words
        assert found.words in text.replace("\r\n", "\n").replace("\r", "\n")
