"""Channels that rest just now, and why: what the outbox and the question why say beside a message that waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, select

from models.store import Store
from models.upkeep import facts
from reports.sentences import clock

_BEFORE_THE_NAME = "channel:"


@dataclass(frozen=True, slots=True)
class ChannelRest:
    """``fails`` counts the faults in a row; 0: the provider asked for the rest (a rate, a quota)."""

    channel: str
    until: datetime
    fails: int
    reason: str  # the provider's own words
    since: datetime | None  # of the first fault in the row
    resting: bool  # False: the rest is over, and nothing has been taken since

    def sentence(self, tz: tzinfo) -> str:
        why = f"：{self.reason}" if self.reason else ""
        if not self.resting:
            return f"渠道“{self.channel}”此前连续{self.fails}次失败{why}，正在等待下一次尝试" if self.fails else ""
        cause = f"连续{self.fails}次失败{why}" if self.fails else f"对方要求稍后再发{why}"
        return f"渠道“{self.channel}”暂停到{clock(self.until, tz)}（{cause}）"


def channel_rests(store: Store, *, now: datetime) -> tuple[ChannelRest, ...]:
    """Every channel that is at rest, or was and has not proved since that it works."""
    with store.read() as db:
        return rests_in(db, now=now)


def rests_in(db: Connection, *, now: datetime) -> tuple[ChannelRest, ...]:
    query = select(facts.c.name, facts.c.value).where(facts.c.name.like(f"{_BEFORE_THE_NAME}%")).order_by(facts.c.name)
    return tuple(_rest(row.name, row.value, now) for row in db.execute(query))


def _rest(name: str, value: dict[str, Any], now: datetime) -> ChannelRest:
    until = datetime.fromisoformat(value["until"])
    return ChannelRest(
        name.removeprefix(_BEFORE_THE_NAME), until, int(value["fails"]), str(value["reason"]), _since(value), until > now
    )


def _since(value: dict[str, Any]) -> datetime | None:
    return datetime.fromisoformat(value["since"]) if value.get("since") else None
