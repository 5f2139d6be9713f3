"""Lists of occurrences: who owes what by when, and how it stands on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, text

from models.occurrence import OccurrenceState, assignments, extension_requests, occurrences
from models.office import duties, units
from models.store import Store
from planning.duty import Role
from planning.reference import reference
from planning.workdays import Workdays
from reports.conditions import NO_UNIT, STATE_WORDS, Bounds, Filters, conditions
from reports.memo import Memo
from reports.snapshot import snapshot
from reports.stagnation import lies_untouched

__all__ = ["IN_ORDER", "NO_UNIT", "STATE_WORDS", "Filters", "Listing", "OccurrenceLine", "in_order", "lines_of", "listing"]

_NO_PLACE = 1_000_000
"""Of a unit that left the files, or of none: after all others."""

_PLACE = func.coalesce(units.c.position, _NO_PLACE)
IN_ORDER = (occurrences.c.due_on, duties.c.position, _PLACE, occurrences.c.period, occurrences.c.id)
"""By day, then as the office's files have it: duties, and the units of a duty that each has for itself."""

_FEW = 500
"""Rows that can be named one by one; a statement takes some ten thousand values at most."""


@dataclass(frozen=True, slots=True)
class OccurrenceLine:
    """One occurrence as lists show it on ``as_of``."""

    ref: str
    duty_key: str
    period: str
    kind: str
    title: str
    unit: str | None
    unit_name: str
    owners: tuple[str, ...]  # names as they were when assigned
    starts_on: date | None
    nominal_on: date
    original_due_on: date
    due_on: date
    provisional: bool
    awaiting_notice: bool
    standing: bool
    silent: bool
    explanation: str
    as_written: str
    state: str
    overdue: bool
    workdays_left: int  # negative: workdays overdue; 0 for what is closed
    done_on: date | None
    late: bool
    proved: bool
    sign_off_needed: bool
    signed_off_at: datetime | None
    extensions: int
    extension_days: int
    row_version: int
    basis: str
    basis_mark: str
    extension_to: date | None = None  # 延期待批: the day that somebody asked for, while nobody has decided
    stagnant: bool = False  # 停滞: reports/stagnation.py says when


@dataclass(frozen=True, slots=True)
class Listing:
    lines: tuple[OccurrenceLine, ...]
    total: int  # of all pages


def listing(
    store: Store,
    filters: Filters,
    *,
    as_of: date,
    workdays: Workdays,
    limit: int | None = None,
    offset: int = 0,
    tz: tzinfo = UTC,
    memo: Memo | None = None,
) -> Listing:
    """A page of the occurrences that pass the filters, in the order they ask for.

    Raises ValueError for a filter it does not know. ``tz`` as in :meth:`reports.conditions.Bounds.at`.
    With a ``memo`` the total is counted once for each change: it takes longer than the page itself.
    """
    wanted = conditions(filters, as_of=as_of, workdays=workdays, tz=tz)
    bounds = Bounds.at(as_of, workdays=workdays, tz=tz)
    order = in_order(filters)
    with snapshot(store) as db:
        total = (memo or Memo()).get(db, ("listing", filters, bounds), lambda: _count(db, wanted, with_duties=bool(filters.text)))
        if not total:
            return Listing((), 0)
        lines = lines_of(db, wanted, as_of=as_of, workdays=workdays, limit=limit, offset=offset, order=order, tz=tz)
    return Listing(lines, total)


def in_order(filters: Filters) -> tuple[ColumnElement[Any], ...]:
    """What to order by: the due day, or the units' official order first. Needs ``units`` joined to the rows."""
    return (_PLACE, func.coalesce(occurrences.c.unit, ""), *IN_ORDER) if filters.by_unit else IN_ORDER


