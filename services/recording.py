"""What a channel said becomes rows: one guarded transaction for each hand-over.

The table of RELIABILITY 2.4 and 2.7. A lost lease changes nothing but the attempt, and is reported.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from models.columns import insert_new
from models.message import AttemptOutcome, MessageKind, MessageState
from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from notifications.envelope import Outcome, Scope, Verdict
from planning.basis import DeliveryPolicy
from planning.delivery_rules import DeliveryRules
from services.breaker import note_fault, note_recovery, rest_until
from services.fallback import fail_reminders, fall_back
from services.lease import Lease, end_attempt, finish, message_row
from services.problems import close_problems, report_problem
from services.waiting import MOVED_STEP, QUEUED

MOST_AMBIGUOUS = 2
AGAIN_AFTER_UNKNOWN = timedelta(minutes=5)
LONG_REST = timedelta(minutes=15)
"""Rests that the provider asks for and that last longer than this are more than a rate limit: somebody is told."""

NO_ANSWER = "no-answer"
"""The code of a channel that cannot be reached: told after some times in a row, for lines have short hiccups."""

_JITTER = 0.1

# What runs for each message that was accepted, built once.
_REMINDED = update(reminders).where(reminders.c.message_id == bindparam("of"), QUEUED).values(state=ReminderState.SENT)
_KNOWS = update(assignments).where(assignments.c.id == bindparam("of"))
_PERSONS = select(assignments.c.person).distinct().where(assignments.c.id.in_(bindparam("assignments", expanding=True)))
_STILL_OPEN = (
    select(assignments.c.id.label("assignment_id"), occurrences.c.id, occurrences.c.due_on, occurrences.c.due_epoch)
    .select_from(assignments.join(occurrences, occurrences.c.id == assignments.c.occurrence_id))
    .where(
        assignments.c.id.in_(bindparam("assignments", expanding=True)),
        assignments.c.active,
        occurrences.c.state == OccurrenceState.OPEN,
    )
)


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
            # Whatever swallowed this answer may swallow the next: one message in doubt at a time, not a whole crowd.
            note_fault(db, message["channel"], self.policy.rules, reason=_said(outcome), now=now)
            return self.unknown(db, lease, message, words=outcome.words, now=now)
        if outcome.scope is Scope.CHANNEL:
            return self._channel_rests(db, lease, message, outcome, now=now)
        if outcome.verdict is Verdict.DEFERRED and not self._used_up(message, now=now):
            return self._deferred(db, lease, message, outcome, now=now)
        return self._failed(db, lease, message, outcome, now=now)

    def unknown(self, db: Connection, lease: Lease, message: Mapping[str, Any], *, words: str, now: datetime) -> Recorded:
        """Nobody knows whether it arrived: the same bytes once more, then the next destination."""
        ambiguous = message["ambiguous"] + 1
        values = {"ambiguous": ambiguous, "last_error": words or "连接中断，不知是否送达"}
        may_repeat = not self.policy.rule(message["channel"]).ask_when_unknown
        if ambiguous < MOST_AMBIGUOUS and may_repeat:
            finish(db, lease, {**values, "state": MessageState.PENDING, "next_at": now + AGAIN_AFTER_UNKNOWN})
            return Recorded(Ending.UNKNOWN)
        finish(db, lease, {**values, "state": MessageState.FAILED})
        told = self._next(db, message, now=now, doubtful=True)
        if not may_repeat:
            sentence = f"给{message['name']}的消息（编号 {message['ref']}）不知是否送达，按设置没有重发。请向本人核实。"
            report_problem(db, key=f"doubt:{message['ref']}", kind="doubt", text=sentence, now=now)
            told.insert(0, sentence)
        return Recorded(Ending.FAILED, tuple(told))

    def _accepted(self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
        verified = self.policy.rule(message["channel"]).verified
        taken = {"state": MessageState.SENT, "sent_at": now, "provider_id": outcome.provider_id, "verified": verified}
        finish(db, lease, taken | {"last_error": ""})
        note_recovery(db, message["channel"])
        db.execute(_REMINDED, {"of": message["id"]})
        told = {entry["assignment"]: date.fromisoformat(entry["due_on"]) for entry in message["links"]}
        _note_told(db, told, now=now)
        person, channel = message["person"], message["channel"]
        reached = {person, *_assignees(db, told)}
        ended = {f"address:{person}:{channel}", f"channel:{channel}", f"compose:{person}"}
        ended |= {f"unreachable:{one}" for one in reached}
        close_problems(db, ended, now=now)
        return Recorded(Ending.SENT)

    def _failed(self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
        finish(db, lease, {"state": MessageState.FAILED, "last_error": _said(outcome)})
        sentence = _refusal(message, outcome)
        kind = "address" if outcome.scope is Scope.PERSON else "refused"
        about = f"{message['person']}:{message['channel']}" if outcome.scope is Scope.PERSON else message["ref"]
        report_problem(db, key=f"{kind}:{about}", kind=kind, text=sentence, now=now)
        told = self._next(db, message, now=now, doubtful=message["ambiguous"] > 0)
        return Recorded(Ending.FAILED, (sentence, *told))

    def _next(self, db: Connection, message: Mapping[str, Any], *, now: datetime, doubtful: bool) -> list[str]:
        """A word to the office goes out on two channels anyway, and is repeated daily: it needs no third one."""
        if message["kind"] == MessageKind.OFFICE:
            return []
        return fall_back(db, message, policy=self.policy, channels=self.channels, now=now, doubtful=doubtful)

    def _used_up(self, message: Mapping[str, Any], *, now: datetime) -> bool:
        """Eight tries, or a day: then the next address."""
        too_old = now - message["built_at"] >= timedelta(hours=self.policy.rules.give_up_hours)
        return bool(message["tries"] >= self.policy.rules.most_tries or too_old)

    def _deferred(self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
        wait = backoff(message["id"], message["tries"], self.policy.rules.backoff_minutes)
        if outcome.retry_after is not None:
            wait = timedelta(seconds=outcome.retry_after)
        finish(db, lease, {"state": MessageState.PENDING, "next_at": now + wait, "last_error": _said(outcome)})
        return Recorded(Ending.DEFERRED)

    def _channel_rests(
        self, db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime
    ) -> Recorded:
        """The channel is at fault or asks for a rest, not the message: it waits without losing a try."""
        if outcome.retry_after is None:
            rest = note_fault(db, message["channel"], self.policy.rules, reason=_said(outcome), now=now)
            to_be_told = rest.fails >= self.policy.rules.tell_after_faults or outcome.code != NO_ANSWER
        else:
            asked = timedelta(seconds=outcome.retry_after)
            rest = rest_until(db, message["channel"], now + asked, reason=_said(outcome), now=now)
            to_be_told = now + asked - rest.since > LONG_REST
        # It asks again behind the others: what one address is refused for must not be the question every time.
        values = {"state": MessageState.PENDING, "tries": message["tries"] - 1, "last_error": _said(outcome)}
        finish(db, lease, values | {"next_at": max(rest.until, now)})
        if not to_be_told:
            return Recorded(Ending.HELD)
        sentence = (
            f"渠道“{message['channel']}”现在发不出消息（{_said(outcome)}）。消息都保留着，恢复后自动补发。"
            "请检查 channels.yaml 中这个渠道的设置和授权。"
        )
        report_problem(db, key=f"channel:{message['channel']}", kind="channel", text=sentence, now=now)
        return Recorded(Ending.HELD, (sentence,))


def bury(db: Connection, lease: Lease, message: Mapping[str, Any], *, why: str, now: datetime, crashes: int = 0) -> Recorded:
    """A message that cannot be worded, or that ended its sender again and again: out of the way, and told."""
    finish(db, lease, {"state": MessageState.DEAD, "last_error": why, "crashes": crashes or message["crashes"]})
    fail_reminders(db, message["id"], "消息无法发出")
    sentence = f"给{message['name']}的消息（编号 {message['ref']}）无法发出：{why}。请当面告知，并把这句话转给管理员。"
    report_problem(db, key=f"dead:{message['ref']}", kind="dead", text=sentence, now=now)
    return Recorded(Ending.FAILED, (sentence,))


def backoff(message_id: int, tries: int, steps: Sequence[int] = DeliveryRules().backoff_minutes) -> timedelta:
    """How long the next try waits: 1 minute to 12 hours, ±10 % so that a crowd of messages spreads. Deterministic."""
    minutes = steps[min(tries, len(steps)) - 1]
    drawn = random.Random(f"{message_id}:{tries}").uniform(-_JITTER, _JITTER)  # noqa: S311 - jitter, not a secret
    return timedelta(minutes=minutes * (1 + drawn))


def _late(db: Connection, lease: Lease, message: Mapping[str, Any], outcome: Outcome, *, now: datetime) -> Recorded:
    words = f"{outcome.verdict}: {outcome.words}"
    end_attempt(db, lease, AttemptOutcome.LOST_LEASE, now=now, code=outcome.code, detail=words)
    sentence = f"编号 {message['ref']} 的发送结果来得太晚（{words}），已由另一次发送接手，对方可能收到两份。"
    report_problem(db, key=f"late:{message['ref']}", kind="late", text=sentence, now=now)
    return Recorded(Ending.LOST, (sentence,))


def _note_told(db: Connection, told: Mapping[int, date], *, now: datetime) -> None:
    """Remember the day that is known, by assignment. When it moved while the message was on its way, a notice puts it right."""
    if not told:
        return
    db.execute(_KNOWS, [{"of": assignment, "told_due_on": day} for assignment, day in told.items()])
    for one in db.execute(_STILL_OPEN, {"assignments": list(told)}).all():
        if one.due_on == told[one.assignment_id]:
            continue
        notice = {"assignment_id": one.assignment_id, "step": MOVED_STEP, "due_epoch": one.due_epoch}
        rest = {"occurrence_id": one.id, "offset": 0, "fire_at": now, "say": "", "state": "planned", "reason": ""}
        # The plan may write the same notice at this moment: its row does as well, and the record of the yes must not fail.
        db.execute(insert_new(db, reminders).values(notice | rest).on_conflict_do_nothing())


def _assignees(db: Connection, assignment_ids: Collection[int]) -> list[str]:
    """Whose work the message told of: a group's, or what a stand-in reads."""
    return list(db.execute(_PERSONS, {"assignments": list(assignment_ids)}).scalars())


def _refusal(message: Mapping[str, Any], outcome: Outcome) -> str:
    if outcome.scope is Scope.PERSON:
        return f"{message['name']}的地址被退回（{_said(outcome)}），请在 people.yaml 中核对“{message['channel']}”的地址。"
    return f"给{message['name']}的消息（编号 {message['ref']}）被拒收（{_said(outcome)}），请查看其内容。"


def _said(outcome: Outcome) -> str:
    return f"{outcome.code} {outcome.words}".strip()[:500]
