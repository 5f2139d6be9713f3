"""Sending what is due, as the tick and every run of the calendar do it."""

from __future__ import annotations

from config.app import App
from flows.publish import table
from services.tick import TickOutcome, tick

_COUNTS = {
    "sent": "发出",
    "folded": "并入较新提醒",
    "cancelled": "已无需发送",
    "expired": "过时未发",
    "deferred": "稍后再试",
    "unknown": "结果不明",
    "recovered": "接续上次中断",
    "failed": "没有送达",
}


def remind(app: App) -> str:
    """One tick; what was sent is published, and nothing when nothing was."""
    with app.open_channels() as channels:
        outcome = tick(app.store, channels, app.delivery_policy(), now=app.now(), clock=app.now)
    if outcome.busy:
        return "另一个发送正在进行"
    if outcome.held_until is not None:
        return f"不在发送时段,等到 {outcome.held_until.astimezone(app.tz):%m月%d日 %H:%M}"
    return _counts(outcome) or "没有要发的提醒"


def _counts(outcome: TickOutcome) -> str:
    return ",".join(f"{word} {count} 条" for name, word in _COUNTS.items() if (count := getattr(outcome, name)))
