"""Chinese words for what the code calls by a value, as the terminal shows them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

KINDS = {"study": "学习", "inspection": "检查", "publicity": "普法", "rectification": "整改", "routine": "常规"}
STATES = {"open": "待办", "done": "已办结", "waived": "免办", "withdrawn": "撤回"}
MESSAGE_STATES = {
    "pending": "待发",
    "leased": "发送中",
    "sent": "已发出",
    "failed": "未送达",
    "dead": "无法生成",
    "cancelled": "已取消",
}
ACCOUNT_ROLES = {"admin": "管理员", "leader": "领导", "office": "科室", "staff": "工作人员", "auditor": "审计员"}
ACCOUNT_STATES = {"waiting": "未激活", "active": "正常", "locked": "暂停登录", "disabled": "已停用"}
WEEKDAYS = "一二三四五六日"


def message_state(state: str, *, verified: bool, only_written: bool = False) -> str:
    """What became of a message; a channel whose answer proves nothing is not said to have sent it, nor is a file."""
    if only_written:
        return "已写入发件箱"
    return MESSAGE_STATES[state] if verified or state != "sent" else "渠道已收（无法核实）"


def day(value: date) -> str:
    """2026-03-05（四）"""
    return f"{value.isoformat()}（{WEEKDAYS[value.weekday()]}）"


def moment(value: datetime | None, zone: tzinfo) -> str:
    return "" if value is None else f"{value.astimezone(zone):%Y-%m-%d %H:%M}"


def left(workdays: int, *, overdue: bool) -> str:
    if overdue:
        return f"逾期 {-workdays} 个工作日"
    return "今日到期" if workdays == 0 else f"还剩 {workdays} 个工作日"
