"""A channel whose provider said «not before»: kept in the database, so that a restart does not ask again too early."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from models.upkeep import facts


def pause(db: Connection, channel: str, *, until: datetime, now: datetime) -> None:
    name = _name(channel)
    value = until.isoformat()
    if db.execute(update(facts).where(facts.c.name == name).values(value=value, at=now)).rowcount == 0:
        db.execute(insert(facts), {"name": name, "value": value, "at": now})


def paused_until(db: Connection, channel: str, *, now: datetime) -> datetime | None:
    """The end of the channel's pause; None when there is none ahead."""
    value = db.execute(select(facts.c.value).where(facts.c.name == _name(channel))).scalar_one_or_none()
    if value is None:
        return None
    until = datetime.fromisoformat(value)
    return until if until > now else None


def _name(channel: str) -> str:
    return f"pause:{channel}"
