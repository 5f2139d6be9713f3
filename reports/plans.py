"""Which files are in force, and whether all of them could be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.office import plans
from models.store import Store


@dataclass(frozen=True, slots=True)
class PlanLine:
    at: datetime
    revision: str
    added: int
    moved: int
    withdrawn: int
    degraded: bool  # some duty could not be read; the rest was planned
    problems: tuple[str, ...]


def last_plan(store: Store) -> PlanLine | None:
    """The newest plan that changed something; None before the first."""
    found = recent_plans(store, limit=1)
    return found[0] if found else None


def recent_plans(store: Store, *, limit: int = 20) -> tuple[PlanLine, ...]:
    """Newest first."""
    with store.read() as db:
        rows = db.execute(select(plans).order_by(plans.c.id.desc()).limit(limit))
        return tuple(
            PlanLine(row.at, row.revision, row.added, row.moved, row.withdrawn, row.degraded, tuple(row.problems)) for row in rows
        )
