"""Codes become words: what a state, a kind or a date is called on the pages. Colour never stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from planning.wording import weekday_name
from reports.occurrences import OccurrenceLine

KINDS = {"study": "学习", "inspection": "检查", "publicity": "普法", "rectification": "整改", "routine": "常规"}

ROLES = {"owner": "承办", "partner": "配合", "overseer": "分管领导", "leader": "主要领导", "verifier": "验收人"}

REMINDER_STATES = {
    "planned": "待提醒",
    "queued": "排队发送",
    "sent": "渠道已接收",
    "folded": "并入较新的提醒",
    "cancelled": "已取消",
    "superseded": "日期已变，作废",
    "expired": "过时未发",
    "failed": "没有送出",
}

MESSAGE_STATES = {
    "pending": "待发送",
    "leased": "正在发送",
    "sent": "渠道已接收",
    "failed": "没有送出",
    "dead": "无法发送",
    "cancelled": "已取消",
}

OUTCOMES = {
    "accepted": "渠道已接收",
    "deferred": "渠道暂时不收，稍后再试",
    "rejected": "渠道拒收",
    "unknown": "不确定是否送达",
    "not_sent": "没有送出",
    "lost_lease": "让给另一个发送进程",
}

DUE_CAUSES = {"plan": "计划调整", "holidays": "节假日安排", "extension": "延期", "reopen": "撤销办结"}

NOTICES = {"moved": "改期通知", "cancelled": "取消通知", "handed-over": "移交通知", "assigned": "交办"}

SOON_WORKDAYS = 3


@dataclass(frozen=True, slots=True)
class Tag:
    look: str  # overdue, today, open, done, late, quiet: a CSS class
    words: str


def status(line: OccurrenceLine) -> Tag:
    """The one tag that says where an occurrence stands; red is for overdue and nothing else."""
    closed = {"withdrawn": Tag("quiet", "撤回"), "waived": Tag("quiet", "免办")}.get(line.state)
    if closed is not None:
        return closed
    if line.state == "done":
        return Tag("late", "逾期办结") if line.late else Tag("done", "已办结")
    if line.overdue:
        return Tag("overdue", f"逾期 {-line.workdays_left} 个工作日" if line.workdays_left < 0 else "逾期")
    if line.standing:
        return Tag("quiet", "长期坚持")
    if line.workdays_left < 0:
        return Tag("quiet", "启用前到期")
    return _still_open(line)


def _still_open(line: OccurrenceLine) -> Tag:
    if line.awaiting_notice:
        return Tag("open", "待通知定日期")
    if line.workdays_left == 0:
        return Tag("today", "今日到期")
    if line.workdays_left <= SOON_WORKDAYS:
        return Tag("today", f"剩 {line.workdays_left} 个工作日")
    return Tag("open", "待办")


def marks(line: OccurrenceLine) -> list[str]:
    """Further facts beside the tag, in words."""
    found = []
    if line.provisional:
        found.append("暂定")
    if line.extensions:
        found.append(f"延期 {line.extensions} 次")
    if line.state == "done" and line.sign_off_needed and line.signed_off_at is None:
        found.append("待销号")
    if line.signed_off_at is not None:
        found.append("已销号")
    if line.state == "done" and line.proved:
        found.append("有佐证")
    return found


def why(line: OccurrenceLine) -> str:
    """What explains an overdue line: how its day came about and whether it was put off."""
    said = [line.explanation] if line.explanation else []
    if line.extensions:
        said.append(f"原定 {line.original_due_on}，已延期 {line.extensions} 次")
    return "；".join(said)


def day(value: date | None) -> str:
    """2026-10-29 周四."""
    return "—" if value is None else f"{value.isoformat()} {weekday_name(value)}"


def moment(value: datetime | None, tz: ZoneInfo) -> str:
    """2026-10-29 08:45 in the office's zone."""
    return "—" if value is None else value.astimezone(tz).strftime("%Y-%m-%d %H:%M")


def names(people: Iterable[str]) -> str:
    return "、".join(people) or "—"


def step_name(step: str) -> str:
    """T-7 becomes 到期前7个工作日."""
    if step in NOTICES:
        return NOTICES[step]
    if step == "T0":
        return "到期当日"
    if step.startswith("T-"):
        return f"到期前 {step[2:]} 个工作日"
    if step.startswith("T+"):
        return f"逾期 {step[2:]} 个工作日"
    return step
