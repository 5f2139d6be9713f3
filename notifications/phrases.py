"""Single phrases of a message: short, polite, true on the day they are read."""

from __future__ import annotations

import re
from datetime import date, datetime

from notifications.letter import Item, Tone

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""Marks that turn or hide the words after them, and halves of characters, which no mail can carry."""
_YELLOW_FROM = 3
"""Workdays before the due day."""
_WEEKDAYS = "一二三四五六日"


def plain(words: str) -> str:
    """On one line: what people type into titles must not break a message's form."""
    return _UNSEEN.sub("", _CONTROL.sub(" ", words)).strip()


def clipped(words: str, most: int) -> str:
    """At most ``most`` characters; what is cut says so."""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def day(on: date, today: date) -> str:
    """3月6日; with the year when it is another one."""
    short = f"{on.month}月{on.day}日"
    return short if on.year == today.year else f"{on.year}年{short}"


def moment(at: datetime) -> str:
    return f"{at.month}月{at.day}日{at:%H:%M}"


def overdue(item: Item, today: date) -> bool:
    """Never while an extension waits for its signature, nor when only the sign-off is missing."""
    return item.due_on < today and not item.awaiting_approval and not item.awaits_sign_off


def left(item: Item, today: date) -> str:
    """How near the due day is. Nothing here speaks of a day to come when it is past."""
    if item.awaits_sign_off:
        return "已办结，待验收"
    if item.awaiting_approval:
        return "延期待批"
    if overdue(item, today):
        return f"已逾期{-item.workdays_left}个工作日" if item.workdays_left < 0 else "已逾期"
    if item.due_on == today:
        return "今日到期"
    return f"还剩{item.workdays_left}个工作日" if item.workdays_left > 0 else "将于休息日到期"


def deadline(item: Item, today: date) -> str:
    """The due day as the office wrote it and as a date, with what is not yet sure about it."""
    on = f"{item.due_on.year}年{item.due_on.month}月{item.due_on.day}日" if item.provisional else day(item.due_on, today)
    notes = _doubts(item)
    if item.as_written:
        return f"{plain(item.as_written)}（{'，'.join((on, *notes))}）"
    if notes:
        return f"{on}（{'，'.join(notes)}）"
    return f"{on}（周{_WEEKDAYS[item.due_on.weekday()]}）"


def _doubts(item: Item) -> tuple[str, ...]:
    if item.awaiting_notice:
        return ("预计，以通知为准", *(("暂定",) if item.provisional else ()))
    if not item.provisional:
        return ()
    if item.unpublished_year is None:
        return ("暂定，放假安排未公布",)
    return (f"暂定，{item.unpublished_year}年放假安排未公布",)


def asked(item: Item, today: date) -> str:
    """The time limit in one clause, with what the reader should do about it."""
    limit = deadline(item, today)
    if item.tone is Tone.EXTENSION_ASKED:
        return f"{limit}，延期待批，请批复"
    if item.awaits_sign_off:
        return f"{limit}，{left(item, today)}"
    if item.tone is Tone.CANCELLED:
        return f"原时限{limit}，{'已免办' if item.waived else '已从计划中撤回'}，无需办理"
    if item.awaiting_notice:
        return f"{limit}，请查找通知并登记日期"
    if item.standing:
        return f"请于{limit}前复核一次，{left(item, today)}"
    return f"{limit}，{left(item, today)}"


def changed(item: Item, today: date) -> str:
    """What became of the due day since the reader last heard of it; empty when nothing did."""
    if item.told_on is not None and (item.tone is Tone.MOVED or item.told_on != item.due_on):
        return f"原定{day(item.told_on, today)}，改为{day(item.due_on, today)}{'（暂定）' if item.provisional else ''}"
    if item.extended_from is not None:
        return f"原时限{day(item.extended_from, today)}，已延期"
    return ""


def lamp(item: Item, today: date) -> str:
    """The lamp as a word, because a colour alone is lost in black and white.

    By custom 【黄灯】 from three workdays before the day and 【红灯】 after it; on a 督办单, what the sheet has.
    """
    if item.tone is Tone.CANCELLED or item.awaiting_notice or item.awaiting_approval or item.awaits_sign_off:
        return ""
    if item.sheet is not None:
        return f"【{item.sheet.lamp}灯】"
    if overdue(item, today):
        return "【红灯】"
    return "【黄灯】" if item.workdays_left <= _YELLOW_FROM else ""


def label(item: Item) -> str:
    """The mark before a title; an item that is the reader's own to do has none."""
    if item.sheet is not None:
        return plain(item.sheet.heading)
    return {
        Tone.ASSIGNED: "新交办",
        Tone.INFORM: "知悉",
        Tone.PRESS: "催办",
        Tone.SUPERVISE: "督办",
        Tone.MOVED: "改期",
        Tone.HANDED_OVER: "移交",
        Tone.CANCELLED: "取消",
        Tone.EXTENSION_ASKED: "延期申请",
        Tone.EXTENSION_DECIDED: "延期批复",
        Tone.SIGN_OFF: "请验收销号",
        Tone.SIGN_OFF_LATE: "验收催办",
        Tone.SENT_BACK: "退回重办",
    }.get(item.tone, "")
