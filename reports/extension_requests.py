"""The wishes for a later day that nobody has decided yet (延期待批), the nearest due day first."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text

from models.occurrence import assignments, extension_requests, occurrences
from models.store import Store
from planning.duty import Role
from planning.reference import reference

_OVERSEEING = (Role.OVERSEER, Role.LEADER)


@dataclass(frozen=True, slots=True)
class PendingRequest:
    ref: str
    title: str
    unit: str | None
    from_on: date
    to_on: date
    reason: str
    asked_by: str
    asked_name: str
    asked_at: datetime
    overseers: tuple[str, ...]  # names of those who oversee, in the order of assignment; empty: the admin decides
    persons: tuple[str, ...]  # keys of all who have, or had, a part in it


def pending_requests(store: Store) -> tuple[PendingRequest, ...]:
    query = (
        select(extension_requests, occurrences.c.duty_key, occurrences.c.period, occurrences.c.title, occurrences.c.unit)
        .join(occurrences, occurrences.c.id == extension_requests.c.occurrence_id)
        .where(text("extension_request.state = 'pending'"))
        .order_by(occurrences.c.due_on, extension_requests.c.id)
    )
    overseeing: dict[int, list[str]] = defaultdict(list)
    persons: dict[int, list[str]] = defaultdict(list)
    with store.read() as db:
        rows = db.execute(query).all()
        parts = (
            select(assignments)
            .where(assignments.c.occurrence_id.in_([row.occurrence_id for row in rows]))
            .order_by(assignments.c.id)
        )
        for part in db.execute(parts):
            persons[part.occurrence_id].append(part.person)
            if part.active and part.role in _OVERSEEING:
                overseeing[part.occurrence_id].append(part.name)
    return tuple(
        PendingRequest(
            ref=reference(row.duty_key, row.period),
            title=row.title,
            unit=row.unit,
            from_on=row.from_on,
            to_on=row.to_on,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_name=row.asked_name,
            asked_at=row.asked_at,
            overseers=tuple(dict.fromkeys(overseeing[row.occurrence_id])),
            persons=tuple(dict.fromkeys(persons[row.occurrence_id])),
        )
        for row in rows
    )
