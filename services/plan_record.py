"""What a plan leaves behind besides the occurrences: the admin's problems, its own row, one log entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from models.occurrence import OccurrenceState, occurrences
from models.office import plans
from models.upkeep import problems
from planning.acts import PLANNED
from planning.basis import PlanBasis
from planning.changes import Change
from services.journal import append
from services.plan_compare import Difference
from services.plan_left import LEFT
from services.plan_outcome import Move, PlanOutcome
from services.plan_prepare import Prepared, gap_sentence
from services.plan_updates import updates_of
from services.problems import close_problem, close_problems_except, report_problem

CALENDAR, NOBODY, FAULT, GONE = "calendar", "nobody", "plan", "gone"
_LISTED_MOVES = 200
"""A holiday notice may move thousands; the log names so many and the rows know them all."""


@dataclass(frozen=True, slots=True)
class Told:
    """The sentences for the admin, by the problem's kind and key."""

    by_kind: Mapping[str, Mapping[str, str]]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(text for kind in self.by_kind.values() for text in kind.values())


def sentences_for(prepared: Prepared, found: Difference, *, retire: bool, left: Mapping[str, str]) -> Told:
    nobody = {f"{NOBODY}:{one.duty.key}": gap_sentence(one.duty, one.gaps) for one in prepared.duties if one.gaps}
    faults = {f"{FAULT}:{key}": text for key, text in found.faults.items()}
    gone = {} if retire else {f"{GONE}:{key}": _gone_sentence(key, title) for key, title in found.gone.items()}
    return Told({FAULT: faults, NOBODY: nobody, GONE: gone, LEFT: left})


def report_problems(db: Connection, basis: PlanBasis, told: Told, *, now: datetime) -> None:
    """Open what is wrong, close what is not any more; duties that could not be read keep what was said of them."""
    if basis.problems:
        report_problem(db, key=CALENDAR, kind=CALENDAR, text="\n".join(basis.problems), now=now)
    else:
        close_problem(db, key=CALENDAR, now=now)
    for kind, texts in told.by_kind.items():
        for key, text in texts.items():
            report_problem(db, key=key, kind=kind, text=text, now=now)
        close_problems_except(db, kind=kind, keys=set(texts) | _unknown(db, basis, kind), now=now)


def outcome_of(
    db: Connection, basis: PlanBasis, found: Difference, *, problems_told: Iterable[str], dry_run: bool, many: bool
) -> PlanOutcome:
    """Count what was done and what now stands; called after the writing."""
    moved = tuple(_move(change) for change in found.changes if change.move is not None and not change.reopened)
    withdrawn = tuple(change.ref for change in found.changes if change.withdrawn)
    added = len(found.added) + sum(change.reopened for change in found.changes)
    updated = sum(change.move is None and not change.withdrawn and not change.reopened for change in found.changes)
    by_kind, provisional, present = _standing(db)
    return PlanOutcome(
        added=added,
        moved=moved,
        withdrawn=withdrawn,
        updated=updated,
        unchanged=present - added - len(moved) - updated,
        notices=sum(len(change.told) for change in found.changes),
        by_kind=by_kind,
        provisional=provisional,
        gone=tuple(found.gone),
        degraded=bool(basis.broken or basis.unreadable or found.faults),
        problems=tuple(problems_told),
        dry_run=dry_run,
        many=many,
        heard=sum(change.heard for change in found.changes),
        heard_overdue=sum(change.heard and change.overdue for change in found.changes),
        hushed=sum(change.hushed for change in found.changes),
        updates=updates_of(found.changes),
    )


def record_plan(
    db: Connection,
    basis: PlanBasis,
    outcome: PlanOutcome,
    *,
    changed: bool,
    actor: str,
    now: datetime,
    files: Sequence[str] = (),
) -> None:
    """The plan's own row when it changed something or other files are in force; a log entry only for the former.

    ``files``: names of those that were edited for it, where that is known.
    """
    last = db.execute(select(plans.c.revision, plans.c.degraded).order_by(plans.c.id.desc()).limit(1)).one_or_none()
    if not changed and last is not None and (last.revision, last.degraded) == (basis.revision, outcome.degraded):
        return
    counts = {"added": outcome.added, "moved": len(outcome.moved), "withdrawn": len(outcome.withdrawn)}
    row = {"at": now, "revision": basis.revision, "degraded": outcome.degraded, "problems": list(outcome.problems)}
    db.execute(insert(plans), {**counts, **row})
    if not changed:
        return
    payload = {
        **counts,
        "updated": outcome.updated,
        "notices": outcome.notices,
        "degraded": outcome.degraded,
        "revision": basis.revision,
        "moves": [f"{move.ref} {move.from_on}→{move.to_on}" for move in outcome.moved[:_LISTED_MOVES]],
        "withdrawals": list(outcome.withdrawn[:_LISTED_MOVES]),
        "updates": [one.sentence for one in outcome.updates],
        **({"files": list(files)} if files else {}),
    }
    append(db, at=now, actor=actor, via="plan", kind=PLANNED, subject="plan", payload=payload)


def _gone_sentence(key: str, title: str) -> str:
    return (
        f"事项“{title}”（{key}）已不在日历文件里，它的办理项全部保留。"
        "如果确实不再办理，请运行 suishi plan --retire；如果是误删，请把它写回日历文件。"
    )


def _unknown(db: Connection, basis: PlanBasis, kind: str) -> set[str]:
    """Problems about duties that cannot be judged now, because they or their file could not be read."""
    if basis.unreadable:
        listed = select(problems.c.key).where(problems.c.kind == kind, problems.c.closed_at.is_(None))
        known = {f"{kind}:{duty.key}" for duty in basis.duties}
        return set(db.execute(listed).scalars()) - known
    return {f"{kind}:{key}" for key in basis.broken}


def _move(change: Change) -> Move:
    if change.move is None:
        raise ValueError(f"{change.ref} did not move")
    moved = change.move
    return Move(change.ref, change.title, moved.from_on, moved.to_on, moved.reason, change.told)


def _standing(db: Connection) -> tuple[dict[str, int], int, int]:
    """Open occurrences by kind, how many of them are provisional, and all occurrences that are not withdrawn."""
    grouped = db.execute(
        select(occurrences.c.kind, occurrences.c.state, occurrences.c.provisional, func.count())
        .where(occurrences.c.state != OccurrenceState.WITHDRAWN)
        .group_by(occurrences.c.kind, occurrences.c.state, occurrences.c.provisional)
    ).all()
    by_kind: dict[str, int] = {}
    provisional = present = 0
    for kind, state, is_provisional, count in grouped:
        present += count
        if state == OccurrenceState.OPEN:
            by_kind[kind] = by_kind.get(kind, 0) + count
            provisional += count if is_provisional else 0
    return by_kind, provisional, present
