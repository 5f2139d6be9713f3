"""How states and reasons are said in Chinese, for histories and for the question why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from notifications.outbox import WRITTEN
from planning.ladder_sentences import ROLE_NAMES
from planning.wording import day_name

if TYPE_CHECKING:
    from reports.outbox import AttemptLine, MessageLine

REASONS: Mapping[str, str] = {
    "done": "已办结",
    "reviewed": "已复核",
    "waived": "已免办",
    "extended": "已延期",
    "handed_over": "已移交",
    "reopened": "已恢复待办",
    "signed_off": "已销号",
    "withdrawn": "已撤回",
    "released": "已不由其承办",
    "plan_rev": "计划已更改",
    "silent": "启用日之前，不提醒",
    "moved": "时限已变更",
    "planned_late": "列入计划时已过提醒时间",
}
"""Codes that services write as reasons; other reasons are sentences already."""

REMINDER_STATES: Mapping[str, str] = {
    "planned": "待发",
    "queued": "待发送",
    "sent": "已发",
    "folded": "已并入",
    "cancelled": "已取消",
    "superseded": "已作废",
    "expired": "已过期",
    "failed": "未送达",
}

MESSAGE_STATES: Mapping[str, str] = {
    "pending": "待发送",
    "leased": "发送中",
    "sent": "已发送",
    "failed": "未送达",
    "dead": "无法发送",
    "cancelled": "已取消",
}

OUTCOMES: Mapping[str, str] = {
    "accepted": "对方已接收",
    "deferred": "暂未接收，稍后再试",
    "rejected": "对方拒收",
    "unknown": "结果不明",
    "not_sent": "没有发出",
    "lost_lease": "已由另一进程接手，没有发出",
}

NOT_SENT = f"{WRITTEN}，没有真的发给谁"
"""Of the outbox channel: a file and no more."""


def state_of(message: MessageLine) -> str:
    """What became of a message; what only lies in a file was not sent."""
    return WRITTEN if message.only_written else MESSAGE_STATES.get(message.state, message.state)


def outcome_of(attempt: AttemptLine, *, under_way: str) -> str:
    return WRITTEN if attempt.only_written else OUTCOMES.get(attempt.outcome or "", under_way)


ROLES: Mapping[str, str] = {role.value: name for role, name in ROLE_NAMES.items()}


KINDS: Mapping[str, str] = {
    "study": "学习",
    "inspection": "检查",
    "publicity": "普法",
    "rectification": "整改",
    "routine": "常规",
}


def reason_words(reason: str) -> str:
    return REASONS.get(reason, reason)


def clock(at: datetime, tz: tzinfo) -> str:
    """3月5日 09:00, in the office's own time."""
    local = at.astimezone(tz)
    return f"{day_name(local.date())} {local:%H:%M}"


_NOTICES = {
    "assigned": "交办提醒",
    "moved": "改期通知",
    "cancelled": "撤销通知",
    "handed-over": "移交通知",
    "T0": "到期当日提醒",
    "extension-asked": "延期申请通知",
    "extension-decided": "延期批复通知",
    "sign-off": "验收销号通知",
    "sent-back": "退回通知",
    "snoozed": "本人选定日的提醒",
    "again": "重发",
}


def step_words(step: str) -> str:
    """A step of the ladder as a reader says it: T-7 is 到期前7个工作日提醒."""
    if step in _NOTICES:
        return _NOTICES[step]
    if step.startswith("sign-off-up+"):
        return f"办结后{step[12:]}个工作日仍未销号的催办"
    if step.startswith("sign-off+"):
        return f"办结后{step[9:]}个工作日的销号提醒"
    if step.startswith("T-"):
        return f"到期前{step[2:]}个工作日提醒"
    if step.startswith("T+"):
        return f"逾期{step[2:]}个工作日提醒"
    return f"{step}提醒"
