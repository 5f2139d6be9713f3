"""Dispatch: what is pending and due goes out, one message at a time on each channel.

The order for each message is the promise (RELIABILITY 2.4): claim, look, converse, mark right before the data
leaves, hand over, record. No transaction is open while a provider is spoken to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, select

from models.message import AttemptOutcome, MessageKind, messages
from models.store import Store
from notifications.calendar import attachment
from notifications.envelope import Channel, Envelope, Outcome, Scope, Verdict
from planning.basis import DeliveryPolicy
from services.breaker import resting_until
from services.database_gone import DATABASE_GONE
from services.failpoints import FailpointReached, reach
from services.lease import PENDING, Lease, Look, claim, end_attempt, let_go, look, mark, message_row
from services.letters import placeholder, with_tokens
from services.links import token_of
from services.problems import report_problem
from services.recording import Ending, Recorded, Recorder, bury


@dataclass(slots=True)
class Dispatched:
    """What one dispatch did."""

    endings: Counter[Ending] = field(default_factory=Counter)
    cancelled: int = 0
    problems: list[str] = field(default_factory=list)
    again_at: datetime | None = None  # when a channel that is at its limit has room again


def dispatch(
    store: Store,
    channels: Mapping[str, Channel],
    policy: DeliveryPolicy,
    *,
    clock: Callable[[], datetime],
    may_go_on: Callable[[], bool],
    wait: Callable[[float], None] | None = None,
    office_only: bool = False,
) -> Dispatched:
    """Hand over until nothing pending is due, every channel has stopped, or ``may_go_on`` says no.

    A channel whose limit is reached lets the others go first; then ``wait`` (seconds) is called until it has room again,
    as long as the tick's patience lasts. Without ``wait`` the rest is left to the next tick.
    """
    work = _Dispatch(store, policy, Recorder(policy, frozenset(channels)), clock, may_go_on, office_only)
    ends_at = clock() + timedelta(seconds=policy.rules.tick_patience_seconds)
    while True:
        waiting = work.channels_with_work() - work.stopped
        work.report_missing(waiting - set(channels))
        waiting &= set(channels)
        if not waiting or not may_go_on():
            return work.finished()
        ready = sorted(name for name in waiting if work.has_room(name))
        if sum(work.drain(channels[name]) for name in ready):
            continue
        if set(ready) - work.full.keys():
            return work.finished()  # what is due was claimed by somebody else
        opens = min(work.full[name] for name in waiting)
        if wait is None or opens > ends_at:
            return work.finished()
        wait(max((opens - clock()).total_seconds(), 0.0))


@dataclass(slots=True)
class _Dispatch:
    store: Store
    policy: DeliveryPolicy
    recorder: Recorder
    clock: Callable[[], datetime]
    may_go_on: Callable[[], bool]
    office_only: bool = False
    done: Dispatched = field(default_factory=Dispatched)
    stopped: set[str] = field(default_factory=set)  # channels that rest for this tick
    full: dict[str, datetime] = field(default_factory=dict)  # channels at their limit -> when there is room again

    def channels_with_work(self) -> set[str]:
        with self.store.read() as db:
            due = select(messages.c.channel).distinct().where(PENDING, messages.c.next_at <= self.clock())
            if self.office_only:
                due = due.where(messages.c.kind == MessageKind.OFFICE)
            return {name for name in db.execute(due).scalars() if resting_until(db, name, now=self.clock()) is None}

    def has_room(self, channel: str) -> bool:
        return channel not in self.full or self.full[channel] <= self.clock()

    def finished(self) -> Dispatched:
        self.done.again_at = min(self.full.values(), default=None)
        return self.done

    def report_missing(self, missing: set[str]) -> None:
        """Messages for a channel that the files no longer have, or that could not be opened: they wait, and it is said."""
        for name in sorted(missing):
            sentence = f"渠道“{name}”没有启用，它的消息在等待。请在 channels.yaml 中恢复或改正这个渠道。"
            if sentence not in self.done.problems:
                self._report(f"channel:{name}", "channel", sentence)

    def drain(self, channel: Channel) -> int:
        """Hand over what is due on the channel, until it is at its limit, at fault, or at rest; how many were claimed."""
        self.full.pop(channel.name, None)
        count = 0
        while self.may_go_on():
            reach("D1")
            taking = partial(claim, channel=channel.name, policy=self.policy, now=self.clock(), office_only=self.office_only)
            claimed = self.store.transact(taking)
            reach("D3")
            if claimed.again_at is not None:
                self.full[channel.name] = claimed.again_at
            count += len(claimed.leases)
            if not claimed.leases:
                break
            for place, lease in enumerate(claimed.leases):
                if not self._deliver(channel, lease) or not self.may_go_on():
                    self._let_go(claimed.leases[place + 1 :])
                    self.stopped.add(channel.name)
                    return count
        return count

    def _deliver(self, channel: Channel, lease: Lease) -> bool:
        """One message. False when the channel is at fault, or its answers get lost."""
        envelope = self._ready(lease)
        if envelope is None:
            return True
        reach("D4")
        marker = _MarkerOf(self.store, lease, self.clock)
        outcome = _hand_over(channel, envelope, marker)
        reach("D7")
        if outcome is None:
            self._not_sent(lease, marker.answer)
            return True
        recorded = self.store.transact(partial(self._record, lease=lease, outcome=outcome))
        reach("D9")
        self._count(recorded)
        return recorded.ending not in {Ending.HELD, Ending.UNKNOWN}

    def _ready(self, lease: Lease) -> Envelope | None:
        """The envelope of a message that has something to say; None when it was lost, cancelled or buried."""
        try:
            answer, message = self.store.transact(partial(look, lease=lease, policy=self.policy, now=self.clock()))
        except (*DATABASE_GONE, FailpointReached):
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this one: the others go on
            self._bury(lease, f"{type(error).__name__}: {error}")
            return None
        if answer is Look.MOOT:
            self.done.cancelled += 1
        if answer is not Look.GO:
            return None
        return _envelope(message, self.policy)

    def _record(self, db: Connection, *, lease: Lease, outcome: Outcome) -> Recorded:
        recorded = self.recorder.record(db, lease, outcome, now=self.clock())
        reach("D8")
        return recorded

    def _not_sent(self, lease: Lease, answer: Look) -> None:
        """The marker said no: the attempt ends without the wire having been used."""
        ending = AttemptOutcome.NOT_SENT if answer is Look.MOOT else AttemptOutcome.LOST_LEASE
        words = "已无需提醒" if answer is Look.MOOT else "租约已由别的发送接手，没有发出"
        self.store.transact(lambda db: end_attempt(db, lease, ending, now=self.clock(), detail=words))
        if answer is Look.MOOT:
            self.done.cancelled += 1
        else:
            self.done.endings[Ending.LOST] += 1

    def _bury(self, lease: Lease, why: str) -> None:
        def work(db: Connection) -> Recorded:
            return bury(db, lease, message_row(db, lease.message_id), why=why, now=self.clock())

        self._count(self.store.transact(work))

    def _let_go(self, leases: list[Lease]) -> None:
        if leases:
            self.store.transact(lambda db: [let_go(db, lease, now=self.clock()) for lease in leases])

    def _count(self, recorded: Recorded) -> None:
        self.done.endings[recorded.ending] += 1
        self.done.problems.extend(recorded.problems)

    def _report(self, key: str, kind: str, sentence: str) -> None:
        self.store.transact(lambda db: report_problem(db, key=key, kind=kind, text=sentence, now=self.clock()))
        self.done.problems.append(sentence)


@dataclass(slots=True)
class _MarkerOf:
    """The marker of one message; remembers why it said no."""

    store: Store
    lease: Lease
    clock: Callable[[], datetime]
    answer: Look = Look.LOST
    called: bool = False

    def __call__(self) -> bool:
        reach("D5b")
        self.answer = self.store.transact(lambda db: mark(db, self.lease, now=self.clock()))
        self.called = True
        reach("D5c")
        return self.answer is Look.GO


def _hand_over(channel: Channel, envelope: Envelope, marker: _MarkerOf) -> Outcome | None:
    """Channels do not raise for what a provider does. One that does anyway must not end the tick, nor hide a mail."""
    try:
        return channel.hand_over(envelope, marker=marker)
    except (*DATABASE_GONE, FailpointReached):
        raise  # the marker could not be written: the lease runs out and the message comes back
    except Exception as error:  # noqa: BLE001 - a fault in a channel's code
        if marker.called and marker.answer is not Look.GO:
            return None
        verdict = Verdict.UNKNOWN if marker.called else Verdict.DEFERRED
        return Outcome(verdict, Scope.MESSAGE, code="fault", words=f"{type(error).__name__}: {error}"[:500])


def _envelope(message: Mapping[str, Any], policy: DeliveryPolicy) -> Envelope:
    """The row as it goes over the wire: only here do the placeholders become tokens."""
    tokens = {
        placeholder(entry["id"]): token_of(policy.link_key, entry["assignment"], entry["serial"], entry.get("reader", ""))
        for entry in message["links"]
        if "id" in entry
    }
    return Envelope(
        ref=message["ref"],
        address=message["address"],
        name=message["name"],
        subject=message["subject"],
        text=with_tokens(message["text"], tokens),
        html=with_tokens(message["html"], tokens),
        headers=message["headers"],
        attachments=(attachment(message["calendar"]),) if message["calendar"] else (),
    )
