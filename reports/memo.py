"""Figures kept between two requests, for as long as nothing was recorded or planned."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

from sqlalchemy import Connection, func, select

from models.office import plans
from models.record import log_entries

Value = TypeVar("Value")
Stamp = tuple[int, int]


class Memo:
    """One for a process that shows pages; threads may share it.

    Counting 100,000 occurrences takes some tenths of a second, and most pages are asked for again before anything has
    changed. Every change of an occurrence writes a log entry or a plan: their newest numbers are the stamp. The stamp
    is read in the caller's own snapshot, so that a value never belongs to another moment than the rest of its page.
    """

    def __init__(self, *, keep: int = 32) -> None:
        self._keep = keep
        self._lock = Lock()
        self._stamp: Stamp | None = None
        self._values: dict[Hashable, object] = {}

    def get(self, db: Connection, key: Hashable, count: Callable[[], Value]) -> Value:
        """What ``count`` gave when last asked under this key, or gives now."""
        stamp = change_stamp(db)
        with self._lock:
            if stamp == self._stamp and key in self._values:
                return cast(Value, self._values[key])
        value = count()
        with self._lock:
            if stamp != self._stamp or len(self._values) >= self._keep:
                self._stamp, self._values = stamp, {}
            self._values[key] = value
        return value


def change_stamp(db: Connection) -> Stamp:
    """The newest log entry and the newest plan: new whenever figures may be."""
    entry = select(func.coalesce(func.max(log_entries.c.seq), 0)).scalar_subquery()
    plan = select(func.coalesce(func.max(plans.c.id), 0)).scalar_subquery()
    found = db.execute(select(entry, plan)).one()
    return int(found[0]), int(found[1])
