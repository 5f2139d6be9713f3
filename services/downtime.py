"""When the system stood still, so that late messages can say so.

A tick leaves the time at which it ended. One that finds more than two working hours since then knows of a stop; the
first digests after it name the stop, and then it is forgotten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, update

from models.message import messages
from models.store import Store
from planning.basis import DeliveryPolicy
from planning.windows import open_time
from services.facts import forget_fact, read_fact, write_fact
from services.letters import Stop

LAST_TICK = "last_tick"
_STOP = "stop"
_TOLD = "stop:"
LATE = timedelta(hours=2)
"""Working time after which a message counts as late (RELIABILITY 2.9)."""

_LONG_ENOUGH = timedelta(days=14)


def note_stop(store: Store, policy: DeliveryPolicy, *, now: datetime) -> None:
    """Compare with the last tick; write down the stop when there was one."""
    with store.read() as db:
        last = _moment(db, LAST_TICK)
    if last is None or not worked_long(policy, last, now):
        return

    def work(db: Connection) -> None:
        earlier = known_stop(db)
        since = last if earlier is None else min(earlier[0], last)
        write_fact(db, _STOP, {"from": since.isoformat(), "to": now.isoformat()}, now=now)

    store.transact(work)


def note_tick(store: Store, *, now: datetime) -> None:
    store.transact(lambda db: write_fact(db, LAST_TICK, now.isoformat(), now=now))


def known_stop(db: Connection) -> Stop | None:
    value = read_fact(db, _STOP)
    return None if value is None else (datetime.fromisoformat(value["from"]), datetime.fromisoformat(value["to"]))


def remember_stop(db: Connection, message_id: int, stop: Stop) -> None:
    """A message that tells of the stop keeps telling of it when its words are renewed."""
    told = f"{_TOLD}{stop[0].isoformat()}/{stop[1].isoformat()}"
    db.execute(update(messages).where(messages.c.id == message_id).values(about=[told]))


def stop_told(about: Sequence[str]) -> Stop | None:
    """The stop that a message tells of."""
    for word in about:
        if word.startswith(_TOLD):
            began, ended = word.removeprefix(_TOLD).split("/")
            return datetime.fromisoformat(began), datetime.fromisoformat(ended)
    return None


def forget_stop(db: Connection) -> None:
    forget_fact(db, _STOP)


def worked_long(policy: DeliveryPolicy, since: datetime, until: datetime) -> bool:
    """Whether more than two hours of open windows lie between the two moments."""
    # A stop of years is not counted day by day: a fortnight holds more than two open hours wherever it lies.
    return open_time(policy.windows, policy.workdays, since, min(until, since + _LONG_ENOUGH), policy.tz) > LATE


def _moment(db: Connection, name: str) -> datetime | None:
    value = read_fact(db, name)
    return None if value is None else datetime.fromisoformat(value)
