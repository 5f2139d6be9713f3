"""One Chinese sentence for each reminder: whether it was told, when, by what, and the provider's own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Row

from models.reminder import ReminderState
from notifications.outbox import WRITTEN
from planning.held import FIRST_HEARD
from planning.windows import Window, next_open
from planning.wording import day_name
from planning.workdays import Workdays
from reports.sentences import clock, reason_words, step_words
from reports.why_rows import Surroundings

GROUP = "group:"
_LIVE = frozenset({"pending", "leased"})


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom and when the question is asked; without windows nothing is said of them."""

    person: str
    now: datetime
    tz: tzinfo
    windows: Sequence[Window] = ()
    workdays: Workdays | None = None

    def clock(self, at: datetime) -> str:
        return clock(at, self.tz)

    @property
    def opens(self) -> datetime | None:
        """When messages may leave again; None while they may, or when nobody said."""
        if not self.windows or self.workdays is None:
            return None
        opens = next_open(self.windows, self.workdays, self.now, self.tz)
        return opens if opens > self.now else None


def sentence(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    whose = f"（代{row.name}）" if row.person != asked.person else ""
    return f"“{row.title}”的{step_words(row.step)}{whose}{_fate(row, around, asked)}{_first_heard(row)}。"


def _first_heard(row: Row[Any]) -> str:
    """Why something long due is told only now."""
    return f"（{FIRST_HEARD}）" if FIRST_HEARD in row.say else ""


def silent_sentence(row: Row[Any]) -> str:
    return f"“{row.title}”的时限{day_name(row.due_on, with_year=True)}在启用日之前，只留记录，不提醒。"


def office_sentence(message: Any, asked: Asked) -> str:  # noqa: ANN401 - a MessageLine; importing it would go in a circle
    """What the system itself wrote to the admin."""
    when = f"已于{asked.clock(message.sent_at)}发出" if message.sent_at else f"于{asked.clock(message.built_at)}生成，还没有发出"
    if message.state in {"failed", "dead"}:
        when = f"没有送达：{message.last_error}"
    if message.state == "cancelled":
        when = f"没有发出：{message.last_error or '问题已消除'}"
    return f"系统给管理员的消息{message.ref}“{message.subject}”{when}。"


def _fate(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    reason = reason_words(row.reason)
    match row.state:
        case ReminderState.SENT:
            return _sent(row, around, asked)
        case ReminderState.FOLDED:
            into = f"，并入消息{row.message_ref}" if row.message_ref else ""
            return f"没有单独发送{into}（{reason}）" if reason else f"没有单独发送{into}"
        case ReminderState.CANCELLED:
            return _cancelled(row, around, reason)
        case ReminderState.SUPERSEDED:
            return f"已取消：{reason or '时限已变更'}"
        case ReminderState.EXPIRED:
            return f"已过期没有发送：{reason or '到期太久'}"
        case ReminderState.FAILED:
            why = reason or "所有地址都不接收，或没有登记地址"
            return f"没有送达：{why}{_said(around, row.message_id)}{_earlier(row, around)}"
        case ReminderState.QUEUED:
            return _on_its_way(row, around, asked)
        case _:
            return _planned(row, around, asked)


def _sent(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    at = row.sent_at or row.fire_at
    due = "" if _day(at, asked) == _day(row.fire_at, asked) else f"（应于{asked.clock(row.fire_at)}）"
    unsure = "" if row.verified in {None, True} else "（渠道已收，无法核实）"
    to = _reader(row, asked)
    answer = around.answers.get(row.message_id or 0)
    if answer is not None and answer.detail == WRITTEN:
        return f"已于{asked.clock(at)}{due}由消息{row.message_ref}写入发件箱{to}，没有真的发出{_earlier(row, around)}"
    return (
        f"已于{asked.clock(at)}{due}由消息{row.message_ref}发出{to}{unsure}{_said(around, row.message_id)}{_earlier(row, around)}"
    )


def _reader(row: Row[Any], asked: Asked) -> str:
    """Who read it, when that is not the person himself."""
    if row.reader is None:
        return ""
    if row.reader.startswith(GROUP):
        return f"，发在“{row.reader_name}”里"
    if row.reader in {row.person, asked.person}:
        return ""
    return f"，由代理人{row.reader_name}接收"


def _cancelled(row: Row[Any], around: Surroundings, reason: str) -> str:
    done = around.doers.get(row.occurrence_id)
    if row.reason == "done" and done is not None:
        return f"已取消：{done.by_name}已于{day_name(done.done_on)}办结"
    if row.silent:
        return "已取消：启用日之前的事项，不提醒"
    return f"已取消：{reason or '已无需提醒'}"


def _on_its_way(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    error = f"，上次没有成功：{row.last_error}" if row.last_error else _said(around, row.message_id)
    tail = f"{_reader(row, asked)}{error}{_earlier(row, around)}"
    if row.message_state == "leased":
        return f"正由消息{row.message_ref}发送{tail}"
    if row.message_state not in _LIVE:
        return f"所在的消息{row.message_ref or ''}已经结束，却没有发出，请联系维护人员核对数据库"
    held = _held_up(row, around, asked)
    if held:
        return f"已写入消息{row.message_ref}，{held}{tail}"
    return f"已写入消息{row.message_ref}，最早{asked.clock(row.next_at)}发送{tail}"


def _held_up(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    """Why a message that is ready has not left."""
    if "hold:clock" in around.holds:
        return _clock_hold(around, asked)
    rest = around.rests.get(row.channel)
    if rest is not None and rest.resting:
        return rest.sentence(asked.tz)
    if row.next_at > asked.now or asked.opens is None:
        return ""
    return f"现在不在发送时段，{asked.clock(asked.opens)}以后发送"


def _planned(row: Row[Any], around: Surroundings, asked: Asked) -> str:
    due = f"应于{asked.clock(row.fire_at)}提醒"
    if row.silent:
        return f"{due}，属启用日之前的事项，不提醒"
    wish = around.asked.get(row.occurrence_id)
    if wish is not None:
        return f"{due}，延期待批：{wish.asked_name}申请延至{day_name(wish.to_on)}，批复以前不提醒"
    if row.held_until is not None and row.held_until > asked.now:
        return f"{due}，暂缓到{asked.clock(row.held_until)}{_because(row)}"
    if row.fire_at > asked.now:
        return f"将于{asked.clock(row.fire_at)}提醒"
    return f"{due}，{_why_not_yet(around, asked)}"


def _why_not_yet(around: Surroundings, asked: Asked) -> str:
    if "hold:clock" in around.holds:
        return _clock_hold(around, asked)
    if "hold:catch-up" in around.holds:
        held = around.holds["hold:catch-up"]
        since = asked.clock(datetime.fromisoformat(held["since"]))
        return f"{held.get('reason') or '积压'}，{held['count']}条消息自{since}起等待放行（suishi release-hold）"
    if asked.opens is not None:
        return f"现在不在发送时段，{asked.clock(asked.opens)}以后发送"
    return "正等待发送时段或下一次发送"


def _clock_hold(around: Surroundings, asked: Asked) -> str:
    held = around.holds["hold:clock"]
    since = asked.clock(datetime.fromisoformat(held["since"]))
    return f"服务器时钟可疑（{held.get('reason') or '时钟跳变'}），自{since}起暂停发送"


def _because(row: Row[Any]) -> str:
    reason = reason_words(row.reason)
    return f"：{reason}" if reason else ""


def _earlier(row: Row[Any], around: Surroundings) -> str:
    """What became of the messages before this one."""
    told = []
    one = around.before.get(row.message_id)
    while one is not None:
        answer = around.answers.get(one.id)
        words = one.last_error or (_words(answer) if answer is not None else "")
        told.append(f"{one.channel}渠道的消息{one.ref}没有送达{f'（{words}）' if words else ''}")
        one = around.before.get(one.id)
    return f"；此前{'，'.join(reversed(told))}" if told else ""


def _said(around: Surroundings, message_id: int | None) -> str:
    answer = around.answers.get(message_id or 0)
    words = "" if answer is None else _words(answer)
    return f"，对方答复：{words}" if words else ""


def _words(answer: Row[Any]) -> str:
    return " ".join(part for part in (answer.code, answer.detail) if part)


def _day(at: datetime, asked: Asked) -> date:
    return at.astimezone(asked.tz).date()
