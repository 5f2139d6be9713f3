"""What the admin must know of, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from models.store import Store
from models.upkeep import problems
from planning.problem_kinds import ADVICE, FEEDBACK


@dataclass(frozen=True, slots=True)
class Problem:
    key: str
    kind: str
    text: str  # one sentence with the remedy
    first_at: datetime
    last_at: datetime
    count: int
    told_at: datetime | None = None  # when the admin was last written to about it

    @property
    def advice(self) -> bool:
        """Worth knowing, and nothing is broken."""
        return self.kind == ADVICE


def open_problems(store: Store) -> tuple[Problem, ...]:
    wanted = (
        select(problems, problems.c.count.label("seen"))
        .where(problems.c.closed_at.is_(None))
        .order_by(problems.c.first_at, problems.c.key)
    )
    with store.read() as db:
        return tuple(
            Problem(row.key, row.kind, row.text, row.first_at, row.last_at, row.seen, row.told_at) for row in db.execute(wanted)
        )


def problem_count(store: Store) -> int:
    """How many are open, for the line on every page: advice is none, and an opinion that waits is no alarm."""
    counted = problems.c.kind.not_in((ADVICE, FEEDBACK))
    wanted = select(func.count()).select_from(problems).where(problems.c.closed_at.is_(None), counted)
    with store.read() as db:
        return int(db.execute(wanted).scalar_one())
