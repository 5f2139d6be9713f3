"""The duties as the plan knows them: which keys were ever used, and when each is due next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import func, select

from models.occurrence import occurrences
from models.office import duties
from models.store import Store
from reports.conditions import is_open


def next_due(store: Store, *, as_of: date) -> Mapping[str, date]:
    """By duty, the first due day in force from ``as_of`` on; a duty with nothing ahead is not there."""
    ahead = select(occurrences.c.duty_key, func.min(occurrences.c.due_on).label("due_on"))
    wanted = ahead.where(is_open(), occurrences.c.due_on >= as_of).group_by(occurrences.c.duty_key)
    with store.read() as db:
        return {row.duty_key: row.due_on for row in db.execute(wanted)}


def known_keys(store: Store, *, prefix: str) -> tuple[str, ...]:
    """Keys of duties that were ever planned, also of those that have left the files."""
    wanted = select(duties.c.key).where(duties.c.key.startswith(prefix, autoescape=True)).order_by(duties.c.key)
    with store.read() as db:
        return tuple(db.execute(wanted).scalars())
