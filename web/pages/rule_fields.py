"""The date rule of a duty's form: its kinds in words, and the blanks as they come back from it."""

from __future__ import annotations

from collections.abc import Mapping

from config.editing.rule_parts import BLANKS, TEXT, RuleParts
from planning.wording import WEEKDAYS
from web.typed import plain_lines

KIND_WORDS = {
    "yearly": "每年某一天",
    "monthly": "每月某一天",
    "weekly": "每周",
    "quota": "一段时间至少几次",
    "workday": "第几个工作日",
    "weekday": "第几个星期几",
    "once": "只有一次",
    "range": "一段日子",
    "week": "某天所在的一周",
    "after": "某事之后几天内",
    "expiry": "到期前几个月",
    "notified": "日期等通知",
    "lunar": "农历",
    "term": "节气",
    "market": "赶场天",
    "standing": "长期坚持",
    TEXT: "照文件原话",
}
"""Every kind, in the order of the form: what is needed most stands first."""

HOW_WORDS = {"by": "最迟这一天（含当天）", "before": "这一天之前（当天已晚）", "on": "就在这一天（遇休息日不动）"}
UNIT_WORDS = {"workdays": "个工作日内", "days": "天内"}
PLACE_WORDS = {**{str(n): f"第{n}个" for n in range(1, 6)}, "-1": "最后一个"}
WEEKDAY_WORDS = {str(at): f"周{sign}" for at, sign in enumerate(WEEKDAYS, start=1)}
MONTHS = tuple(str(month) for month in range(1, 13))

NEW_RULE = RuleParts("yearly", {"day": "", "how": "by"})
"""What an empty form offers."""

_PREFIX = "rule"
_MONTHS_BLANK = "months"
_MANY_MONTHS = frozenset({"monthly", "workday", "weekday"})
"""Kinds whose months are ticked; of 到期前几个月 they are a number."""


def typed_rule(typed: Mapping[str, str]) -> RuleParts:
    """The kind that was chosen, with its blanks; a form without kinds sends the text alone."""
    kind = typed.get("rule_kind", TEXT)
    if kind not in BLANKS or kind == TEXT:
        return RuleParts(TEXT, {TEXT: plain_lines(typed.get(_PREFIX, ""))})
    return RuleParts(kind, {name: _blank(typed, kind, name) for name in BLANKS[kind]})


def _blank(typed: Mapping[str, str], kind: str, name: str) -> str:
    if name == _MONTHS_BLANK and kind in _MANY_MONTHS:
        ticked = [month for month in MONTHS if typed.get(f"{_PREFIX}-{kind}-month-{month}")]
        return "" if len(ticked) == len(MONTHS) else "、".join(ticked)
    return plain_lines(typed.get(f"{_PREFIX}-{kind}-{name}", ""))
