"""One tick: whatever is due and unsent goes out. Any caller may call it at any time, twice, late, or together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.reminder import ReminderState
from models.store import Store
from notifications.envelope import Channel
from planning.basis import DeliveryPolicy
from planning.machine_time import Beat
from planning.windows import is_open, next_open
from services.clock_guard import read_clock
from services.compose import Composed, compose
from services.daily import build_daily
from services.dispatch import Dispatched, dispatch
from services.downtime import note_stop, note_tick
from services.leader import Holds, leadership
from services.office_messages import build_office_messages
from services.patience import go_round
from services.recording import Ending
from services.recover import recover
from services.watch_signs import silent_watch


@dataclass(frozen=True, slots=True)
class TickOutcome:
    """``folded`` and ``expired`` count reminders, ``cancelled`` what had nothing left to say, the rest messages."""

    built: int = 0
    sent: int = 0
    folded: int = 0
    cancelled: int = 0
    expired: int = 0
    deferred: int = 0
    failed: int = 0
    unknown: int = 0
    held: int = 0  # reminders that are due and wait for a stated reason
    held_until: datetime | None = None  # outside the windows: nothing was built or sent
    again_at: datetime | None = None  # when a channel that is at its limit has room for what is left
    clock_doubt: str = ""  # why the clock is not believed: nothing but words to the office was sent
    busy: bool = False  # another dispatcher is at work
    recovered: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hands:
    """What a tick works with."""

    store: Store
    channels: Mapping[str, Channel]
    policy: DeliveryPolicy
    clock: Callable[[], datetime]
    wait: Callable[[float], None] | None
    holds: Holds
    alone: bool
    office: bool


def tick(
    store: Store,
    channels: Mapping[str, Channel],
    policy: DeliveryPolicy,
    *,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    wait: Callable[[float], None] | None = None,
    beat: Beat | None = None,
    alone: bool = True,
    office: bool = True,
) -> TickOutcome:
    """Recover, build, hand over, record. ``now`` decides what is due.

    ``clock`` gives the times of attempts in a tick that takes long; it stands still at ``now`` without one. ``wait``
    (seconds) lets the tick sit out a rate limit. ``beat`` is what the machine says beside its clock; without it ``now``
    is believed. ``alone=False`` goes without the lock that keeps a second dispatcher out: each message is still sent once.
    ``office=False`` writes nothing to the office itself: a rehearsal has no problems of its own to tell.
    """
    lock: AbstractContextManager[Holds | None] = leadership(store) if alone else nullcontext(_always)
    with lock as holds:
        if holds is None:
            return TickOutcome(busy=True)
        reading = read_clock(store, policy, beat, now=now)
        behind = reading.now - now  # after a small step back time stands still until it has caught up
        hands = _Hands(store, channels, policy, _shifted(clock, reading.now, behind), wait, holds, alone, office)
        if reading.held:
            return _tell_of_clock(hands, reading.held, now=now)
        return _tick(hands, now=reading.now)


def _tick(hands: _Hands, *, now: datetime) -> TickOutcome:
    store, policy, channels = hands.store, hands.policy, hands.channels
    note_stop(store, policy, now=now)
    # The file lock proves that no other sender lives on this machine; PostgreSQL may have senders elsewhere.
    sole = hands.alone and store.dialect == "sqlite"
    recovered = recover(store, policy, channels.keys(), now=now, everything=sole)
    if not is_open(policy.windows, policy.workdays, now, policy.tz):
        note_tick(store, now=now)
        held_until = next_open(policy.windows, policy.workdays, now, policy.tz)
        return TickOutcome(held_until=held_until, recovered=recovered.count, problems=tuple(recovered.problems))
    passed_on = go_round(store, policy, channels.keys(), now=now)
    composed = compose(store, policy, channels.keys(), now=now)
    _write_to_office(hands, now=now)

    def may_go_on() -> bool:
        return hands.holds() and is_open(policy.windows, policy.workdays, hands.clock(), policy.tz)

    dispatched = dispatch(store, channels, policy, clock=hands.clock, may_go_on=may_go_on, wait=hands.wait)
    note_tick(store, now=now)
    return _outcome(composed, dispatched, recovered=recovered.count, earlier=[*recovered.problems, *passed_on])


def _tell_of_clock(hands: _Hands, held: str, *, now: datetime) -> TickOutcome:
    """Only the office hears: by a clock that may be wrong, nobody else is written to."""
    _write_to_office(hands, now=now)
    told = dispatch(
        hands.store, hands.channels, hands.policy, clock=hands.clock, may_go_on=hands.holds, wait=hands.wait, office_only=True
    )
    return replace(_outcome(Composed(), told, recovered=0, earlier=[held]), clock_doubt=held)


def _write_to_office(hands: _Hands, *, now: datetime) -> None:
    """What must be put right, and the line of the day. In transactions of their own: no reminder waits for them."""
    if hands.office and hands.policy.admin:
        opened = hands.channels.keys()
        hands.store.transact(lambda db: silent_watch(db, now=now))
        hands.store.transact(lambda db: build_office_messages(db, hands.policy, opened, now=now))
        hands.store.transact(lambda db: build_daily(db, hands.policy, channels=opened, now=now))


def _shifted(clock: Callable[[], datetime] | None, now: datetime, behind: timedelta) -> Callable[[], datetime]:
    if clock is None:
        return lambda: now
    return lambda: max(clock(), now) if behind else clock()


def _outcome(composed: Composed, dispatched: Dispatched, *, recovered: int, earlier: list[str]) -> TickOutcome:
    endings = dispatched.endings
    problems = dict.fromkeys((*earlier, *composed.problems, *dispatched.problems))  # each sentence once, in order
    return TickOutcome(
        built=composed.built,
        sent=endings[Ending.SENT],
        folded=composed.count(ReminderState.FOLDED),
        cancelled=composed.count(ReminderState.CANCELLED) + dispatched.cancelled,
        expired=composed.count(ReminderState.EXPIRED),
        deferred=endings[Ending.DEFERRED] + endings[Ending.HELD],
        failed=endings[Ending.FAILED],
        unknown=endings[Ending.UNKNOWN],
        held=composed.held,
        again_at=dispatched.again_at,
        recovered=recovered,
        problems=tuple(problems),
    )


def _always() -> bool:
    return True
