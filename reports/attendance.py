"""The sign-in sheet of a session: who is there, in the order of coming."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from models.gathering import attendances
from models.occurrence import OccurrenceState, assignments, occurrences
from models.store import Store
from planning.reference import split_reference
from reports.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class AttendanceLine:
    id: int
    name: str
    unit_name: str
    at: datetime
    by_code: bool  # with the code on the wall; else somebody wrote him down
    recorded_by: str


@dataclass(frozen=True, slots=True)
class SignInSheet:
    occurrence_id: int
    title: str
    unit: str | None
    due_on: date
    is_open: bool  # as long as it is, people may sign in
    persons: tuple[str, ...]  # keys of who is assigned to it
    lines: tuple[AttendanceLine, ...]


def sign_in_sheet(store: Store, ref: str) -> SignInSheet | None:
    """None for a reference that no occurrence has."""
    try:
        duty_key, period = split_reference(ref)
    except ValueError:
        return None
    wanted = select(occurrences).where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
    with snapshot(store) as db:
        row = db.execute(wanted).one_or_none()
        if row is None:
            return None
        mine = select(assignments.c.person).where(assignments.c.occurrence_id == row.id, assignments.c.active)
        persons = tuple(db.execute(mine.order_by(assignments.c.id)).scalars())
        there = select(attendances).where(attendances.c.occurrence_id == row.id, attendances.c.withdrawn_at.is_(None))
        came = db.execute(there.order_by(attendances.c.at, attendances.c.id)).all()
    lines = tuple(AttendanceLine(one.id, one.name, one.unit_name, one.at, one.via == "code", one.recorded_by) for one in came)
    is_open = row.state == OccurrenceState.OPEN
    return SignInSheet(row.id, row.title, row.unit, row.due_on, is_open, persons, lines)


def attendance_count(store: Store, ref: str) -> int:
    """How many signed in; 0 for a reference that no occurrence has."""
    duty_key, period = split_reference(ref)
    joined = attendances.join(occurrences, occurrences.c.id == attendances.c.occurrence_id)
    there = select(func.count()).select_from(joined).where(attendances.c.withdrawn_at.is_(None))
    with store.read() as db:
        mine = there.where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
        return int(db.execute(mine).scalar_one())
