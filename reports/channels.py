"""How each channel stands: open, at rest because the provider asked for it, or at fault; what waits, what came last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select, text

from models.message import attempts, messages
from models.store import Store
from reports.channel_rests import ChannelRest, rests_in

_PENDING = text("message.state = 'pending'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""

_NEWEST = 10_000
"""Messages looked through for a channel's last attempt: one not used for so long counts as not used."""


class Condition(StrEnum):
    OPEN = "open"
    RESTING = "resting"  # the provider asked for it: a rate, a quota
    AT_FAULT = "at-fault"  # it failed so many times in a row


@dataclass(frozen=True, slots=True)
class LastAttempt:
    at: datetime
    outcome: str | None  # None: under way
    code: str


@dataclass(frozen=True, slots=True)
class Standing:
    channel: str
    condition: Condition
    until: datetime | None  # when it is asked again; None: at the next tick
    since: datetime | None  # of the first fault in the row
    faults: int
    reason: str  # the provider's own words
    waiting: int  # messages
    last: LastAttempt | None


def standings(store: Store, channels: Sequence[str], *, now: datetime) -> tuple[Standing, ...]:
    """One for each of the names, in their order, whether or not the channel was ever used."""
    with store.read() as db:
        rests = {one.channel: one for one in rests_in(db, now=now)}
        waiting = _waiting(db)
        return tuple(_standing(name, rests.get(name), waiting, _last(db, name)) for name in channels)


def _standing(name: str, rest: ChannelRest | None, waiting: Mapping[str, int], last: LastAttempt | None) -> Standing:
    count = waiting.get(name, 0)
    if rest is None or not (rest.resting or rest.fails):
        return Standing(name, Condition.OPEN, None, None, 0, "", count, last)
    condition = Condition.AT_FAULT if rest.fails else Condition.RESTING
    until = rest.until if rest.resting else None
    return Standing(name, condition, until, rest.since, rest.fails, rest.reason, count, last)


def _waiting(db: Connection) -> dict[str, int]:
    counted = select(messages.c.channel, func.count()).where(_PENDING).group_by(messages.c.channel)
    return {row[0]: int(row[1]) for row in db.execute(counted)}


def _last(db: Connection, channel: str) -> LastAttempt | None:
    newest = int(db.execute(select(func.max(messages.c.id))).scalar_one() or 0)
    query = (
        select(attempts.c.started_at, attempts.c.outcome, attempts.c.code)
        .join(messages, messages.c.id == attempts.c.message_id)
        .where(messages.c.channel == channel, attempts.c.message_id > newest - _NEWEST)
        .order_by(attempts.c.started_at.desc())
        .limit(1)
    )
    row = db.execute(query).one_or_none()
    return None if row is None else LastAttempt(row.started_at, row.outcome, row.code)
