"""A history told in order of time: one sentence a moment, as a page or a printed sheet shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from planning.acts import ACTORS, VIAS, Act, act_name
from planning.attendance import IN_LOG
from planning.held import FIRST_HEARD, rests_meanwhile
from planning.wording import day_name
from reports.history import DueMove, History, payload_of
from reports.log import LogLine
from reports.outbox import AttemptLine, MessageLine
from reports.sentences import REMINDER_STATES, ROLES, clock, outcome_of, reason_words, step_words

_CAUSES = {"plan": "计划更改", "holidays": "放假安排", "extension": "延期", "reopen": "恢复待办"}
_VERBS: dict[str, str] = {
    Act.EXTENSION_ASKED: "申请延期",
    Act.EXTENSION_REFUSED: "不批准延期",
    Act.EXTENSION_WITHDRAWN: "撤回延期申请",
    Act.SNOOZED: "选择稍后提醒",
    Act.ACKNOWLEDGED: "表示收到",
}
"""What is not said as 登记 and the act's name."""

_TELLS_THE_DOER = {Act.DONE, Act.REVIEWED}
"""Entries that name the doer beside whoever recorded it."""

_IN_THE_LOG = {"extension", "reopen", "handover"}
"""Moves that have an entry of their own."""

_TOLD_BY_ATTEMPTS = {"queued", "sent", "failed"}
"""States of a reminder whose end the attempts of its message tell."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    kind: str  # planned, moved, joined, heard, reminder, attempt, entry, evidence
    sentence: str
    seq: int | None = None  # of the log entry
    code: str = ""  # its short code
    message: str = ""  # T2603-000142, of an attempt


def timeline(found: History, *, tz: tzinfo) -> tuple[Moment, ...]:
    """What happened and what is still to come (reminders that wait), oldest first."""
    moments = [
        Moment(found.planned_at, "planned", f"列入计划，时限{day_name(_first_due(found), with_year=True)}。"),
        *(_move(one) for one in found.due_changes if one.cause not in _IN_THE_LOG),
        *_joined(found),
        *_first_heard(found),
        *_reminders(found, tz),
        *(moment for one in found.messages for moment in _attempts(one, _steps(found, one.ref))),
        *(Moment(one.at, "evidence", f"{found.names.get(one.by, one.by)}提交佐证“{one.name}”。") for one in found.evidence),
        *(entry_moment(one, found.names) for one in found.entries),
    ]
    return tuple(sorted(moments, key=lambda moment: (moment.at, moment.seq or 0)))


def entry_moment(entry: LogLine, names: Mapping[str, str]) -> Moment:
    """What an entry of the log says. ``names`` are those of today, by person's key; the rest is told as it was written."""
    said = payload_of(entry)
    who = names.get(entry.actor) or ACTORS.get(entry.actor, entry.actor)
    via = VIAS.get(entry.via, entry.via)
    verb = _VERBS.get(entry.kind, f"登记{act_name(entry.kind)}")
    if entry.kind == Act.EXTENDED and said.get("approved_by"):
        verb = "批准延期"
    name = _in_whose_name(entry, said, names)
    details = _details(entry.kind, said).rstrip("。")  # of what somebody typed
    sentence = f"{who}{f'（代{name}）' if name else ''}{verb}（{via}）{details}。"
    return Moment(entry.at, "entry", sentence, entry.seq, entry.code)


def _joined(found: History) -> Iterator[Moment]:
    """Who came by the files after it was planned; a hand over has an entry of its own."""
    for part in found.assignments:
        if part.since > found.planned_at and not part.handed:
            role = ROLES.get(part.role, part.role)
            yield Moment(part.since, "joined", f"人员有变动，{part.name}列为{role}。")


def _first_heard(found: History) -> Iterator[Moment]:
    """When it left silence after its reminders had passed."""
    for at in sorted({one.fire_at for one in found.reminders if FIRST_HEARD in one.say}):
        yield Moment(at, "heard", "启用日提前，从这时起提醒；此前没有提醒过。")


def _first_due(found: History) -> date:
    return found.line.original_due_on


def _move(move: DueMove) -> Moment:
    why = f"：{move.reason}" if move.reason else ""
    days = f"{day_name(move.from_on, with_year=True)}改为{day_name(move.to_on, with_year=True)}"
    return Moment(move.at, "moved", f"时限由{days}（{_CAUSES.get(move.cause, move.cause)}{why}）。")


