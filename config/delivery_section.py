"""``delivery:`` in suishi.yaml: how long anything is tried, how many at once, and when somebody is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.fields import Section
from config.problems import Code
from planning.delivery_rules import DeliveryRules


@dataclass(frozen=True, slots=True)
class Bounds:
    """The smallest and the largest value that make sense, and what the number means."""

    least: int
    most: int
    meaning: str


NUMBERS: Mapping[str, Bounds] = {
    "stale_after_days": Bounds(1, 366, "迟了这么多天的提醒不再补发"),
    "most_tries": Bounds(1, 50, "一条消息在一个地址上最多试几次"),
    "tell_after_faults": Bounds(1, 20, "渠道连续出几次故障就告诉管理员"),
    "give_up_hours": Bounds(1, 240, "渠道停了这么多小时，就改发下一个地址"),
    "give_up_hours_when_due": Bounds(1, 240, "同上，当天到期和已逾期的"),
    "catch_up_limit": Bounds(1, 100_000, "要补发的超过这么多条，先问管理员"),
    "catch_up_release_hours": Bounds(1, 72, "问了没有答复，过这么多个发送时段内的小时就补发"),
    "early_minutes": Bounds(0, 240, "发送时段结束前这么多分钟，把等不到下一时段的提前发"),
    "clock_tolerance_seconds": Bounds(30, 3600, "系统时钟跳动超过这么多秒就先停发"),
    "longest_gap_days": Bounds(3, 366, "停机超过这么多天再启动，先核对时间再发"),
    "tick_patience_seconds": Bounds(0, 540, "一次发送最多为限速等这么多秒"),  # a tick comes every ten minutes
    "retell_hours": Bounds(1, 168, "没解决的问题隔这么多小时再说一次"),
}
LISTS: Mapping[str, Bounds] = {
    "backoff_minutes": Bounds(1, 10_080, "一次次重试之间隔多少分钟"),
    "breaker_minutes": Bounds(1, 1440, "渠道出故障后一次次停多少分钟再试"),
}
FLAGS: Mapping[str, str] = {"half_day_limit": "同一个人半天内最多一条，当天到期和已逾期的除外"}
LONGEST_LIST = 20
STALE = "stale_after_days"  # stood at the top of the file before this section was there


def read_delivery(top: Section, default: DeliveryRules) -> DeliveryRules:
    """Read the section; what is not written keeps its default."""
    section = top.section("delivery", "delivery ")
    older = top.whole(STALE, default.stale_after_days, least=NUMBERS[STALE].least, most=NUMBERS[STALE].most)
    if section is None:
        return replace(default, stale_after_days=older)
    found: dict[str, Any] = {}
    for name, bounds in NUMBERS.items():
        usual = older if name == STALE else getattr(default, name)
        found[name] = section.whole(name, usual, least=bounds.least, most=bounds.most)
    for name, bounds in LISTS.items():
        found[name] = section.wholes(name, getattr(default, name), least=bounds.least, most=bounds.most, longest=LONGEST_LIST)
    for name in FLAGS:
        found[name] = section.flag(name, default=getattr(default, name))
    section.close()
    rules = DeliveryRules(**found)
    _check(top, section, rules)
    return rules


def _check(top: Section, section: Section, rules: DeliveryRules) -> None:
    if top.get(STALE) is not None and section.get(STALE) is not None:
        section.error(Code.FIELD_TWICE, STALE, "在文件的最外层也写了一次", "只留 delivery 里的这一行")
    for name in LISTS:
        minutes: tuple[int, ...] = getattr(rules, name)
        if list(minutes) != sorted(minutes):
            section.error(Code.FIELD_NUMBER, name, "不是越来越长", "从小到大写，如 [1, 5, 15, 60]")
    if rules.give_up_hours_when_due > rules.give_up_hours:
        name, hint = "give_up_hours_when_due", f"写 1 到 {rules.give_up_hours} 之间的整数"
        section.error(Code.FIELD_NUMBER, name, "比 give_up_hours 还长，急事反而等得久", hint)
