"""What people said about the work and the system, and what was answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from models.gathering import feedback
from models.occurrence import occurrences
from models.office import people
from models.store import Store
from planning.reference import reference, split_reference


@dataclass(frozen=True, slots=True)
class Opinion:
    number: int
    at: datetime
    ref: str  # as it was given; empty: about the system
    title: str  # of the occurrence that ``ref`` names; empty when there is none
    text: str
    name: str  # as typed, or the roster's name of who signed with his account; may be empty
    contact: str
    answered_at: datetime | None
    answered_name: str
    answer: str


@dataclass(frozen=True, slots=True)
class Opinions:
    lines: tuple[Opinion, ...]
    waiting: int  # for an answer
    total: int


def opinions(store: Store, *, limit: int, offset: int = 0) -> Opinions:
    """What waits for an answer first, the oldest at the top; then what was answered, the newest answer first."""
    in_order = _all().order_by(feedback.c.answered_at.is_not(None), feedback.c.answered_at.desc(), feedback.c.id)
    with store.read() as db:
        total, answered = db.execute(select(func.count(), func.count(feedback.c.answered_at)).select_from(feedback)).one()
        rows = db.execute(in_order.limit(limit).offset(offset)).all()
        return Opinions(_lines(db, rows), total - answered, total)


def opinions_of(store: Store, person: str, *, limit: int) -> tuple[Opinion, ...]:
    """What somebody said under his own account, newest first."""
    with store.read() as db:
        rows = db.execute(_all().where(feedback.c.by == person).order_by(feedback.c.id.desc()).limit(limit)).all()
        return _lines(db, rows)


def _all() -> Select[Any]:
    signed, answered = people.alias("signed"), people.alias("answered")
    return (
        select(feedback, signed.c.name.label("signed_name"), answered.c.name.label("answered_name"))
        .outerjoin(signed, signed.c.key == feedback.c.by)
        .outerjoin(answered, answered.c.key == feedback.c.answered_by)
    )


def _lines(db: Connection, rows: Iterable[Row[Any]]) -> tuple[Opinion, ...]:
    found = list(rows)
    titles = _titles(db, {row.ref for row in found if row.ref})
    return tuple(
        Opinion(
            number=row.id,
            at=row.at,
            ref=row.ref,
            title=titles.get(row.ref, ""),
            text=row.text,
            name=row.name or (row.signed_name or row.by),
            contact=row.contact,
            answered_at=row.answered_at,
            answered_name=row.answered_name or row.answered_by,
            answer=row.answer,
        )
        for row in found
    )


def _titles(db: Connection, refs: Iterable[str]) -> dict[str, str]:
    """Of those references that name something: anybody may have typed anything."""
    pairs = []
    for ref in refs:
        try:
            pairs.append(split_reference(ref))
        except ValueError:
            continue
    if not pairs:
        return {}
    named = or_(*(and_(occurrences.c.duty_key == key, occurrences.c.period == period) for key, period in pairs))
    wanted = select(occurrences.c.duty_key, occurrences.c.period, occurrences.c.title).where(named)
    return {reference(row.duty_key, row.period): row.title for row in db.execute(wanted)}
