"""The duties as the plan knows them: what each asks, which keys were ever used, and when each is due next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from models.occurrence import occurrences
from models.office import duties
from models.store import Store
from reports.conditions import is_open
from reports.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class DutyFacts:
    key: str
    kind: str
    title: str
    basis: str
    basis_mark: str
    as_written: str
    note: str
    ladder: str
    evidence: tuple[str, ...]
    evidence_required: bool
    measures: tuple[Mapping[str, Any], ...]  # name, unit, required
    sign_off: bool
    standing: bool
    zero_report: bool
    login_required: bool
    source: str
    active: bool  # False: it has left the files


def facts_of(row: Row[Any]) -> DutyFacts:
    """Of a row of the duty table."""
    return DutyFacts(
        key=row.key,
        kind=row.kind,
        title=row.title,
        basis=row.basis,
        basis_mark=row.basis_mark,
        as_written=row.as_written,
        note=row.note,
        ladder=row.ladder,
        evidence=tuple(row.evidence),
        evidence_required=row.evidence_required,
        measures=tuple(row.measures),
        sign_off=row.sign_off,
        standing=row.standing,
        zero_report=row.zero_report,
        login_required=row.login_required,
        source=row.source,
        active=row.active,
    )


def duty_facts(store: Store, *, as_of: date, units_only: tuple[str, ...] = ()) -> tuple[tuple[DutyFacts, date | None], ...]:
    """The duties that have occurrences, of these units or of all, each with its next due day there; as the files have them."""
    here = [occurrences.c.unit.in_(units_only)] if units_only else []
    planned = select(occurrences.c.duty_key).where(*here)
    with snapshot(store) as db:
        due = _next_due(db, as_of, *here)
        rows = db.execute(select(duties).where(duties.c.key.in_(planned)).order_by(duties.c.position, duties.c.key))
        return tuple((facts_of(row), due.get(row.key)) for row in rows)


def next_due(store: Store, *, as_of: date) -> Mapping[str, date]:
    """By duty, the first due day in force from ``as_of`` on; a duty with nothing ahead is not there."""
    with store.read() as db:
        return _next_due(db, as_of)


def _next_due(db: Connection, as_of: date, *here: ColumnElement[bool]) -> dict[str, date]:
    ahead = select(occurrences.c.duty_key, func.min(occurrences.c.due_on).label("due_on"))
    wanted = ahead.where(is_open(), occurrences.c.due_on >= as_of, *here).group_by(occurrences.c.duty_key)
    return {row.duty_key: row.due_on for row in db.execute(wanted)}


def known_keys(store: Store, *, prefix: str) -> tuple[str, ...]:
    """Keys of duties that were ever planned, also of those that have left the files."""
    wanted = select(duties.c.key).where(duties.c.key.startswith(prefix, autoescape=True)).order_by(duties.c.key)
    with store.read() as db:
        return tuple(db.execute(wanted).scalars())
