"""What somebody would leave behind: the open items of which he is an owner."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from models.occurrence import assignments, occurrences
from models.store import Store
from planning.duty import Role
from planning.workdays import Workdays
from reports.conditions import is_open
from reports.occurrences import OccurrenceLine, lines_of
from reports.snapshot import snapshot


def left_behind(store: Store, person: str, *, as_of: date, workdays: Workdays) -> tuple[OccurrenceLine, ...]:
    """By due day. What fell due before the start date (启用日) is nobody's work any more."""
    his = select(assignments.c.occurrence_id).where(
        assignments.c.person == person, assignments.c.active, assignments.c.role == Role.OWNER
    )
    with snapshot(store) as db:
        return lines_of(db, [occurrences.c.id.in_(his), is_open(), ~occurrences.c.silent], as_of=as_of, workdays=workdays)
