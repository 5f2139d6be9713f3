"""What Prefect's pages show of the township's matters, in Chinese."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from planning.duty import Kind
from reports.agenda import AgendaDay
from reports.occurrences import OccurrenceLine

KINDS = {
    Kind.STUDY: "学习",
    Kind.INSPECTION: "检查",
    Kind.PUBLICITY: "普法",
    Kind.RECTIFICATION: "整改",
    Kind.ROUTINE: "常规",
}

_STATES = {"done": "已办结", "waived": "免办", "withdrawn": "撤回"}
_PERIOD = re.compile(r"\d{4}-(?:Q(?P<quarter>[1-4])|H(?P<half>[12])|(?P<month>\d{2}))(?![\d-])")
_LONGEST_TITLE = 40


def day_title(day: AgendaDay) -> str:
    """3月5日 学习：中心组学习（第一季度）到期 等2项."""
    kind = KINDS[day.kind]
    title = day.title.removeprefix(f"{kind}:").removeprefix(f"{kind}\N{FULLWIDTH COLON}").strip()
    if len(title) > _LONGEST_TITLE:
        title = f"{title[: _LONGEST_TITLE - 1]}…"
    what = "到期" if day.due else "催办" if day.overdue else "提醒"
    many = day.due or day.reminding
    more = f" 等{many}项" if many > 1 else ""
    return f"{day.on.month}月{day.on.day}日 {kind}：{title}{_period(day)}{what}{more}"


def run_name(what: str, due: datetime, tz: tzinfo) -> str:
    """9月1日 06:30 学习全年编排."""
    local = due.astimezone(tz)
    return f"{local.month}月{local.day}日 {local:%H:%M} {what}"


def state_of(line: OccurrenceLine) -> str:
    if line.state != "open":
        return _STATES[line.state] + ("（逾期）" if line.late else "")
    if line.overdue:
        return f"逾期{-line.workdays_left}个工作日"
    return "待通知" if line.awaiting_notice else "长期" if line.standing else "待办"


def _period(day: AgendaDay) -> str:
    """Named where the day alone does not tell it."""
    found = _PERIOD.match(day.period)
    if found is None:
        return ""
    if found["quarter"]:
        return f"（第{'一二三四'[int(found['quarter']) - 1]}季度）"
    if found["half"]:
        return "（上半年）" if found["half"] == "1" else "（下半年）"
    month = int(found["month"])
    return "" if month == day.on.month else f"（{month}月）"
