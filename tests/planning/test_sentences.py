"""What a rule and a ladder mean, in the words of the office."""

from __future__ import annotations

from datetime import date

import pytest

from planning import rules
from planning.duty import Shift
from planning.ladder import parse_ladder
from planning.ladder_sentences import ladder_sentences
from planning.lunar import lunar_name
from planning.rule_sentences import rule_sentence


@pytest.mark.parametrize(
    ("rule", "shift", "said"),
    [
        (rules.FixedDay(12, 4), Shift.NONE, "每年12月4日"),
        (rules.OnceOn(date(2026, 9, 30)), Shift.BACKWARD, "只有一次，2026年9月30日，遇休息日提前"),
        (rules.MonthlyDay(28), Shift.BACKWARD, "每月28日，遇休息日提前"),
        (rules.MonthlyDay(31, (3, 6, 9, 12)), Shift.NONE, "每年3月、6月、9月、12月的最后一天"),
        (rules.DayRange(6, 1, 6, 30), Shift.NONE, "每年6月1日至6月30日，最后一天到期"),
        (rules.WeekOf(12, 4), Shift.NONE, "每年12月4日所在的一周，周日到期"),
        (rules.Weekly(5), Shift.BACKWARD, "每周五，遇休息日提前"),
        (rules.NthWeekday(3, 7, (5,)), Shift.NONE, "每年5月的第3个周日"),
        (rules.NthWeekday(-1, 1), Shift.NONE, "每月最后一个周一"),
        (rules.LunarDay(9, 9), Shift.NONE, "每年农历九月初九"),
        (rules.SolarTerm("秋分"), Shift.NONE, "每年秋分"),
        (rules.Quota(1, "quarter"), Shift.BACKWARD, "每季度至少1次"),
        (rules.Quota(2, "half_year"), Shift.BACKWARD, "每半年至少2次，分段到期"),
        (rules.Before(3, 1, inclusive=False), Shift.BACKWARD, "每年3月1日前（当天已晚），遇休息日提前"),
        (rules.Before(3, 31, inclusive=True), Shift.FORWARD, "每年最迟3月31日，遇休息日顺延"),
        (
            rules.AfterEvent(7, working=True, events=(("罚-1", date(2026, 9, 24)),)),
            Shift.FORWARD,
            "事情发生后7个工作日内，已写明1件，遇休息日顺延",
        ),
        (rules.AfterEvent(60, working=False), Shift.NONE, "事情发生后60天内，还没有写明的"),
        (rules.BeforeExpiry(0, (("高飞", date(2027, 5, 31)),)), Shift.NONE, "到期当天，已写明1件"),
        (rules.MarketDay((0, 2, 5), lunar=True, every=4), Shift.NONE, "农历逢二、五、十赶场，每4场一次，按公历月数"),
        (rules.MarketDay((3,), lunar=False), Shift.NONE, "公历逢三赶场，每场都办"),
        (rules.AsNotified(9, 15), Shift.BACKWARD, "日期等通知，一般在9月15日，遇休息日提前"),
        (rules.NthWorkday(-2, "month", (1, 7)), Shift.NONE, "每年1月、7月的倒数第2个工作日"),
        (rules.NthWorkday(5, "half_year"), Shift.NONE, "每半年第5个工作日"),
        (rules.Recurrence("FREQ=YEARLY", date(2026, 1, 1)), Shift.NONE, "FREQ=YEARLY，从2026年1月1日起"),
        (rules.Standing(12, 15), Shift.NONE, "长期坚持，每年12月15日复核"),
    ],
)
def test_a_rule_reads_as_the_office_would_say_it(rule: rules.DateRule, shift: Shift, said: str) -> None:
    assert rule_sentence(rule, shift) == said


def test_those_who_hear_the_same_stand_together() -> None:
    steps = parse_ladder("assigned T-7 T-3=owner,overseer T-1 T0 T+1 T+3=owner,overseer,leader T+7=owner,overseer,leader")

    assert ladder_sentences(steps) == (
        "交办当天和提前7个工作日告诉承办",
        "提前3个工作日告诉承办、分管领导",
        "提前1个工作日和当天告诉承办",
        "逾期1个工作日告诉承办、分管领导",
        "逾期3、7个工作日告诉承办、分管领导、主要领导",
    )


def test_lunar_days_are_said_as_people_say_them() -> None:
    days = ((1, 1), (5, 5), (11, 10), (10, 11), (12, 20), (12, 23), (12, 30))

    assert [lunar_name(*day) for day in days] == [
        "正月初一",
        "五月初五",
        "冬月初十",
        "十月十一",
        "腊月二十",
        "腊月廿三",
        "腊月三十",
    ]
