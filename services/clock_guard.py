"""A clock that jumped must send nothing: two years ahead, every reminder would be due or expired at once.

A tick compares how far the wall clock went with how far the machine's own counter went since the last good tick. When
they disagree, sending is held and explained until somebody accepts the clock, the time server vouches for it twice, or
the clock comes back by itself (RELIABILITY 2.10). Planning goes on: it decides nothing that cannot be undone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from models.store import Store
from planning.basis import DeliveryPolicy
from planning.machine_time import Beat
from services.facts import forget_fact, read_fact, write_fact
from services.problems import close_problem, report_problem

CLOCK_HOLD = "hold:clock"
"""The fact, and the key of the problem, while sending is held."""

_GOOD = "clock"
_LITTLE_BACK = timedelta(minutes=10)
_LITTLE_BACK_AT_START = timedelta(minutes=5)
_VOUCHED_APART = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Reading:
    """The time to go by, and the sentence for the admin when nothing may be sent by it."""

    now: datetime
    held: str = ""


def read_clock(store: Store, policy: DeliveryPolicy, beat: Beat | None, *, now: datetime) -> Reading:
    """Whether ``now`` can be believed. Without a beat somebody has named the time himself: it is taken."""
    if beat is None:
        return Reading(now)
    return store.transact(lambda db: _read(db, policy, beat, now=now))


def accept_clock(store: Store, beat: Beat, *, now: datetime) -> bool:
    """Take the clock as it is now. Whether sending had been held."""

    def work(db: Connection) -> bool:
        return _take(db, beat, now=now)

    return store.transact(work)


def _read(db: Connection, policy: DeliveryPolicy, beat: Beat, *, now: datetime) -> Reading:
    good = read_fact(db, _GOOD)
    doubt = "" if good is None else _doubt(good, beat, policy, now=now)
    if not doubt:
        last = now if good is None else max(now, datetime.fromisoformat(good["wall"]))
        _take(db, beat, now=last)
        return Reading(last)
    if _vouched(db, beat, now=now):
        _take(db, beat, now=now)
        return Reading(now)
    sentence = f"{doubt}，暂停发送，没有提醒丢失。请核对服务器时间；时间正确的话，运行 suishi clock accept 继续发送。"
    report_problem(db, key=CLOCK_HOLD, kind="clock", text=sentence, now=now)
    return Reading(now, held=sentence)


def _doubt(good: dict[str, Any], beat: Beat, policy: DeliveryPolicy, *, now: datetime) -> str:
    """What is wrong with the clock; empty when nothing is."""
    last = datetime.fromisoformat(good["wall"])
    if good["boot"] == beat.boot:
        expected = last + timedelta(seconds=beat.seconds - good["seconds"])
        off = now - expected
        if off > timedelta(seconds=policy.rules.clock_tolerance_seconds):
            return f"服务器时钟突然快了{_span(off)}"
        if now < last - _LITTLE_BACK:
            return f"服务器时钟突然慢了{_span(last - now)}"
        return ""
    if now < last - _LITTLE_BACK_AT_START:
        return f"服务器重新启动后，时钟比上次派发还早{_span(last - now)}"
    if now > last + timedelta(days=policy.rules.longest_gap_days):
        return f"服务器重新启动后，时钟比上次派发晚了{_span(now - last)}"
    return ""


def _vouched(db: Connection, beat: Beat, *, now: datetime) -> bool:
    """Whether the time server vouched for the clock twice, a minute apart; the first time is written down."""
    if not beat.synchronised:
        write_fact(db, CLOCK_HOLD, {"since": now.isoformat(), "reason": "时钟跳变", "vouched": None}, now=now)
        return False
    held = read_fact(db, CLOCK_HOLD) or {"since": now.isoformat(), "reason": "时钟跳变", "vouched": None}
    first = held["vouched"]
    if first is not None and first["boot"] == beat.boot and beat.seconds - first["seconds"] >= _VOUCHED_APART.total_seconds():
        return True
    if first is None or first["boot"] != beat.boot:
        write_fact(db, CLOCK_HOLD, held | {"vouched": {"boot": beat.boot, "seconds": beat.seconds}}, now=now)
    return False


def _take(db: Connection, beat: Beat, *, now: datetime) -> bool:
    write_fact(db, _GOOD, {"wall": now.isoformat(), "boot": beat.boot, "seconds": beat.seconds}, now=now)
    close_problem(db, key=CLOCK_HOLD, now=now)
    return forget_fact(db, CLOCK_HOLD)


def _span(span: timedelta) -> str:
    if span.days:
        return f"{span.days}天"
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60}小时" if minutes >= 60 else f"{minutes}分钟"  # noqa: PLR2004 - minutes of an hour
