"""What the admin must know of, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from models.store import Store
from models.upkeep import problems


@dataclass(frozen=True, slots=True)
class Problem:
    key: str
    kind: str
    text: str  # one sentence with the remedy
    first_at: datetime
    last_at: datetime
    count: int


def open_problems(store: Store) -> tuple[Problem, ...]:
    wanted = (
        select(problems, problems.c.count.label("seen"))
        .where(problems.c.closed_at.is_(None))
        .order_by(problems.c.first_at, problems.c.key)
    )
    with store.read() as db:
        return tuple(Problem(row.key, row.kind, row.text, row.first_at, row.last_at, row.seen) for row in db.execute(wanted))
