"""Conditions the admin must know of: one key, one open row, however often they are seen."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, update

from models.upkeep import problems


def report_problem(db: Connection, *, key: str, kind: str, text: str, now: datetime) -> None:
    """Open the problem, or count it once more when it is known."""
    seen = db.execute(
        update(problems).where(problems.c.key == key).values(text=text, last_at=now, count=problems.c.count + 1, closed_at=None)
    )
    if seen.rowcount == 0:
        db.execute(
            insert(problems),
            {"key": key, "kind": kind, "text": text, "first_at": now, "last_at": now, "count": 1, "closed_at": None},
        )


def close_problem(db: Connection, *, key: str, now: datetime) -> bool:
    """Whether an open problem was closed by this call."""
    closed = db.execute(update(problems).where(problems.c.key == key, problems.c.closed_at.is_(None)).values(closed_at=now))
    return closed.rowcount == 1


def close_problems_except(db: Connection, *, kind: str, keys: set[str], now: datetime) -> int:
    """Close the open problems of a kind that were not seen again."""
    open_ones = update(problems).where(problems.c.kind == kind, problems.c.closed_at.is_(None))
    if keys:
        open_ones = open_ones.where(problems.c.key.not_in(keys))
    return db.execute(open_ones.values(closed_at=now)).rowcount
