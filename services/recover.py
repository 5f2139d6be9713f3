"""What a dead dispatcher left behind: every lease whose holder is gone finds its way back.

Only messages whose marker was written are in doubt; the others never touched the wire.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, and_, or_, select, text, update

from models.message import AttemptOutcome, MessageState, Phase, messages
from models.store import Store
from planning.basis import DeliveryPolicy
from services.failpoints import reach
from services.lease import LEASE, Lease, end_attempt, finish, message_row
from services.recording import Recorder, bury

MOST_CRASHES = 3
LONGEST_WAIT = timedelta(hours=14)
"""The longest backoff is half a day and a tenth; so is the longest rest a provider may ask for."""

_LEASED = text("message.state = 'leased'")
_PENDING = text("message.state = 'pending'")


@dataclass(slots=True)
class Recovered:
    count: int = 0
    problems: list[str] = field(default_factory=list)


def recover(store: Store, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime, everything: bool) -> Recovered:
    """Bring leases back. ``everything``: nobody else can be alive (the file lock is ours), so none need run out first."""
    left = select(messages.c.id, messages.c.lease_token).where(_LEASED)
    if not everything:  # a lease longer than any was written by a wrong clock
        left = left.where(or_(messages.c.lease_until < now, messages.c.lease_until > now + 2 * LEASE))
    with store.read() as db:
        # Sorting in SQL would walk the whole table, not the index of the few that are leased.
        leases = sorted((Lease(row.id, row.lease_token) for row in db.execute(left)), key=lambda lease: lease.message_id)
    _bring_near(store, now=now)
    recovered = Recovered()
    recorder = Recorder(policy, frozenset(channels))
    for lease in leases:
        told = store.transact(partial(_bring_back, lease=lease, recorder=recorder, now=now))
        recovered.count += 1
        recovered.problems.extend(told)
    return recovered


def _bring_near(store: Store, *, now: datetime) -> None:
    """A next try further ahead than any wait was set by a wrong clock: it is now."""
    too_far = and_(_PENDING, messages.c.next_at > now + LONGEST_WAIT)
    with store.read() as db:
        if db.execute(select(messages.c.id).where(too_far).limit(1)).first() is None:
            return
    store.transact(lambda db: db.execute(update(messages).where(too_far).values(next_at=now)))


def _bring_back(db: Connection, *, lease: Lease, recorder: Recorder, now: datetime) -> tuple[str, ...]:
    message = message_row(db, lease.message_id, lock=True)
    if message["lease_token"] != lease.token:
        return ()  # its holder lives, or somebody was quicker
    if message["phase"] == Phase.DATA:
        end_attempt(db, lease, AttemptOutcome.UNKNOWN, now=now, detail="发送过程中断，不知是否送达")
        told = recorder.unknown(db, lease, message, words="", now=now).problems
        reach("D12")
        return told
    begun = end_attempt(db, lease, AttemptOutcome.NOT_SENT, now=now, detail="发送前中断，没有发出")
    reach("D12")
    # One that was only claimed along with others is no suspect, and had no try.
    crashes = message["crashes"] + (1 if begun else 0)
    if crashes >= MOST_CRASHES:
        return bury(db, lease, message, why=f"连续{crashes}次在发送前中断", now=now, crashes=crashes).problems
    tries = message["tries"] if begun else message["tries"] - 1
    finish(db, lease, {"state": MessageState.PENDING, "crashes": crashes, "tries": tries, "next_at": now})
    return ()
