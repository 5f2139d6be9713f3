"""Handing over (移交): the work goes to another owner; what was stays on record under the old name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from models.occurrence import assignments
from models.reminder import ReminderState, reminders
from models.store import Store
from models.upkeep import links
from planning.acts import Act
from planning.duty import Role
from planning.held import HANDED_OVER
from services.errors import Refused
from services.held import (
    Recorded,
    change,
    hold,
    if_recorded,
    needed_text,
    refuse_if_stale,
    refuse_unless_open,
    write_due_change,
    write_entry,
)
from services.plan_left import close_when_none_remains
from services.remaining import (
    active_assignments,
    again,
    end_reminders,
    ladder_rows,
    of_assignment,
    of_occurrence,
    plan_reminders,
    reminder,
    unsaid_rows,
)


def hand_over(
    store: Store,
    ref: str,
    *,
    to: str,
    to_name: str,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    from_person: str | None = None,
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Give the work to another owner. The old owner's part and links end; the ladder goes on from where it stands.

    ``from_person`` is needed only where there are several owners. Where ``to`` is one of them already, the part of
    ``from_person`` ends and the item stays with ``to``, who is told so; the plan gives it to nobody else again.
    Raises Refused: reason_missing, no_owner, which_owner, already_owner, and those of a closed occurrence.
    """
    why = needed_text(reason, what="移交的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        refuse_if_stale(db, held, row_version=row_version, now=now)
        owners = _owners(db, held)
        old = _leaving(held, owners, from_person=from_person, to=to, to_name=to_name)
        waiting = [one for one in ladder_rows(db, of_assignment(old.id), due_epoch=held.due_epoch) if one.fire_at > now]
        _end_assignment(db, old, now=now)
        payload: dict[str, object] = {"by": by, "reason": why, "from": old.person, "from_name": old.name}
        payload |= {"to": to, "to_name": to_name, **if_recorded(by, recorded_by)}
        staying = next((one for one in owners if one.person == to), None)
        if staying is not None:
            change(db, held, row_version=row_version, now=now)
            _leave_to(db, held, staying, why=why, now=now)
            close_when_none_remains(db, old.person, now=now)
            payload |= {"due_epoch": held.due_epoch, "released": True}
            return write_entry(db, held, kind=Act.HANDED_OVER, actor=recorded_by or by, via=via, now=now, payload=payload)
        returning = _earlier_part(db, held, person=to)
        # Steps that a returning owner already has at this epoch cannot be planned again: a new one is begun.
        epoch = held.due_epoch if returning is None else _next_epoch(db, held, why=why, now=now)
        change(db, held, row_version=row_version, now=now, due_epoch=epoch)
        part = _take_part(db, held, returning, to=to, to_name=to_name, now=now)
        close_when_none_remains(db, old.person, now=now)
        notice = reminder(
            assignment_id=part, occurrence_id=held.id, step=HANDED_OVER, offset=0, due_epoch=epoch, fire_at=now, say=why
        )
        plan_reminders(db, [notice, *(again(one, due_epoch=epoch, assignment_id=part) for one in waiting)])
        payload["due_epoch"] = epoch
        return write_entry(db, held, kind=Act.HANDED_OVER, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)


def _owners(db: Connection, held: Row[Any]) -> list[Row[Any]]:
    return [one for one in active_assignments(db, held.id) if one.role == Role.OWNER]


def _leaving(held: Row[Any], owners: list[Row[Any]], *, from_person: str | None, to: str, to_name: str) -> Row[Any]:
    """The owner's part that is to end."""
    if not owners:
        raise Refused(
            f"“{held.title}”现在没有承办人，无从移交。请先在人员文件中补上，再重新计划（suishi plan）。", code="no_owner"
        )
    owning = {one.person for one in owners}
    if to in owning and (from_person == to or from_person not in owning):
        raise Refused(f"“{held.title}”已经由{to_name}承办，不用移交。", code="already_owner")
    names = "、".join(one.name for one in owners)
    chosen = [one for one in owners if from_person in {None, one.person}]
    if not chosen:
        raise Refused(f"“{held.title}”的承办人是{names}，没有“{from_person}”，请核对从谁手里移交。", code="no_owner")
    if len(chosen) > 1:
        raise Refused(f"“{held.title}”有几位承办人（{names}），请写明从谁手里移交。", code="which_owner")
    return chosen[0]


def _leave_to(db: Connection, held: Row[Any], staying: Row[Any], *, why: str, now: datetime) -> None:
    """Who owned it beside the other owns it alone: by a human's hand, so that no plan brings the other back."""
    db.execute(update(assignments).where(assignments.c.id == staying.id).values(handed=True))
    told = and_(of_assignment(staying.id), reminders.c.step == HANDED_OVER, reminders.c.due_epoch == held.due_epoch)
    if db.execute(select(reminders.c.id).where(told)).first() is None:  # one such word for each epoch
        row = reminder(
            assignment_id=staying.id,
            occurrence_id=held.id,
            step=HANDED_OVER,
            offset=0,
            due_epoch=held.due_epoch,
            fire_at=now,
            say=why,
        )
        plan_reminders(db, [row])


def _end_assignment(db: Connection, old: Row[Any], *, now: datetime) -> None:
    db.execute(update(assignments).where(assignments.c.id == old.id, assignments.c.active).values(active=False))
    end_reminders(db, of_assignment(old.id), state=ReminderState.CANCELLED, reason=Act.HANDED_OVER)
    db.execute(update(links).where(links.c.assignment_id == old.id, links.c.revoked_at.is_(None)).values(revoked_at=now))


def _earlier_part(db: Connection, held: Row[Any], *, person: str) -> int | None:
    """The part of somebody who owned this before and gets it back."""
    mine = select(assignments.c.id).where(assignments.c.occurrence_id == held.id, assignments.c.person == person)
    return db.execute(mine.where(assignments.c.role == Role.OWNER)).scalar_one_or_none()


def _next_epoch(db: Connection, held: Row[Any], *, why: str, now: datetime) -> int:
    """Begin a new epoch at the same due day, and take along what the others have not been told yet."""
    epoch: int = held.due_epoch + 1
    write_due_change(db, held, epoch=epoch, to=held.due_on, cause="handover", reason=f"移交：{why}", now=now)
    moved = [again(one, due_epoch=epoch) for one in unsaid_rows(db, held.id, due_epoch=held.due_epoch)]
    end_reminders(db, of_occurrence(held.id), state=ReminderState.SUPERSEDED, reason=Act.HANDED_OVER)
    plan_reminders(db, moved)
    return epoch


def _take_part(db: Connection, held: Row[Any], returning: int | None, *, to: str, to_name: str, now: datetime) -> int:
    part = {"name": to_name, "active": True, "handed": True, "since": now, "told_due_on": None}
    if returning is not None:
        db.execute(update(assignments).where(assignments.c.id == returning).values(**part))
        return returning
    row = {**part, "occurrence_id": held.id, "person": to, "role": Role.OWNER}
    added: int = db.execute(insert(assignments).returning(assignments.c.id), row).scalar_one()
    return added
