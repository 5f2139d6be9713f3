"""Planning as a reconcile: what should be, against the rows; only the difference is written.

Nothing that was sent, done, extended or past is touched. Planning twice changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.store import Store
from planning.basis import PlanBasis
from services.errors import Refused
from services.failpoints import reach
from services.mirror import mirror_duties, mirror_roster, retire_duties
from services.plan_change import apply_changes
from services.plan_compare import Difference, compare, known_duties, too_much
from services.plan_left import owners_who_left
from services.plan_outcome import Move, PlanOutcome
from services.plan_prepare import Prepared, prepare
from services.plan_record import outcome_of, record_plan, report_problems, sentences_for
from services.plan_write import insert_occurrences, lock_plan

__all__ = ["Move", "PlanOutcome", "plan"]


def plan(
    store: Store,
    basis: PlanBasis,
    *,
    now: datetime,
    actor: str = "system",
    dry_run: bool = False,
    retire: bool = False,
    yes_many: bool = False,
    full: bool = False,
    files: Sequence[str] = (),
) -> PlanOutcome:
    """Make the rows what the office's files say they should be.

    ``retire`` lets go of duties that left the files; ``yes_many`` agrees to a large change; ``full`` looks at every
    duty, changed or not; ``dry_run`` answers the same and writes nothing. ``files``: what was edited for this plan, by
    name, where that is known; the log tells it.
    Raises Refused (many_changes), with nothing written, when too much of what lies ahead would change.
    """
    with store.read() as db:
        known = {key: row.fingerprint for key, row in known_duties(db).items()}
    prepared = prepare(basis, known, now=now, full=full)
    job = _Job(
        basis=basis,
        prepared=prepared,
        now=now,
        actor=actor,
        dry_run=dry_run,
        retire=retire,
        yes_many=yes_many,
        full=full,
        files=tuple(files),
    )
    reach("P5")
    try:
        outcome = store.transact(job.carry_out)
    except _Rehearsed as answer:
        return answer.outcome
    reach("P3")
    return outcome


class _Rehearsed(Exception):  # noqa: N818 - not a fault: it takes a dry run's writes back
    def __init__(self, outcome: PlanOutcome) -> None:
        super().__init__("dry run")
        self.outcome = outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    basis: PlanBasis
    prepared: Prepared
    now: datetime
    actor: str
    dry_run: bool
    retire: bool
    yes_many: bool
    full: bool
    files: tuple[str, ...]

    def carry_out(self, db: Connection) -> PlanOutcome:
        """Compare, judge, write: one transaction, repeated as a whole when the database gave up a lock."""
        lock_plan(db)
        found = compare(db, self.basis, self.prepared, now=self.now, retire=self.retire, full=self.full)
        warning = too_much(db, found.changes, today=self.now.astimezone(self.basis.tz).date())
        if warning is not None and not (self.yes_many or self.dry_run):
            raise Refused(warning, code="many_changes")
        changed = self._write(db, found)
        told = sentences_for(self.prepared, found, retire=self.retire, left=owners_who_left(db, self.basis, now=self.now))
        report_problems(db, self.basis, told, now=self.now)
        sentences = (*self.basis.problems, *told.sentences, *((warning,) if warning and not self.yes_many else ()))
        outcome = outcome_of(db, self.basis, found, problems_told=sentences, dry_run=self.dry_run, many=warning is not None)
        record_plan(db, self.basis, outcome, changed=changed, actor=self.actor, now=self.now, files=self.files)
        if self.dry_run:
            raise _Rehearsed(outcome)
        reach("P1")
        return outcome

    def _write(self, db: Connection, found: Difference) -> bool:
        """Whether the year itself changed; the mirror of the files follows in any case."""
        mirror_roster(db, self.basis.roster)
        planned = [one for one in self.prepared.duties if one.duty.key not in found.faults]
        mirror_duties(db, [(one.position, one.duty, one.fingerprint) for one in planned], now=self.now)
        insert_occurrences(db, found.added, now=self.now)
        apply_changes(db, found.changes, now=self.now)
        if self.retire and found.gone:
            retire_duties(db, found.gone)
        return not found.is_empty or (self.retire and bool(found.gone))