def lines_of(
    db: Connection,
    wanted: Sequence[ColumnElement[bool]],
    *,
    as_of: date,
    workdays: Workdays,
    limit: int | None = None,
    offset: int = 0,
    order: Sequence[ColumnElement[Any]] = IN_ORDER,
    tz: tzinfo = UTC,
) -> tuple[OccurrenceLine, ...]:
    """The lines for conditions on occurrences and their duties; four questions, however many rows."""
    page = _page(select(occurrences, duties.c.basis, duties.c.basis_mark, units.c.name.label("unit_name")), wanted, order)
    rows = db.execute(page.limit(limit).offset(offset or None)).all()
    if len(rows) <= _FEW:
        these: Sequence[int] | Select[Any] = [row.id for row in rows]
    else:
        these = _page(select(occurrences.c.id), wanted, order).limit(limit).offset(offset or None)
    owners = _owners(db, assignments.c.occurrence_id.in_(these))
    asked = _asked(db) if rows else {}
    in_time = [row.id for row in rows if _is_in_time(row, as_of) and row.id not in asked]
    stuck = _untouched(db, in_time, Bounds.at(as_of, workdays=workdays, tz=tz))
    return tuple(_line(row, owners, asked.get(row.id), stagnant=row.id in stuck, as_of=as_of, workdays=workdays) for row in rows)


def _page(query: Select[Any], wanted: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]]) -> Select[Any]:
    with_duty = query.join(duties, duties.c.key == occurrences.c.duty_key)
    return with_duty.outerjoin(units, units.c.key == occurrences.c.unit).where(*wanted).order_by(*order)


def _count(db: Connection, wanted: Iterable[ColumnElement[bool]], *, with_duties: bool) -> int:
    query = select(func.count()).select_from(occurrences).where(*wanted)
    if with_duties:  # only a text is looked up in the duty as well
        query = query.join(duties, duties.c.key == occurrences.c.duty_key)
    return int(db.execute(query).scalar_one())


def _owners(db: Connection, of_these: ColumnElement[bool]) -> Mapping[int, list[str]]:
    query = (
        select(assignments.c.occurrence_id, assignments.c.name)
        .where(of_these, assignments.c.role == Role.OWNER, assignments.c.active)
        .order_by(assignments.c.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in db.execute(query):
        found[row.occurrence_id].append(row.name)
    return found


def _is_in_time(row: Row[Any], as_of: date) -> bool:
    """Open and not overdue, as conditions.is_stagnant has it: only such a row may be stagnant."""
    return row.state == OccurrenceState.OPEN and not row.silent and (row.due_on >= as_of or row.awaiting_notice)


def _untouched(db: Connection, ids: Sequence[int], bounds: Bounds) -> frozenset[int]:
    """By their numbers alone: beside the state SQLite would rather walk through everything that is open."""
    found: set[int] = set()
    for start in range(0, len(ids), _FEW):
        some = occurrences.c.id.in_(ids[start : start + _FEW])
        found.update(db.execute(select(occurrences.c.id).where(some, lies_untouched(bounds.quiet_before))).scalars())
    return frozenset(found)


def _asked(db: Connection) -> Mapping[int, date]:
    """The later days that wait for a decision, of the whole office: there are never many."""
    pending = text("extension_request.state = 'pending'")
    return {row.occurrence_id: row.to_on for row in db.execute(select(extension_requests).where(pending))}


def _line(
    row: Row[Any],
    owners: Mapping[int, list[str]],
    extension_to: date | None,
    *,
    stagnant: bool,
    as_of: date,
    workdays: Workdays,
) -> OccurrenceLine:
    is_open = row.state == OccurrenceState.OPEN
    return OccurrenceLine(
        ref=reference(row.duty_key, row.period),
        duty_key=row.duty_key,
        period=row.period,
        kind=row.kind,
        title=row.title,
        unit=row.unit,
        unit_name=row.unit_name or row.unit or "",
        owners=tuple(owners.get(row.id, ())),
        starts_on=row.starts_on,
        nominal_on=row.nominal_on,
        original_due_on=row.original_due_on,
        due_on=row.due_on,
        provisional=row.provisional,
        awaiting_notice=row.awaiting_notice,
        standing=row.standing,
        silent=row.silent,
        explanation=row.explanation,
        as_written=row.as_written,
        state=row.state,
        overdue=is_open and row.due_on < as_of and not (row.silent or row.awaiting_notice or extension_to),
        workdays_left=workdays.between(as_of, row.due_on) if is_open else 0,
        done_on=row.done_on,
        late=row.late,
        proved=row.proved,
        sign_off_needed=row.sign_off_needed,
        signed_off_at=row.signed_off_at,
        extensions=row.extensions,
        extension_days=row.extension_days,
        row_version=row.row_version,
        basis=row.basis,
        basis_mark=row.basis_mark,
        extension_to=extension_to if is_open else None,
        stagnant=stagnant,
    )
