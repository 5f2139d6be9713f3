"""The sign-in sheet of a session: who is there, in the order of coming."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.gathering import attendances
from models.occurrence import OccurrenceState, assignments, occurrences
from models.record import log_entries
from models.store import Store
from planning.attendance import told_mark
from planning.chain import short_code
from planning.reference import reference, split_reference
from reports.sheets_against_log import TELLING, read_sheet
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
class SheetTold:
    """The newest entry of the log that tells the sheet. Without ``count`` it is of a version that told none."""

    seq: int
    code: str
    count: int | None
    agrees: bool  # whether the sheet still is as it was told


@dataclass(frozen=True, slots=True)
class SignInSheet:
    occurrence_id: int
    title: str
    unit: str | None
    due_on: date
    is_open: bool  # as long as it is, people may sign in
    persons: tuple[str, ...]  # keys of who is assigned to it
    lines: tuple[AttendanceLine, ...]
    told: SheetTold | None  # None: no entry tells it yet


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
        told = _told(db, reference(duty_key, period), row.id)
    lines = tuple(AttendanceLine(one.id, one.name, one.unit_name, one.at, one.via == "code", one.recorded_by) for one in came)
    is_open = row.state == OccurrenceState.OPEN
    return SignInSheet(row.id, row.title, row.unit, row.due_on, is_open, persons, lines, told)


def _told(db: Connection, ref: str, occurrence_id: int) -> SheetTold | None:
    telling = select(log_entries.c.seq, log_entries.c.hash, log_entries.c.payload)
    telling = telling.where(log_entries.c.subject == ref, log_entries.c.kind.in_(TELLING))
    row = db.execute(telling.order_by(log_entries.c.seq.desc()).limit(1)).one_or_none()
    if row is None:
        return None
    try:
        then = told_mark(json.loads(row.payload))
    except (ValueError, TypeError, RecursionError):  # spoilt: the check of the log says what and where
        return SheetTold(row.seq, short_code(row.hash), 0, agrees=False)
    if then is None:
        return SheetTold(row.seq, short_code(row.hash), None, agrees=True)
    return SheetTold(row.seq, short_code(row.hash), then.count, agrees=then == read_sheet(db, occurrence_id))


def attendance_count(store: Store, ref: str) -> int:
    """How many signed in; 0 for a reference that no occurrence has."""
    duty_key, period = split_reference(ref)
    joined = attendances.join(occurrences, occurrences.c.id == attendances.c.occurrence_id)
    there = select(func.count()).select_from(joined).where(attendances.c.withdrawn_at.is_(None))
    with store.read() as db:
        mine = there.where(occurrences.c.duty_key == duty_key, occurrences.c.period == period)
        return int(db.execute(mine).scalar_one())
