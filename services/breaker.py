"""Channels that rest: the provider said «not before», or the channel itself is at fault.

Kept in the database, so that a restart does not ask again too early, and another process knows as well. A fault costs
no message a try: everything waits, one message asks again when the rest is over (RELIABILITY 2.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from planning.delivery_rules import DeliveryRules
from services.facts import forget_fact, read_fact, write_fact

LONGEST = timedelta(hours=13)
"""The longest rest is half a day: a mailbox whose quota is used up."""


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when the channel rests, and after how many faults in a row; 0: the provider asked for it."""

    until: datetime
    fails: int
    reason: str
    since: datetime  # of the first fault or rest since the channel last took something


def rest_until(db: Connection, channel: str, until: datetime, *, reason: str, now: datetime) -> Rest:
    """The provider named a time. Faults in a row stay counted; a longer rest is not cut short."""
    known = known_rest(db, channel, now=now)
    if known is not None and known.until >= until:
        return known
    fails, since = (0, now) if known is None else (known.fails, known.since)
    rest = Rest(until, fails, reason, since)
    _write(db, channel, rest, now=now)
    return rest


def note_fault(db: Connection, channel: str, rules: DeliveryRules, *, reason: str, now: datetime) -> Rest:
    """One more fault in a row: the channel rests longer each time."""
    known = known_rest(db, channel, now=now)
    fails = 1 if known is None else known.fails + 1
    minutes = rules.breaker_minutes[min(fails, len(rules.breaker_minutes)) - 1]
    rest = Rest(now + timedelta(minutes=minutes), fails, reason, now if known is None else known.since)
    _write(db, channel, rest, now=now)
    return rest


def note_recovery(db: Connection, channel: str) -> bool:
    """The channel took something. Whether it had been at rest."""
    return forget_fact(db, _name(channel))


def resting_until(db: Connection, channel: str, *, now: datetime) -> datetime | None:
    """The end of the channel's rest; None when it may be used."""
    known = known_rest(db, channel, now=now)
    return known.until if known is not None and known.until > now else None


def known_rest(db: Connection, channel: str, *, now: datetime) -> Rest | None:
    """What is written down; a rest that no provider can have asked for was written by a wrong clock, and is none."""
    value = read_fact(db, _name(channel))
    if value is None:
        return None
    until, since = (datetime.fromisoformat(value[name]) for name in ("until", "since"))
    return Rest(until, value["fails"], value["reason"], since) if until <= now + LONGEST else None


def _write(db: Connection, channel: str, rest: Rest, *, now: datetime) -> None:
    value = {"until": rest.until.isoformat(), "fails": rest.fails, "reason": rest.reason, "since": rest.since.isoformat()}
    write_fact(db, _name(channel), value, now=now)


def _name(channel: str) -> str:
    return f"channel:{channel}"
