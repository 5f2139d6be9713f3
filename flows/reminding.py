"""Sending what is due, as the tick and every run of the calendar do it."""

from __future__ import annotations

from datetime import datetime

from config.app import App
from config.machine_clock import machine_beat, wait
from flows.publish import table
from reports.outbox import MessageFilters, outbox
from services.tick import TickOutcome, tick

REMINDING = "派发提醒"
"""One name for all that sends: a failure of one is made good by the next that succeeds."""

_COUNTS = {
    "sent": "发出",
    "folded": "并入较新提醒",
    "cancelled": "已无需发送",
    "expired": "过时未发",
    "deferred": "稍后再试",
    "held": "暂缓",
    "unknown": "结果不明",
    "recovered": "接续上次中断",
    "failed": "没有送达",
}

_MOST_ROWS = 200


def remind(app: App) -> str:
    """One tick; what was sent is published, and nothing when nothing was."""
    now = app.now()
    with app.open_channels() as channels:
        outcome = tick(app.store, channels, app.delivery_policy(), now=now, clock=app.now, wait=wait, beat=machine_beat())
    if outcome.sent:
        _show_sent(app, since=now)
    if outcome.busy:
        return "另一个发送正在进行"
    if outcome.clock_doubt:
        return outcome.clock_doubt
    if outcome.held_until is not None:
        return f"不在发送时段，等到 {outcome.held_until.astimezone(app.tz):%m月%d日 %H:%M}"
    return _counts(outcome) or "没有要发的提醒"


def _show_sent(app: App, *, since: datetime) -> None:
    today = outbox(app.store, MessageFilters(states=("sent",), day=app.today()), tz=app.tz, limit=_MOST_ROWS)
    rows = [
        {
            "时间": f"{line.sent_at.astimezone(app.tz):%H:%M:%S}",
            "收件人": line.name,
            "渠道": line.channel,
            "主题": line.subject,
            "编号": line.ref,
        }
        for line in today.lines
        if line.sent_at is not None and line.sent_at >= since
    ]
    table("sent", rows, about=f"{since.astimezone(app.tz):%Y年%m月%d日 %H:%M} 这一次发出的消息")


def _counts(outcome: TickOutcome) -> str:
    return "，".join(f"{word} {count} 条" for name, word in _COUNTS.items() if (count := getattr(outcome, name)))
