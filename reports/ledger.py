"""The ledger (台账): occurrences with everybody who has a part in them and with what their completion says.

Read while it is written out, some thousand lines at a time: a county's whole year need not fit into memory.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select

from models.occurrence import OccurrenceState, assignments, occurrences
from models.office import duties, units
from models.record import completions, evidence, evidence_voids
from models.store import Store
from planning.duty import Role
from planning.reference import reference
from planning.workdays import Workdays
from reports.conditions import Filters, conditions
from reports.occurrences import OccurrenceLine, in_order, lines_of
from reports.snapshot import snapshot

Order = Sequence[ColumnElement[Any]]

MOST_LINES = 200_000
"""A sheet holds five times as many, and nobody reads this many: such a list is narrowed first."""

_TOGETHER = 2_000
"""Lines read at a time. SQLite takes some thirty thousand values in a statement."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A line of a list, and what only a ledger tells of it. Names are as they were when assigned."""

    line: OccurrenceLine
    partners: tuple[str, ...] = ()
    overseers: tuple[str, ...] = ()  # 分管领导 and 主要领导, in this order
    verifiers: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()  # names of files
    late_workdays: int = 0  # of a completion
    nothing_to_report: bool = False  # 无事报平安
    measures: Mapping[str, int] = field(default_factory=dict)
    note: str = ""  # of the completion
    signed_off_on: date | None = None  # in the office's zone


@dataclass(frozen=True, slots=True)
class MeasureName:
    name: str
    unit: str  # 场; empty where duties that share the name count it in different ones


@dataclass(frozen=True, slots=True)
class Ledger:
    lines: Iterable[LedgerLine]  # to be walked once, while the ledger is open
    total: int
    measures: tuple[MeasureName, ...] = ()  # that any of the lines may have, in official order
    units: tuple[str, ...] = ()  # keys, in official order


@contextmanager
def open_ledger(store: Store, filters: Filters, *, as_of: date, workdays: Workdays, tz: tzinfo) -> Iterator[Ledger]:
    """The lines that pass the filters, in the order they ask for, all of one moment.

    Raises ValueError with a Chinese sentence for a filter it does not know, and for more lines than MOST_LINES.
    """
    wanted = conditions(filters, as_of=as_of, workdays=workdays, tz=tz)
    order = in_order(filters)
    with snapshot(store) as db:
        ids = _ids(db, wanted, order)
        if len(ids) > MOST_LINES:
            raise ValueError(f"符合条件的有{len(ids)}项，一次最多导出{MOST_LINES}项，请缩小范围后再导出。")
        keys = tuple(db.execute(select(units.c.key).order_by(units.c.position, units.c.key)).scalars())
        lines = _lines(db, ids, order, as_of=as_of, workdays=workdays, tz=tz)
        yield Ledger(lines, len(ids), _measures(db, wanted), keys)


def _ids(db: Connection, wanted: Sequence[ColumnElement[bool]], order: Order) -> Sequence[int]:
    joined = select(occurrences.c.id).join(duties, duties.c.key == occurrences.c.duty_key)
    placed = joined.outerjoin(units, units.c.key == occurrences.c.unit)
    return db.execute(placed.where(*wanted).order_by(*order)).scalars().all()


def _measures(db: Connection, wanted: Sequence[ColumnElement[bool]]) -> tuple[MeasureName, ...]:
    used = select(occurrences.c.duty_key).join(duties, duties.c.key == occurrences.c.duty_key).where(*wanted).distinct()
    found: dict[str, list[str]] = {}
    for measures in db.execute(select(duties.c.measures).where(duties.c.key.in_(used)).order_by(duties.c.position)).scalars():
        for one in measures:
            found.setdefault(one["name"], []).append(one["unit"])
    return tuple(MeasureName(name, spoken[0] if len(set(spoken)) == 1 else "") for name, spoken in found.items())


def _lines(
    db: Connection, ids: Sequence[int], order: Order, *, as_of: date, workdays: Workdays, tz: tzinfo
) -> Iterator[LedgerLine]:
    for start in range(0, len(ids), _TOGETHER):
        some = ids[start : start + _TOGETHER]
        around = _Around.read(db, some)
        for line in lines_of(db, [occurrences.c.id.in_(some)], as_of=as_of, workdays=workdays, order=order, tz=tz):
            yield around.ledger_line(line, tz=tz)


@dataclass(frozen=True, slots=True)
class _Around:
    """What stands in other tables about some occurrences, by their reference."""

    people: Mapping[tuple[str, str], list[str]]  # reference and role -> names
    files: Mapping[str, list[str]]
    completions: Mapping[str, Row[Any]]  # the newest of each

    @classmethod
    def read(cls, db: Connection, ids: Sequence[int]) -> _Around:
        refs = {
            row.id: reference(row.duty_key, row.period)
            for row in db.execute(
                select(occurrences.c.id, occurrences.c.duty_key, occurrences.c.period).where(occurrences.c.id.in_(ids))
            )
        }
        people: dict[tuple[str, str], list[str]] = defaultdict(list)
        parts = select(assignments).where(assignments.c.occurrence_id.in_(ids), assignments.c.active)
        for row in db.execute(parts.order_by(assignments.c.id)):
            people[refs[row.occurrence_id], row.role].append(row.name)
        files: dict[str, list[str]] = defaultdict(list)
        # What proves it: with the completion in force or after it, and not void.
        newest = select(func.max(completions.c.id)).where(completions.c.occurrence_id.in_(ids))
        newest = newest.group_by(completions.c.occurrence_id)
        valid = evidence.c.id.not_in(select(evidence_voids.c.evidence_id))
        proving = select(evidence).where(evidence.c.completion_id.in_(newest), valid)
        for row in db.execute(proving.order_by(evidence.c.id)):
            files[refs[row.occurrence_id]].append(row.name)
        said = select(completions).where(completions.c.occurrence_id.in_(ids)).order_by(completions.c.turn)
        return cls(people, files, {refs[row.occurrence_id]: row for row in db.execute(said)})

    def ledger_line(self, line: OccurrenceLine, *, tz: tzinfo) -> LedgerLine:
        # What was taken back by reopening is history, not the state of things.
        done = self.completions.get(line.ref) if line.state == OccurrenceState.DONE else None
        return LedgerLine(
            line=line,
            partners=self._named(line, Role.PARTNER),
            overseers=(*self._named(line, Role.OVERSEER), *self._named(line, Role.LEADER)),
            verifiers=self._named(line, Role.VERIFIER),
            evidence=() if done is None else tuple(self.files.get(line.ref, ())),
            late_workdays=0 if done is None else done.late_workdays,
            nothing_to_report=done is not None and done.nothing_to_report,
            measures={} if done is None else dict(done.measures),
            note="" if done is None else done.note,
            signed_off_on=None if line.signed_off_at is None else line.signed_off_at.astimezone(tz).date(),
        )

    def _named(self, line: OccurrenceLine, role: Role) -> tuple[str, ...]:
        return tuple(self.people.get((line.ref, role), ()))
