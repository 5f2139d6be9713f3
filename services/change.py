"""Changes of mind that are recorded: reopen (恢复待办), waive (免办), and, from their own files, extend and hand over."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, update

from models.occurrence import OccurrenceState
from models.office import duties
from models.reminder import ReminderState
from models.store import Store
from planning.acts import Act
from planning.held import CANCELLED, MOVED
from planning.wording import day_name
from services.asking_sign_off import end_asking
from services.attendance import sheet_for_log
from services.awaiting import end_request
from services.errors import Refused
from services.extend import extend
from services.hand_over import hand_over
from services.held import Recorded, change, hold, if_recorded, needed_text, refuse_unless_open, write_due_change, write_entry
from services.remaining import (
    active_assignments,
    again,
    end_reminders,
    ladder_rows,
    notices_to_told,
    of_occurrence,
    plan_reminders,
    reminder,
)

__all__ = ["Recorded", "extend", "hand_over", "reopen", "waive"]


def reopen(
    store: Store,
    ref: str,
    *,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    row_version: int | None = None,
    recorded_by: str | None = None,
) -> Recorded:
    """Take back a completion or a waiver; both stay on record. The rest of the ladder is planned again.

    Raises Refused: reason_missing, not_closed, withdrawn, changed.
    """
    why = needed_text(reason, what="恢复待办的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        if held.state == OccurrenceState.OPEN:
            raise Refused(f"“{held.title}”还在办理中，不用恢复。", code="not_closed")
        if held.state == OccurrenceState.WITHDRAWN:
            refuse_unless_open(db, held, now=now)
        return reopen_held(db, held, by=by, reason=why, via=via, now=now, row_version=row_version, recorded_by=recorded_by)

    return store.transact(work)


def reopen_held(
    db: Connection,
    held: Row[Any],
    *,
    by: str,
    reason: str,
    via: str,
    now: datetime,
    row_version: int | None,
    recorded_by: str | None,
) -> Recorded:
    """Open what is closed again, in the caller's transaction. Raises Refused: changed."""
    epoch = held.due_epoch + 1
    fresh: dict[str, object] = {"closed_at": None, "done_on": None, "late": False, "proved": False, "signed_off_at": None}
    change(db, held, row_version=row_version, now=now, state=OccurrenceState.OPEN, due_epoch=epoch, **fresh)
    write_due_change(db, held, epoch=epoch, to=held.due_on, cause="reopen", reason=reason, now=now)
    # A waiver's notice that has not left yet would say the opposite of what is true now.
    end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=Act.REOPENED)
    end_asking(db, held, why=Act.REOPENED, now=now)
    rest = [one for one in ladder_rows(db, of_occurrence(held.id), due_epoch=held.due_epoch) if one.fire_at > now]
    plan_reminders(db, [again(one, due_epoch=epoch) for one in rest])
    plan_reminders(db, _unsaid_moves(db, held, epoch=epoch, now=now))
    # A plan leaves closed rows alone: what was edited meanwhile is noticed only if the next one looks at it again.
    db.execute(update(duties).where(duties.c.key == held.duty_key).values(fingerprint=""))
    payload: dict[str, object] = {"by": by, "reason": reason, "from": held.state, "due_on": held.due_on.isoformat()}
    payload |= {"due_epoch": epoch, **if_recorded(by, recorded_by)}
    return write_entry(db, held, kind=Act.REOPENED, actor=recorded_by or by, via=via, now=now, payload=payload)


def waive(store: Store, ref: str, *, by: str, reason: str, via: str, now: datetime, row_version: int | None = None) -> Recorded:
    """Say that it need not be done, and answer for it. Who was told of it hears that it fell away.

    Raises Refused: reason_missing, already_done, waived, withdrawn, changed.
    """
    why = needed_text(reason, what="免办的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        change(db, held, row_version=row_version, now=now, state=OccurrenceState.WAIVED, closed_at=now)
        end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=Act.WAIVED)
        end_request(db, held.id, now)
        notices_to_told(db, held, step=CANCELLED, due_epoch=held.due_epoch, besides={by}, words=_fell_away, now=now)
        payload: dict[str, object] = {"by": by, "reason": why, "due_on": held.due_on.isoformat()} | sheet_for_log(db, held.id)
        return write_entry(db, held, kind=Act.WAIVED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def _unsaid_moves(db: Connection, held: Row[Any], *, epoch: int, now: datetime) -> list[dict[str, object]]:
    """The day moved and was closed before everybody had heard of it: those who know another day are owed a word."""
    knowing = [(one.id, one.told_due_on) for one in active_assignments(db, held.id) if one.told_due_on is not None]
    return [
        reminder(
            assignment_id=part,
            occurrence_id=held.id,
            step=MOVED,
            offset=0,
            due_epoch=epoch,
            fire_at=now,
            say=f"原定{day_name(told_on)}，改为{day_name(held.due_on)}",
        )
        for part, told_on in knowing
        if told_on != held.due_on
    ]


def _fell_away(told_on: date) -> str:
    return f"原定{day_name(told_on)}，现已免办，不再办理"
