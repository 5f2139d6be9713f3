"""One tick: whatever is due and unsent goes out. Any caller may call it at any time, twice, late, or together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime

from models.reminder import ReminderState
from models.store import Store
from notifications.envelope import Channel
from planning.basis import DeliveryPolicy
from planning.windows import is_open, next_open
from services.compose import Composed, compose
from services.dispatch import Dispatched, dispatch
from services.downtime import note_stop, note_tick
from services.leader import Holds, leadership
from services.recording import Ending
from services.recover import recover


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
    held_until: datetime | None = None  # outside the windows: nothing was built or sent
    busy: bool = False  # another dispatcher is at work
    recovered: int = 0
    problems: tuple[str, ...] = ()


def tick(
    store: Store,
    channels: Mapping[str, Channel],
    policy: DeliveryPolicy,
    *,
    now: datetime,
    clock: Callable[[], datetime] | None = None,
    alone: bool = True,
) -> TickOutcome:
    """Recover, build, hand over, record. ``now`` decides what is due.

    ``clock`` gives the times of attempts in a tick that takes long; it stands still at ``now`` without one.
    ``alone=False`` goes without the lock that keeps a second dispatcher out: each message is still sent once.
    """
    lock: AbstractContextManager[Holds | None] = leadership(store) if alone else nullcontext(_always)
    with lock as holds:
        if holds is None:
            return TickOutcome(busy=True)
        return _tick(store, channels, policy, now=now, clock=clock or (lambda: now), holds=holds, alone=alone)


def _tick(
    store: Store,
    channels: Mapping[str, Channel],
    policy: DeliveryPolicy,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    holds: Holds,
    alone: bool,
) -> TickOutcome:
    note_stop(store, policy, now=now)
    # The file lock proves that no other sender lives on this machine; PostgreSQL may have senders elsewhere.
    sole = alone and store.dialect == "sqlite"
    recovered = recover(store, policy, channels.keys(), now=now, everything=sole)
    if not is_open(policy.windows, policy.workdays, now, policy.tz):
        note_tick(store, now=now)
        held_until = next_open(policy.windows, policy.workdays, now, policy.tz)
        return TickOutcome(held_until=held_until, recovered=recovered.count, problems=tuple(recovered.problems))
    composed = compose(store, policy, channels.keys(), now=now)

    def may_go_on() -> bool:
        return holds() and is_open(policy.windows, policy.workdays, clock(), policy.tz)

    dispatched = dispatch(store, channels, policy, clock=clock, may_go_on=may_go_on)
    note_tick(store, now=now)
    return _outcome(composed, dispatched, recovered=recovered.count, earlier=recovered.problems)


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
        recovered=recovered,
        problems=tuple(problems),
    )


def _always() -> bool:
    return True
