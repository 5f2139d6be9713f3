"""Single facts about this installation: read, written, forgotten. Each name has one module that writes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from models.columns import insert_new
from models.upkeep import facts

_NAMED = facts.c.name == bindparam("called")
_READ = select(facts.c.value).where(_NAMED)
_FORGET = delete(facts).where(_NAMED)


def read_fact(db: Connection, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """None when there is no such fact."""
    return db.execute(_READ, {"called": name}).scalar_one_or_none()


def write_fact(db: Connection, name: str, value: object, *, now: datetime) -> None:
    fresh = {"value": value, "at": now}
    new = insert_new(db, facts).values(name=name, **fresh)
    db.execute(new.on_conflict_do_update(index_elements=["name"], set_=fresh))


def forget_fact(db: Connection, name: str) -> bool:
    """Whether there was one."""
    return db.execute(_FORGET, {"called": name}).rowcount == 1
