"""Changes of mind that are recorded: reopen (恢复待办), waive (免办), and, from their own files, extend and hand over."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Connection, update

from models.occurrence import OccurrenceState
from models.office import duties
from models.reminder import ReminderState
from models.store import Store
from planning.acts import Act
from planning.held import CANCELLED
from planning.wording import day_name
from services.errors import Refused
from services.extend import extend
from services.hand_over import hand_over
from services.held import Recorded, change, hold, needed_text, refuse_unless_open, write_due_change, write_entry
from services.remaining import again, end_reminders, ladder_rows, notices_to_told, of_occurrence, plan_reminders

__all__ = ["Recorded", "extend", "hand_over", "reopen", "waive"]


def reopen(store: Store, ref: str, *, by: str, reason: str, via: str, now: datetime, row_version: int | None = None) -> Recorded:
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
        epoch = held.due_epoch + 1
        fresh: dict[str, object] = {"closed_at": None, "done_on": None, "late": False, "signed_off_at": None}
        change(db, held, row_version=row_version, now=now, state=OccurrenceState.OPEN, due_epoch=epoch, **fresh)
        write_due_change(db, held, epoch=epoch, to=held.due_on, cause="reopen", reason=why, now=now)
        # A waiver's notice that has not left yet would say the opposite of what is true now.
        end_reminders(db, of_occurrence(held.id), state=ReminderState.CANCELLED, reason=Act.REOPENED)
        rest = [one for one in ladder_rows(db, of_occurrence(held.id), due_epoch=held.due_epoch) if one.fire_at > now]
        plan_reminders(db, [again(one, due_epoch=epoch) for one in rest])
        # A plan leaves closed rows alone: what was edited meanwhile is noticed only if the next one looks at it again.
        db.execute(update(duties).where(duties.c.key == held.duty_key).values(fingerprint=""))
        payload: dict[str, object] = {"by": by, "reason": why, "from": held.state, "due_on": held.due_on.isoformat()}
        payload["due_epoch"] = epoch
        return write_entry(db, held, kind=Act.REOPENED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


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
        notices_to_told(db, held, step=CANCELLED, due_epoch=held.due_epoch, besides=by, words=_fell_away, now=now)
        payload: dict[str, object] = {"by": by, "reason": why, "due_on": held.due_on.isoformat()}
        return write_entry(db, held, kind=Act.WAIVED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def _fell_away(told_on: date) -> str:
    return f"原定{day_name(told_on)}，现已免办，不再办理"
