"""The whole difference between the files and the rows, found under the lock and before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.occurrence import OccurrenceState, occurrences
from models.office import duties
from planning.basis import PlanBasis
from planning.changes import Change
from planning.placement import Wanted, place
from planning.reconcile import Occasion, Reconciled, can_withdraw, cause_between, reconcile, withdraw
from planning.stepping import Agenda
from services.plan_prepare import Prepared, PreparedDuty, fault_sentence
from services.plan_read import held_of

MANY_PERCENT = 30
MANY_AT_LEAST = 5
"""A plan that moves or withdraws more than this share, and more than this number, is likely a mistake in a file."""


@dataclass(frozen=True, slots=True)
class KnownDuty:
    fingerprint: str
    active: bool
    title: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that would be written about occurrences."""

    added: tuple[tuple[Wanted, Agenda], ...]
    changes: tuple[Change, ...]
    faults: Mapping[str, str]  # duty -> sentence
    gone: Mapping[str, str]  # duty no longer in the files -> its title

    @property
    def is_empty(self) -> bool:
        return not self.added and not self.changes


def known_duties(db: Connection) -> dict[str, KnownDuty]:
    found = db.execute(select(duties.c.key, duties.c.fingerprint, duties.c.active, duties.c.title))
    return {row.key: KnownDuty(row.fingerprint, row.active, row.title) for row in found}


def compare(db: Connection, basis: PlanBasis, prepared: Prepared, *, now: datetime, retire: bool, full: bool) -> Difference:
    known = known_duties(db)
    added: list[tuple[Wanted, Agenda]] = []
    changes: list[Change] = []
    faults = dict(prepared.faults)
    for one in prepared.duties:
        before = known.get(one.duty.key)
        # Another plan may have come between: only the fingerprint read under the lock tells what the rows are.
        if before is not None and before.fingerprint == one.fingerprint and not full:
            continue
        found = _compare_duty(db, basis, one, before, now=now)
        if isinstance(found, str):
            faults[one.duty.key] = found
            continue
        added.extend((wanted, one.agenda) for wanted in found.added)
        changes.extend(found.changes)
    gone = _gone(basis, known)
    if retire:
        changes.extend(_retired(db, gone, now=now, today=_today(basis, now)))
    return Difference(tuple(added), tuple(changes), faults, gone)


def too_much(db: Connection, changes: Iterable[Change], *, today: date) -> str | None:
    """A sentence when more would move or go than anybody changes on purpose; None when it may pass."""
    moved = withdrawn = 0
    for change in changes:
        withdrawn += change.withdrawn
        moved += change.move is not None
    if moved + withdrawn <= MANY_AT_LEAST:
        return None
    ahead = select(func.count()).where(occurrences.c.state == OccurrenceState.OPEN, occurrences.c.due_on >= today)
    count = db.execute(ahead).scalar_one()
    if (moved + withdrawn) * 100 <= MANY_PERCENT * count:
        return None
    return (
        f"这次计划会改动{moved}项的日期、撤回{withdrawn}项，合计超过未到期的{count}项的{MANY_PERCENT}%，已停下，什么都没有写入。"
        "请先用 suishi plan --dry-run 查看；确认无误后加上 --yes-many 再运行。"
    )


def _compare_duty(
    db: Connection, basis: PlanBasis, one: PreparedDuty, before: KnownDuty | None, *, now: datetime
) -> Reconciled | str:
    """The duty's difference, or the sentence of its fault."""
    held = held_of(db, one.duty.key) if before is not None else []
    occasion = Occasion(
        now=now,
        today=_today(basis, now),
        years=frozenset(basis.years),
        cause=cause_between(before.fingerprint if before else "", one.fingerprint),
    )
    try:
        wanted = place(one.duty, one.crews, basis) if one.wanted is None else one.wanted
        return reconcile(one.duty, wanted, held, one.agenda, occasion)
    except Exception as error:  # noqa: BLE001 - one duty's fault, whatever it is, must not stop the town's year
        return fault_sentence(one.duty, error)


def _gone(basis: PlanBasis, known: Mapping[str, KnownDuty]) -> dict[str, str]:
    """Duties planned before that no file has any more. While a file is unreadable nothing counts as gone."""
    if basis.unreadable:
        return {}
    present = {duty.key for duty in basis.duties} | basis.broken
    return {key: row.title for key, row in sorted(known.items()) if row.active and key not in present}


def _retired(db: Connection, gone: Iterable[str], *, now: datetime, today: date) -> list[Change]:
    return [withdraw(row, now=now) for key in gone for row in held_of(db, key) if can_withdraw(row, today)]


def _today(basis: PlanBasis, now: datetime) -> date:
    return now.astimezone(basis.tz).date()
