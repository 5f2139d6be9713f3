"""A date rule in one sentence, as somebody in the office would say it: 每年3月1日前（当天已晚），遇休息日提前.

The sentences go through web/english.po: each has its entry there, with holes where the numbers and days are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from planning import rules
from planning.duty import Shift
from planning.lunar import lunar_name
from planning.rules import DateRule, Span
from planning.wording import WEEKDAYS, day_name

SPAN_WORDS: Mapping[Span, str] = {"week": "周", "month": "月", "quarter": "季度", "half_year": "半年", "year": "年"}
SHIFT_WORDS = {Shift.NONE: "", Shift.BACKWARD: "遇休息日提前", Shift.FORWARD: "遇休息日顺延"}

_LAST_DAY = 31
_MONTHS_OF_A_YEAR = 12
_ON_A_WORKDAY = (rules.Quota, rules.NthWorkday)
"""Due on a workday by what they mean: nothing to shift."""


def rule_sentence(rule: DateRule, shift: Shift) -> str:
    """What the rule means, and where a day goes that is no workday."""
    said, moved = _sentence(rule), SHIFT_WORDS[shift]
    return f"{said}，{moved}" if moved and not isinstance(rule, _ON_A_WORKDAY) else said


def _sentence(rule: DateRule) -> str:  # noqa: PLR0911, PLR0912, C901 - one line for each kind of rule
    match rule:
        case rules.FixedDay():
            return f"每年{rule.month}月{rule.day}日"
        case rules.OnceOn():
            return f"只有一次，{day_name(rule.on, with_year=True)}"
        case rules.MonthlyDay():
            day = "最后一天" if rule.day == _LAST_DAY else f"{rule.day}日"
            return f"{_months(rule.months)}{day}"
        case rules.DayRange():
            return f"每年{rule.from_month}月{rule.from_day}日至{rule.to_month}月{rule.to_day}日，最后一天到期"
        case rules.WeekOf():
            return f"每年{rule.month}月{rule.day}日所在的一周，周日到期"
        case rules.Weekly():
            return f"每周{WEEKDAYS[rule.weekday - 1]}"
        case rules.NthWeekday():
            return f"{_months(rule.months)}{_place(rule.n)}周{WEEKDAYS[rule.weekday - 1]}"
        case rules.LunarDay():
            return f"每年农历{lunar_name(rule.month, rule.day)}"
        case rules.SolarTerm():
            return f"每年{rule.name}"
        case rules.Quota():
            parts = "，分段到期" if rule.count > 1 else ""
            return f"每{SPAN_WORDS[rule.per]}至少{rule.count}次{parts}"
        case rules.Before(inclusive=True):
            return f"每年最迟{rule.month}月{rule.day}日"
        case rules.Before():
            return f"每年{rule.month}月{rule.day}日前（当天已晚）"
        case rules.AfterEvent():
            return f"事情发生后{rule.days}{'个工作日' if rule.working else '天'}内，{_listed(rule.events)}"
        case rules.BeforeExpiry():
            ahead = f"到期前{rule.months}个月" if rule.months else "到期当天"
            return f"{ahead}，{_listed(rule.expiries)}"
        case rules.MarketDay():
            each = f"每{rule.every}场一次，按公历月数" if rule.every > 1 else "每场都办"
            return f"{'农历' if rule.lunar else '公历'}逢{_digits(rule.digits)}赶场，{each}"
        case rules.AsNotified():
            return f"日期等通知，一般在{rule.expected_month}月{rule.expected_day}日"
        case rules.NthWorkday():
            start = _months(rule.months) if rule.per == "month" else f"每{SPAN_WORDS[rule.per]}"
            return f"{start}{_place(rule.n)}工作日"
        case rules.Recurrence():
            return f"{rule.rrule}，从{day_name(rule.starts, with_year=True)}起"
        case rules.Standing():
            return f"长期坚持，每年{rule.month}月{rule.day}日复核"


def _months(months: Sequence[int]) -> str:
    """每月， or 每年1月、4月的."""
    if len(months) == _MONTHS_OF_A_YEAR:
        return "每月"
    return f"每年{'、'.join(f'{month}月' for month in months)}的"


def _place(n: int) -> str:
    if n == -1:
        return "最后一个"
    return f"第{n}个" if n > 0 else f"倒数第{-n}个"


def _digits(digits: Sequence[int]) -> str:
    return "、".join("十一二三四五六七八九"[digit] for digit in sorted(digits, key=lambda digit: digit or 10))


def _listed(named: Sequence[tuple[str, date]]) -> str:
    return f"已写明{len(named)}件" if named else "还没有写明的"
