"""Conditions the admin must know of: one key, one open row, however often they are seen.

``told_at`` says when he was last written to about it. A problem that ended keeps its ``told_at`` until he is told of
the end; who was told nothing is told of no end.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, update

from models.columns import insert_new
from models.upkeep import problems
from planning.problem_kinds import INCIDENTS

INCIDENT_LASTS = timedelta(days=3)
"""How long something that happened once stays on the list after it was told: long enough for a weekend."""

_OPEN_ONES = update(problems).where(problems.c.key.in_(bindparam("keys", expanding=True)), problems.c.closed_at.is_(None))


def report_problem(db: Connection, *, key: str, kind: str, text: str, now: datetime) -> None:
    """Open the problem, or count it once more when it is known."""
    row = {"key": key, "kind": kind, "text": text, "first_at": now, "last_at": now, "count": 1, "closed_at": None}
    again = {"text": text, "last_at": now, "count": problems.c.count + 1, "closed_at": None}
    db.execute(insert_new(db, problems).values(row).on_conflict_do_update(index_elements=["key"], set_=again))


def close_problem(db: Connection, *, key: str, now: datetime) -> bool:
    """Whether an open problem was closed by this call."""
    closed = db.execute(update(problems).where(problems.c.key == key, problems.c.closed_at.is_(None)).values(closed_at=now))
    return closed.rowcount == 1


def close_problems(db: Connection, keys: Collection[str], *, now: datetime) -> int:
    """How many open problems were closed by this call."""
    return db.execute(_OPEN_ONES, {"keys": list(keys), "closed_at": now}).rowcount


def close_problems_except(db: Connection, *, kind: str, keys: set[str], now: datetime) -> int:
    """Close the open problems of a kind that were not seen again."""
    open_ones = update(problems).where(problems.c.kind == kind, problems.c.closed_at.is_(None))
    if keys:
        open_ones = open_ones.where(problems.c.key.not_in(keys))
    return db.execute(open_ones.values(closed_at=now)).rowcount


def close_old_incidents(db: Connection, *, now: datetime) -> int:
    """What happened once and was told leaves the list by itself. Nothing was mended, so no end is told."""
    old = (
        update(problems)
        .where(problems.c.kind.in_(INCIDENTS), problems.c.closed_at.is_(None))
        .where(problems.c.told_at.is_not(None), problems.c.last_at <= now - INCIDENT_LASTS)
    )
    return db.execute(old.values(closed_at=now, told_at=None)).rowcount
