"""When the system stood still, so that late messages can say so.

A tick leaves the time at which it ended. One that finds more than two working hours since then knows of a stop; the
first digests after it name the stop, and then it is forgotten.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from models.store import Store
from models.upkeep import facts
from planning.basis import DeliveryPolicy
from planning.instants import instant
from services.letters import Stop

LAST_TICK = "last_tick"
_STOP = "stop"
LATE = timedelta(hours=2)
"""Working time after which a message counts as late (RELIABILITY 2.9)."""


def note_stop(store: Store, policy: DeliveryPolicy, *, now: datetime) -> None:
    """Compare with the last tick; write down the stop when there was one."""
    with store.read() as db:
        last = _moment(db, LAST_TICK)
    if last is None or not worked_long(policy, last, now):
        return

    def work(db: Connection) -> None:
        earlier = known_stop(db)
        since = last if earlier is None else min(earlier[0], last)
        _set(db, _STOP, {"from": since.isoformat(), "to": now.isoformat()}, now=now)

    store.transact(work)


def note_tick(store: Store, *, now: datetime) -> None:
    store.transact(lambda db: _set(db, LAST_TICK, now.isoformat(), now=now))


def known_stop(db: Connection) -> Stop | None:
    value = db.execute(select(facts.c.value).where(facts.c.name == _STOP)).scalar_one_or_none()
    return None if value is None else (datetime.fromisoformat(value["from"]), datetime.fromisoformat(value["to"]))


def forget_stop(db: Connection) -> None:
    db.execute(delete(facts).where(facts.c.name == _STOP))


def worked_long(policy: DeliveryPolicy, since: datetime, until: datetime) -> bool:
    """Whether more than two hours of open windows lie between the two moments."""
    open_time = timedelta()
    day, last = since.astimezone(policy.tz).date(), until.astimezone(policy.tz).date()
    while day <= last:
        if policy.workdays.is_workday(day):
            for window in policy.windows:
                opens, closes = (instant(day, wall, policy.tz) for wall in (window.opens, window.closes))
                open_time += max(min(closes, until) - max(opens, since), timedelta())
            if open_time > LATE:
                return True
        day += timedelta(days=1)
    return False


def _moment(db: Connection, name: str) -> datetime | None:
    value = db.execute(select(facts.c.value).where(facts.c.name == name)).scalar_one_or_none()
    return None if value is None else datetime.fromisoformat(value)


def _set(db: Connection, name: str, value: object, *, now: datetime) -> None:
    changed = db.execute(update(facts).where(facts.c.name == name).values(value=value, at=now))
    if changed.rowcount == 0:
        db.execute(insert(facts), {"name": name, "value": value, "at": now})
