"""Owners who have left while their work stays: what was extended by hand or is past, no plan gives to anybody else."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from models.occurrence import OccurrenceState, assignments, occurrences
from planning.basis import PlanBasis
from planning.duty import Role
from planning.reference import reference
from services.problems import close_problem

LEFT = "left"
_NAMED = 3
"""References that a sentence names; ``suishi list --person`` has all of them."""


def left_key(person: str) -> str:
    return f"{LEFT}:{person}"


def owners_who_left(db: Connection, basis: PlanBasis, *, now: datetime) -> dict[str, str]:
    """A sentence for each person who has left and still owns what is open, by the problem's key.

    To be called when the plan is written. Nobody is guessed in their place; the steps for those who oversee go on.
    """
    today = now.astimezone(basis.tz).date()
    owned: dict[tuple[str, str], list[str]] = defaultdict(list)
    wanted = (
        select(assignments.c.person, assignments.c.name, occurrences.c.duty_key, occurrences.c.period)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(assignments.c.active, assignments.c.role == Role.OWNER)
        .where(occurrences.c.state == OccurrenceState.OPEN, ~occurrences.c.silent)
        .order_by(occurrences.c.due_on, occurrences.c.id)
    )
    gone = _gone(db, basis, today)
    if not gone:
        return {}
    for row in db.execute(wanted.where(assignments.c.person.in_(sorted(gone)))):
        owned[row.person, row.name].append(reference(row.duty_key, row.period))
    return {left_key(person): _sentence(name, refs) for (person, name), refs in owned.items()}


def close_when_none_remains(db: Connection, person: str, *, now: datetime) -> None:
    """After a hand over: the problem ends with the last of the person's open work."""
    left = (
        select(func.count())
        .select_from(assignments.join(occurrences, occurrences.c.id == assignments.c.occurrence_id))
        .where(assignments.c.person == person, assignments.c.active, assignments.c.role == Role.OWNER)
        .where(occurrences.c.state == OccurrenceState.OPEN, ~occurrences.c.silent)
    )
    if db.execute(left).scalar_one() == 0:
        close_problem(db, key=left_key(person), now=now)


def _gone(db: Connection, basis: PlanBasis, today: date) -> set[str]:
    """Who has left. Who is not in the files at all has left too, if the files can be read: a slip of the pen is no leaving."""
    known = basis.roster.people
    gone = {key for key, person in known.items() if person.left_on is not None and person.left_on <= today}
    if basis.problems or basis.unreadable:
        return gone
    active = select(assignments.c.person).distinct().where(assignments.c.active, assignments.c.role == Role.OWNER)
    return gone | {key for key in db.execute(active).scalars() if key not in known}


def _sentence(name: str, refs: list[str]) -> str:
    named = "、".join(refs[:_NAMED]) + ("等" if len(refs) > _NAMED else "")
    return f"{name}已离任，{len(refs)}件在办事项请移交：{named}（suishi hand-over 编号 --from {name} --to 接手人）。"
