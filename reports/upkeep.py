"""How the machinery stands: when it last sent and looked; what holds everything. For the clerk who runs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from models.store import Store
from models.upkeep import facts


@dataclass(frozen=True, slots=True)
class Upkeep:
    """None: never."""

    last_tick: datetime | None
    last_watch: datetime | None
    crowd_held: int  # late messages that wait for a word after a stop
    crowd_since: datetime | None
    clock_held: bool
    told_daily: str  # the day whose 系统正常 line was built, ISO; empty: never


def upkeep(store: Store) -> Upkeep:
    names = ("last_tick", "last_watch", "hold:catch-up", "hold:clock", "daily")
    with store.read() as db:
        found = {row.name: row.value for row in db.execute(select(facts.c.name, facts.c.value).where(facts.c.name.in_(names)))}
    watched: Mapping[str, Any] = found.get("last_watch") or {}
    crowd: Mapping[str, Any] = found.get("hold:catch-up") or {}
    waits = bool(crowd) and not crowd.get("released")
    return Upkeep(
        last_tick=_moment(found.get("last_tick")),
        last_watch=_moment(watched.get("at")),
        crowd_held=int(crowd["count"]) if waits else 0,
        crowd_since=_moment(crowd.get("since")) if waits else None,
        clock_held="hold:clock" in found,
        told_daily=str((found.get("daily") or {}).get("day", "")),
    )


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)
