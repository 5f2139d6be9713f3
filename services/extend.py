"""Extending (延期): a later day, given before the old one has passed, with a reason and an author."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, select

from models.office import duties
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.acts import Act
from planning.duty import Step
from planning.held import MOVED
from planning.ladder import moments, parse_ladder
from planning.stepping import Moment, enter
from planning.wording import day_name
from planning.workdays import Workdays
from services.errors import Refused
from services.held import (
    Recorded,
    change,
    hold,
    needed_text,
    ref_of,
    refuse_if_stale,
    refuse_unless_open,
    write_due_change,
    write_entry,
)
from services.remaining import (
    active_assignments,
    again,
    end_reminders,
    late_notices,
    notices_to_told,
    of_occurrence,
    plan_reminders,
    reminder,
)


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
    Raises Refused: reason_missing, not_later, too_late, too_far (after the end of next year), already_done, waived,
    withdrawn, changed.
    """
    why = needed_text(reason, what="延期的原因")

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        refuse_if_stale(db, held, row_version=row_version, now=now)
        _refuse_bad_extension(held, to=to, today=now.astimezone(tz).date())
        epoch = held.due_epoch + 1
        counted = {"extensions": held.extensions + 1, "extension_days": held.extension_days + (to - held.due_on).days}
        # The hour of the day stays what the plan made it; a day that somebody names is moved by no holiday notice.
        due_at = datetime.combine(to, held.due_at.astimezone(tz).time(), tzinfo=tz).astimezone(UTC)
        fresh = {"due_on": to, "due_at": due_at, "due_epoch": epoch, "provisional": False, **counted}
        change(db, held, row_version=row_version, now=now, **fresh)
        write_due_change(db, held, epoch=epoch, to=to, cause="extension", reason=why, now=now)
        ladder = moments(_ladder(db, held), to, workdays=workdays, remind_at=remind_at, tz=tz, assigned_at=None)
        told = _remind_anew(db, held, ladder, epoch=epoch, to=to, why=why, by=by, now=now)
        payload: dict[str, object] = {
            "by": by,
            "reason": why,
            "from": held.due_on.isoformat(),
            "to": to.isoformat(),
            "original_due_on": held.original_due_on.isoformat(),
            "due_epoch": epoch,
            "told": told,
            **counted,
        }
        return write_entry(db, held, kind=Act.EXTENDED, actor=by, via=via, now=now, payload=payload)

    return store.transact(work)


def _remind_anew(
    db: Connection,
    held: Row[Any],
    ladder: list[tuple[Step, datetime]],
    *,
    epoch: int,
    to: date,
    why: str,
    by: str,
    now: datetime,
) -> int:
    """End what speaks of the old day and plan the new one; how many people get a notice."""
    planned = _rows_of(db, held, ladder, epoch=epoch, now=now)
    unsaid = [again(one, due_epoch=epoch) for one in late_notices(db, held.id)]
    end_reminders(db, of_occurrence(held.id), state=ReminderState.SUPERSEDED, reason=Act.EXTENDED)
    plan_reminders(db, [*planned, *unsaid])

    def moved(told_on: date) -> str:
        return f"原定{day_name(told_on)}，改为{day_name(to)}（延期：{why}）"

    return notices_to_told(db, held, step=MOVED, due_epoch=epoch, besides=by, words=moved, now=now)


def _refuse_bad_extension(held: Row[Any], *, to: date, today: date) -> None:
    if held.due_on < today:
        raise Refused(
            f"延期须在到期前申请。“{held.title}”的时限{day_name(held.due_on)}已过，未办理延期的按原定时间考核；"
            f"请尽快办理，逾期办结照常登记（suishi done {ref_of(held)}）。",
            code="too_late",
        )
    if to <= held.due_on:
        raise Refused(
            f"新的时限{day_name(to, with_year=True)}没有晚于现在的时限{day_name(held.due_on, with_year=True)}，请另选日期。",
            code="not_later",
        )
    last = date(today.year + 1, 12, 31)
    if to > last:
        raise Refused(
            f"新的时限{day_name(to, with_year=True)}太远，延期最远到{day_name(last, with_year=True)}，请核对年份。",
            code="too_far",
        )


def _ladder(db: Connection, held: Row[Any]) -> tuple[Step, ...]:
    return parse_ladder(db.execute(select(duties.c.ladder).where(duties.c.key == held.duty_key)).scalar_one())


def _rows_of(
    db: Connection, held: Row[Any], ladder: list[tuple[Step, datetime]], *, epoch: int, now: datetime
) -> list[dict[str, object]]:
    """A reminder for each step and each person whom it tells; what a step asks for in particular stands in older rows.

    Of the steps that have passed the newest speaks to who was never told; the others are folded.
    """
    older = select(reminders.c.step, reminders.c.say).where(of_occurrence(held.id), reminders.c.say != "")
    say = {one.step: one.say for one in db.execute(older)}
    rows: list[dict[str, object]] = []
    for part in active_assignments(db, held.id):
        steps = [(step, at) for step, at in ladder if part.role in step.audience]
        wanted = [Moment(step.name, step.offset or 0, at, say.get(step.name, "")) for step, at in steps]
        rows.extend(
            reminder(
                assignment_id=part.id,
                occurrence_id=held.id,
                due_epoch=epoch,
                folded=entry.folded,
                **entry.moment._asdict(),
            )
            for entry in enter(wanted, now=now, newest_speaks=part.told_due_on is None)
        )
    return rows
