"""What a channel said becomes rows: one guarded transaction for each hand-over.

The table of RELIABILITY 2.4 and 2.7. A lost lease changes nothing but the attempt, and is reported.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select, update

from models.message import AttemptOutcome, MessageState, messages
from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from notifications.envelope import Outcome, Scope, Verdict
from planning.basis import DeliveryPolicy
from services.fallback import fail_reminders, fall_back
from services.lease import Lease, end_attempt, finish, message_row
from services.pauses import pause
from services.problems import close_problem, report_problem
from services.waiting import MOVED_STEP

MOST_TRIES = 8
MOST_AMBIGUOUS = 2
BACKOFF_MINUTES = (1, 5, 15, 60, 180, 360, 720)
AGAIN_AFTER_UNKNOWN = timedelta(minutes=5)
_JITTER = 0.1


class Ending(StrEnum):
    """How a hand-over counts in the tick's outcome."""

    SENT = "sent"
    DEFERRED = "deferred"
    HELD = "held"  # the channel is at fault: no try was used
    FAILED = "failed"
    UNKNOWN = "unknown"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Recorded:
    ending: Ending
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorder:
    """Writes outcomes down for one tick."""

    policy: DeliveryPolicy
    channels: Collection[str]

    def record(self, db: Connection, lease: Lease, outcome: Outcome, *, now: datetime) -> Recorded:
        message = message_row(db, lease.message_id, lock=True)
        if message["lease_token"] != lease.token:
            return _late(db, lease, message, outcome, now=now)
        end_attempt(db, lease, AttemptOutcome(outcome.verdict.value), now=now, code=outcome.code, detail=outcome.words)
        if outcome.verdict is Verdict.ACCEPTED:
            return self._accepted(db, lease, message, outcome, now=now)
        if outcome.verdict is Verdict.UNKNOWN:
            return self.unknown(db, lease, message, words=outcome.words, now=now)
        if outcome.scope is Scope.CHANNEL:
            return _channel_fault(db, lease, message, outcome, now=now)
        if outcome.verdict is Verdict.DEFERRED and message["tries"] < MOST_TRIES:
            return _deferred(db, lease, message, outcome, now=now)
        return self._failed(db, lease, message, outcome, now=now)

    def unknown(self, db: Connection, lease: Lease, message: Mapping[str, Any], *, words: str, now: datetime) -> Recorded:
        """Nobody knows whether it arrived: the same bytes once more, then the next destination."""
        ambiguous = message["ambiguous"] + 1
        values = {"ambiguous": ambiguous, "last_error": words or "连接中断，不知是否送达"}
        if ambiguous < MOST_AMBIGUOUS:
            finish(db, lease, {**values, "state": MessageState.PENDING, "next_at": now + AGAIN_AFTER_UNKNOWN})
            return Recorded(Ending.UNKNOWN)
        finish(db, lease, {**values, "state": MessageState.FAILED})
        told = fall_back(db, message, policy=self.policy, channels=self.channels, now=now, doubtful=True)
        return Recorded(Ending.FAILED, tuple(told))

    def _accepted(self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
        finish(db, lease, {"state": MessageState.SENT, "sent_at": now, "provider_id": outcome.provider_id, "last_error": ""})
        queued = update(reminders).where(reminders.c.message_id == message["id"], reminders.c.state == ReminderState.QUEUED)
        db.execute(queued.values(state=ReminderState.SENT))
        for entry in message["links"]:
            _note_told(db, entry["assignment"], date.fromisoformat(entry["due_on"]), now=now)
        person, channel = message["person"], message["channel"]
        for key in (f"unreachable:{person}", f"address:{person}:{channel}", f"channel:{channel}", f"compose:{person}"):
            close_problem(db, key=key, now=now)
        return Recorded(Ending.SENT)

    def _failed(self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
        finish(db, lease, {"state": MessageState.FAILED, "last_error": _said(outcome)})
        sentence = _refusal(message, outcome)
        kind = "address" if outcome.scope is Scope.PERSON else "refused"
        about = f"{message['person']}:{message['channel']}" if outcome.scope is Scope.PERSON else message["ref"]
        report_problem(db, key=f"{kind}:{about}", kind=kind, text=sentence, now=now)
        doubtful = message["ambiguous"] > 0
        told = fall_back(db, message, policy=self.policy, channels=self.channels, now=now, doubtful=doubtful)
        return Recorded(Ending.FAILED, (sentence, *told))


def bury(db: Connection, lease: Lease, message: Mapping[str, Any], *, why: str, now: datetime, crashes: int = 0) -> Recorded:
    """A message that cannot be worded, or that ended its sender again and again: out of the way, and told."""
    finish(db, lease, {"state": MessageState.DEAD, "last_error": why, "crashes": crashes or message["crashes"]})
    fail_reminders(db, message["id"], "消息无法发出")
    sentence = f"给{message['name']}的消息（编号 {message['ref']}）无法发出：{why}。请当面告知，并把这句话转给管理员。"
    report_problem(db, key=f"dead:{message['ref']}", kind="dead", text=sentence, now=now)
    return Recorded(Ending.FAILED, (sentence,))


def backoff(message_id: int, tries: int) -> timedelta:
    """How long the next try waits: 1 minute to 12 hours, ±10 % so that a crowd of messages spreads. Deterministic."""
    minutes = BACKOFF_MINUTES[min(tries, len(BACKOFF_MINUTES)) - 1]
    drawn = random.Random(f"{message_id}:{tries}").uniform(-_JITTER, _JITTER)  # noqa: S311 - jitter, not a secret
    return timedelta(minutes=minutes * (1 + drawn))


def _deferred(db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
    wait = backoff(message["id"], message["tries"]) if outcome.retry_after is None else timedelta(seconds=outcome.retry_after)
    finish(db, lease, {"state": MessageState.PENDING, "next_at": now + wait, "last_error": _said(outcome)})
    return Recorded(Ending.DEFERRED)


def _channel_fault(db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
    """The channel is at fault, not the message: it waits without losing a try, and lets the others go first."""
    values = {"state": MessageState.PENDING, "tries": messages.c.tries - 1, "next_at": now, "last_error": _said(outcome)}
    finish(db, lease, values)
    if outcome.retry_after is not None:
        pause(db, message["channel"], until=now + timedelta(seconds=outcome.retry_after), now=now)
    sentence = (
        f"渠道“{message['channel']}”现在发不出消息（{_said(outcome)}）。消息都保留着，恢复后自动补发。"
        "请检查 channels.yaml 中的服务器、端口和授权码。"
    )
    report_problem(db, key=f"channel:{message['channel']}", kind="channel", text=sentence, now=now)
    return Recorded(Ending.HELD, (sentence,))


def _late(db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
    words = f"{outcome.verdict}: {outcome.words}"
    end_attempt(db, lease, AttemptOutcome.LOST_LEASE, now=now, code=outcome.code, detail=words)
    sentence = f"编号 {message['ref']} 的发送结果来得太晚（{words}），已由另一次发送接手，对方可能收到两份。"
    report_problem(db, key=f"late:{message['ref']}", kind="late", text=sentence, now=now)
    return Recorded(Ending.LOST, (sentence,))


def _note_told(db: Connection, assignment_id: int, told_on: date, *, now: datetime) -> None:
    """Remember the day this person knows. When it moved while the message was on its way, one notice puts it right."""
    db.execute(update(assignments).where(assignments.c.id == assignment_id).values(told_due_on=told_on))
    joined = assignments.join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
    query = select(occurrences.c.id, occurrences.c.due_on, occurrences.c.due_epoch).select_from(joined)
    still_open = (assignments.c.id == assignment_id) & assignments.c.active & (occurrences.c.state == OccurrenceState.OPEN)
    occurrence = db.execute(query.where(still_open)).one_or_none()
    if occurrence is None or occurrence.due_on == told_on:
        return
    notice = {
        "assignment_id": assignment_id,
        "step": MOVED_STEP,
        "due_epoch": occurrence.due_epoch,
    }
    same = [reminders.c[name] == value for name, value in notice.items()]
    if db.execute(select(reminders.c.id).where(*same)).first() is None:
        rest = {"occurrence_id": occurrence.id, "offset": 0, "fire_at": now, "say": "", "state": "planned", "reason": ""}
        db.execute(insert(reminders), notice | rest)


def _refusal(message: Mapping[str, Any], outcome: Outcome) -> str:
    if outcome.scope is Scope.PERSON:
        return f"{message['name']}的地址被退回（{_said(outcome)}），请在 people.yaml 中核对“{message['channel']}”的地址。"
    return f"给{message['name']}的消息（编号 {message['ref']}）被拒收（{_said(outcome)}），请查看其内容。"


def _said(outcome: Outcome) -> str:
    return f"{outcome.code} {outcome.words}".strip()[:500]
