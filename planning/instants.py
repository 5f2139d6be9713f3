"""A wall-clock moment of the town as an instant in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

_TICK = timedelta(microseconds=1)


def utc_text(at: datetime) -> str:
    """``2026-03-02T01:00:00.000000Z``: the one text under which an instant is hashed, exported, and kept by SQLite."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@lru_cache(maxsize=8192)
def instant(day: date, wall: time, tz: tzinfo) -> datetime:
    """The UTC instant at which clocks in ``tz`` show ``wall`` on ``day``.

    A time that the clock shows twice (end of summer time) means the first; one that it leaps over means the first
    instant after the leap. So each local day has exactly one such instant.
    """
    early = datetime.combine(day, wall.replace(fold=0), tzinfo=tz).astimezone(UTC)
    if early.astimezone(tz).replace(tzinfo=None) == datetime.combine(day, wall.replace(fold=0)):
        return early
    return _end_of_leap(datetime.combine(day, wall.replace(fold=1), tzinfo=tz).astimezone(UTC), early, tz)


def _end_of_leap(before: datetime, after: datetime, tz: tzinfo) -> datetime:
    """The first instant of the new offset between two instants that lie on either side of a clock's leap."""
    new_offset = after.astimezone(tz).utcoffset()
    while after - before > _TICK:
        middle = before + (after - before) // 2
        if middle.astimezone(tz).utcoffset() == new_offset:
            after = middle
        else:
            before = middle
    return after
