"""How a date rule is written, for whoever edits a duty: the meaning, and the words the files take."""

from __future__ import annotations

RULE_WORDS = (
    ("每年某月底、季度末、半年、年底", "3月底"),
    ("每年某天，遇休息日不动", "12月4日"),
    ("每年某天之前（当天已晚）", "3月15日前"),
    ("每年最迟某天（含当天）", "{by: 03-31}"),
    ("只有一次", "2026年9月30日"),
    ("每月底、每季度末", "每月底"),
    ("每月某天", "{day: 28}"),
    ("某几个月的某天", "{day: 15, months: [1, 4, 7, 10]}"),
    ("每周星期几", "{weekly: 周五}"),
    ("某月第几个星期几，-1 是最后一个", "{nth_weekday: 3, weekday: sunday, months: [5]}"),
    ("每月、每季度、每半年第几个工作日", "{workday: 5, of: month}"),
    ("每段时间至少几次", "{at_least: 1, per: quarter}"),
    ("一段日子，到最后一天为止", "{from: 06-01, to: 06-30}"),
    ("某天所在的那一周", "{week_of: 12-04}"),
    ("农历、节气", "{lunar: 九月初九}"),
    ("赶场天，每月第几个场", "{market_days: 二五八, lunar: true, every: 4}"),
    ("某事之后几个工作日", "{workdays_after: 7, events: {渝曹罚-1: 2026-09-24}}"),
    ("到期前几个月", "{months_before_expiry: 6, expiries: {高飞: 2027-05-31}}"),
    ("日期等通知，先写预计", "{as_notified: 09-15, dates: {2026: 2026-09-14}}"),
    ("长期坚持，每年某天复核", "{standing: 12-15}"),
)
"""Meaning and example; docs/calendar-files.md has the rest."""

SHIFT_WORDS = {
    "": "按规则的习惯",
    "none": "不动，就是那一天",
    "backward": "提前到前一个工作日",
    "forward": "顺延到后一个工作日",
}

MARK_WORDS = {"": "见：有公开出处", "见": "见：有公开出处", "记": "记：一般常识，请核对", "推": "推：推荐做法，请核对"}
