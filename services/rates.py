"""How many messages a channel may take now: counted from what went over its wire lately.

No bucket of its own that could be lost or doubled: the attempts are the count. So it survives a restart and is the same
for every process on the database. What another dispatcher has claimed counts as sent already.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy import Connection, func, select, text

from models.message import MessageState, Phase, attempts, messages
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule

ROUND_MINUTES = (0, 30)
"""When whole countries send their reminders: WeCom and Feishu ask for distance (error 11232 of Feishu)."""

_WITHOUT_LIMIT = 1_000_000
_LOCK_SPACE = 0x5355
"""First half of a two-part advisory lock: the second is the account's number."""

_SPREAD_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many more may be claimed now, and when there will be room again if there is none."""

    free: int
    again_at: datetime | None = None


def allowance(db: Connection, channel: str, policy: DeliveryPolicy, *, now: datetime) -> Allowance:
    """In the claim's transaction: on PostgreSQL two dispatchers count one after the other."""
    rule = policy.rule(channel)
    away = off_the_hour(channel, now, policy.tz) if rule.off_the_hour else None
    if away is not None:
        return Allowance(0, away)
    if not rule.rates:
        return Allowance(_WITHOUT_LIMIT)
    account = rule.account or channel
    if db.dialect.name == "postgresql":
        key = zlib.crc32(account.encode()) & 0x7FFFFFFF
        db.execute(text("SELECT pg_advisory_xact_lock(:space, :key)"), {"space": _LOCK_SPACE, "key": key})
    sharing = sharers(policy.channel_rules, channel)
    claimed = db.execute(
        select(func.count())
        .select_from(messages)
        .where(messages.c.state == MessageState.LEASED, messages.c.phase == Phase.CLAIMED, messages.c.channel.in_(sharing))
    ).scalar_one()
    free, again_at = _WITHOUT_LIMIT, None
    for rate in rule.rates:
        since = now - timedelta(seconds=rate.seconds)
        left = _on_the_wire(db, sharing, since=since, now=now, most=rate.count)
        room = rate.count - len(left) - claimed
        free = min(free, room)
        if room <= 0:
            # Without anything on the wire all room is claimed by somebody who is about to send.
            opens = (min(left) if left else now) + timedelta(seconds=rate.seconds)
            again_at = opens if again_at is None else max(again_at, opens)
    return Allowance(max(free, 0), again_at if free <= 0 else None)


def sharers(rules: Mapping[str, ChannelRule], channel: str) -> list[str]:
    """The channels that use the same account as this one, itself included."""
    mine = rules[channel].account if channel in rules else ""
    return sorted({channel, *(name for name, rule in rules.items() if mine and rule.account == mine)})


def off_the_hour(channel: str, now: datetime, tz: tzinfo) -> datetime | None:
    """When the round minute is over, some seconds later for each channel; None when now is no round minute."""
    local = now.astimezone(tz)
    if local.minute not in ROUND_MINUTES:
        return None
    minute_over = now - timedelta(seconds=local.second, microseconds=local.microsecond) + timedelta(minutes=1)
    return minute_over + timedelta(seconds=zlib.crc32(channel.encode()) % _SPREAD_SECONDS)


def _on_the_wire(db: Connection, channels: list[str], *, since: datetime, now: datetime, most: int) -> list[datetime]:
    """The newest moments at which data left on these channels: as many as the rate counts, for the oldest of them ends first."""
    joined = attempts.join(messages, messages.c.id == attempts.c.message_id)
    query = (
        select(attempts.c.data_at)
        .select_from(joined)
        .where(attempts.c.data_at > since, attempts.c.data_at <= now, messages.c.channel.in_(channels))
        .order_by(attempts.c.data_at.desc())
        .limit(most)
    )
    return list(db.execute(query).scalars())