def _reminders(found: History, tz: tzinfo) -> Iterator[Moment]:
    """Those that no message has told yet, or ever will; the others are told by the attempts of their message."""
    tried = {one.ref for one in found.messages if one.attempts}
    for one in found.reminders:
        if one.message in tried and one.state in _TOLD_BY_ATTEMPTS:
            continue
        rests = one.state == "planned" and found.line.extension_to is not None and rests_meanwhile(one.step)
        reason = "延期待批，暂停提醒" if rests else reason_words(one.reason)
        why = f"（{reason}）" if reason else ""
        into = f"，消息{one.message}" if one.message else ""
        words = REMINDER_STATES.get(one.state, one.state)
        yield Moment(
            one.fire_at, "reminder", f"{clock(one.fire_at, tz)}应提醒{one.name}（{step_words(one.step)}）：{words}{why}{into}。"
        )


def _steps(found: History, message: str) -> str:
    told = [step_words(one.step) for one in found.reminders if one.message == message and one.state in _TOLD_BY_ATTEMPTS]
    return "、".join(dict.fromkeys(told))


def _attempts(message: MessageLine, steps: str) -> Iterator[Moment]:
    for one in message.attempts:
        yield Moment(one.finished_at or one.started_at, "attempt", _attempt(message, one, steps), message=message.ref)


def _attempt(message: MessageLine, one: AttemptLine, steps: str) -> str:
    words = outcome_of(one, under_way="还没有结果")
    if one.outcome == "accepted" and not message.verified:
        words = "渠道已收下，无法核实是否送达"
    said = "" if one.only_written else " ".join(part for part in (one.code, one.detail) if part)
    answer = f"，答复：{said}" if said else ""
    return f"{steps or '消息'}，第{one.n}次发送给{message.name}（{message.channel}）：{words}{answer}（消息{message.ref}）。"


def _in_whose_name(entry: LogLine, said: dict[str, Any], names: Mapping[str, str]) -> str:
    """Who pressed the button is the actor; the name of another in whose place he did it, if there is one."""
    if "approval_recorded_by" in said:
        return str(said.get("approved_name", ""))
    by = said.get("by")
    stands_in = entry.kind not in _TELLS_THE_DOER and said.get("recorded_by", by) != by
    return str(names.get(str(by), by)) if stands_in else ""


def _details(kind: str, said: dict[str, Any]) -> str:  # noqa: PLR0911 - one for each kind
    reason = f"，原因：{said['reason']}" if said.get("reason") else ""
    note = f"，说明：{said['note']}" if said.get("note") else ""
    if kind in {Act.DONE, Act.REVIEWED}:
        came = f"{_measures(said)}{_signed_in(said)}"
        return f"：{said.get('by_name', '')}于{_day(said.get('done_on'))}完成{_late(said)}{came}{note}"
    if kind == Act.EXTENDED:
        asked = f"，{said['by_name']}申请" if said.get("approved_by") and said.get("by_name") else ""
        answer = f"，批复：{said['answer']}" if said.get("answer") else ""
        return f"：由{_day(said.get('from'))}延至{_day(said.get('to'))}，第{said.get('extensions', 1)}次{asked}{reason}{answer}"
    if kind == Act.EXTENSION_ASKED:
        return f"：由{_day(said.get('from'))}延至{_day(said.get('to'))}{reason}，待批复"
    if kind == Act.EXTENSION_REFUSED:
        return f"：{said.get('asked_name', '')}申请延至{_day(said.get('to'))}，时限仍为{_day(said.get('due_on'))}{reason}"
    if kind == Act.EVIDENCE_VOIDED:
        return f"：“{said.get('name', '')}”{reason}"
    if kind == Act.SNOOZED:
        return f"：推迟到{_day(said.get('until'))}，只影响本人的提醒"
    if kind == Act.HANDED_OVER:
        shared = "（原来一同承办）" if said.get("released") else ""
        return f"：由{said.get('from_name', '')}移交{said.get('to_name', '')}{shared}{reason}"
    if kind in {Act.ATTENDANCE_ADDED, Act.ATTENDANCE_TAKEN_OFF}:
        unit = f"（{said['unit_name']}）" if said.get("unit_name") else ""
        return f"：{said.get('name', '')}{unit}{_signed_in(said)}"
    return f"{reason}{note}"


def _late(said: dict[str, Any]) -> str:
    if not said.get("late"):
        return ""
    return f"，逾期{said['late_workdays']}个工作日" if said.get("late_workdays") else f"，逾期{said.get('late_days', 0)}天"


def _measures(said: dict[str, Any]) -> str:
    if said.get("nothing_to_report"):
        return "，无事报平安"
    return "".join(f"，{name} {value}" for name, value in (said.get("measures") or {}).items())


def _signed_in(said: dict[str, Any]) -> str:
    told = said.get(IN_LOG)
    count = told.get("count") if isinstance(told, dict) else 0
    return f"，签到表上{count}人" if count else ""


def _day(text: object) -> str:
    try:
        return day_name(date.fromisoformat(str(text)), with_year=True)
    except ValueError:
        return str(text)
