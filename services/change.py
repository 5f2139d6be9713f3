"""Changes of mind that are recorded: reopen (恢复待办), waive (免办), extend (延期), hand over (移交)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from models.occurrence import OccurrenceState, assignments, due_changes
from models.office import duties
from models.reminder import NOTICE_STEPS, ReminderState, reminders
from models.store import Store
from models.upkeep import links
from planning.acts import Act
from planning.duty import Role
from planning.ladder import moments, parse_ladder
from planning.wording import day_name
from planning.workdays import Workdays
from services.errors import Refused
from services.held import Recorded, change, hold, name_of, needed_text, ref_of, refuse_unless_open, write_entry
from services.remaining import (
    active_assignments,
    again,
    end_reminders,
    ladder_rows,
    late_notices,
    notices_to_told,
    of_assignment,
    of_occurrence,
    plan_reminders,
    reminder,
)

HANDED_OVER = "handed-over"
"""The step that tells the new owner."""


def reopen(
    store: Store, ref: str, *, by: str, reason: str, via: str, now: datetime, row_version: int | None = None
) -> Recorded:
    """Take back a completion or a waiver; both stay on record. The rest of the ladder is planned again.

    Raises Refused: reason_missing, not_closed, withdrawn, changed.
    """
    why = needed_text(reason, what="恢复待办的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        if held.state == OccurrenceState.OPEN:
            raise Refused(f"“{held.title}”还在办理中,不用恢复。", code="not_closed")
        if held.state == OccurrenceState.WITHDRAWN:
            refuse_unless_open(db, held, now=now)
        epoch = held.due_epoch + 1
        fresh: dict[str, object] = {"closed_at": None, "done_on": None, "late": False, "signed_off_at": None}
        change(db, held, row_version=row_version, now=now, state=OccurrenceState.OPEN, due_epoch=epoch, **fresh)
        _write_due_change(db, held, epoch=epoch, to=held.due_on, cause="reopen", reason=why, now=now)
        # A waiver's notice that has not left yet would say the opposite of what is true now.
        end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=Act.REOPENED)
        _plan_rest(db, held, epoch=epoch, now=now)
        payload: dict[str, object] = {"by": by, "reason": why, "from": held.state, "due_on": held.due_on.isoformat()}
        payload["due_epoch"] = epoch
        return write_entry(db, held, kind=Act.REOPENED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def waive(
    store: Store, ref: str, *, by: str, reason: str, via: str, now: datetime, row_version: int | None = None
) -> Recorded:
    """Say that it need not be done, and answer for it. Who was told of it hears that it fell away.

    Raises Refused: reason_missing, already_done, waived, withdrawn, changed.
    """
    why = needed_text(reason, what="免办的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        change(db, held, row_version=row_version, now=now, state=OccurrenceState.WAIVED, closed_at=now)
        end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=Act.WAIVED)
        notices_to_told(db, held, step="cancelled", due_epoch=held.due_epoch, besides=by, now=now)
        payload: dict[str, object] = {"by": by, "reason": why, "due_on": held.due_on.isoformat()}
        return write_entry(db, held, kind=Act.WAIVED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def extend(
    store: Store,
    ref: str,
    *,
    to: date,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    workdays: Workdays,
    remind_at: time,
    tz: tzinfo,
    row_version: int | None = None,
) -> Recorded:
    """Give a later day, before the old one has passed. The original day, the number and the days of extensions stay.

    The ladder follows the new day; who was told of the old one and did not ask for this hears of it once.
    Raises Refused: reason_missing, not_later, too_late, already_done, waived, withdrawn, changed.
    """
    why = needed_text(reason, what="延期的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        _refuse_bad_extension(held, to=to, today=now.astimezone(tz).date())
        epoch, days = held.due_epoch + 1, (to - held.due_on).days
        change(
            db,
            held,
            row_version=row_version,
            now=now,
            due_on=to,
            # The hour of the day stays what the plan made it.
            due_at=datetime.combine(to, held.due_at.astimezone(tz).time(), tzinfo=tz).astimezone(UTC),
            due_epoch=epoch,
            extensions=held.extensions + 1,
            extension_days=held.extension_days + days,
            provisional=False,  # somebody named this day: no holiday notice moves it
        )
        _write_due_change(db, held, epoch=epoch, to=to, cause="extension", reason=why, now=now)
        planned = _ladder_to(db, held, to=to, epoch=epoch, workdays=workdays, remind_at=remind_at, tz=tz, now=now)
        unsaid = [again(one, due_epoch=epoch) for one in late_notices(db, held.id)]
        end_reminders(db, of_occurrence(held.id), state=ReminderState.SUPERSEDED, reason=Act.EXTENDED)
        plan_reminders(db, [*planned, *unsaid])
        told = notices_to_told(db, held, step="moved", due_epoch=epoch, besides=by, now=now)
        payload: dict[str, object] = {
            "by": by,
            "reason": why,
            "from": held.due_on.isoformat(),
            "to": to.isoformat(),
            "original_due_on": held.original_due_on.isoformat(),
            "days": days,
            "extensions": held.extensions + 1,
            "extension_days": held.extension_days + days,
            "due_epoch": epoch,
            "told": told,
        }
        return write_entry(db, held, kind=Act.EXTENDED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


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
) -> Recorded:
    """Give the work to another owner. The old owner's part, name and links end; the ladder goes on from where it stands.

    ``from_person`` is needed only where there are several owners.
    Raises Refused: reason_missing, no_owner, which_owner, same_person, already_owner, and those of a closed occurrence.
    """
    why = needed_text(reason, what="移交的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        old = _owner_to_leave(db, held, from_person=from_person, to=to, to_name=to_name)
        epoch = held.due_epoch
        new_id = _take_back(db, held, to=to, to_name=to_name, now=now)
        if new_id is None:
            new_id = db.execute(
                insert(assignments).returning(assignments.c.id),
                {
                    "occurrence_id": held.id,
                    "person": to,
                    "name": to_name,
                    "role": Role.OWNER,
                    "active": True,
                    "handed": True,
                    "since": now,
                    "told_due_on": None,
                },
            ).scalar_one()
        else:
            epoch = _raise_epoch(db, held, why=why, now=now)
        change(db, held, row_version=row_version, now=now, due_epoch=epoch)
        _end_assignment(db, old)
        waiting = [one for one in ladder_rows(db, of_assignment(old.id), due_epoch=held.due_epoch) if one.fire_at > now]
        notice = reminder(
            assignment_id=new_id, occurrence_id=held.id, step=HANDED_OVER, offset=0, due_epoch=epoch, fire_at=now, say=why
        )
        plan_reminders(db, [notice, *(again(one, due_epoch=epoch, assignment_id=new_id) for one in waiting)])
        payload: dict[str, object] = {"by": by, "reason": why, "from": old.person, "from_name": old.name}
        payload |= {"to": to, "to_name": to_name, "due_epoch": epoch}
        return write_entry(db, held, kind=Act.HANDED_OVER, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)
