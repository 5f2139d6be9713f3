"""Extending (延期): a later day, given before the old one has passed, with a reason and an author."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, select

from models.office import duties
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.acts import Act
from planning.duty import Role, Step
from planning.escalation import hears
from planning.held import MOVED
from planning.ladder import moments, parse_ladder
from planning.stepping import Moment, enter
from planning.wording import day_name
from planning.workdays import Workdays
from services.awaiting import end_request
from services.errors import Refused
from services.held import (
    Recorded,
    change,
    hold,
    if_recorded,
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


@dataclass(frozen=True, slots=True)
class Ladders:
    """Upon what the moments of a ladder lean."""

    workdays: Workdays
    remind_at: time
    tz: tzinfo


@dataclass(frozen=True, slots=True)
class Extension:
    """What is to be written: the new day, and who answers for it."""

    to: date
    reason: str
    by: str  # person key: who wanted it
    actor: str  # who pressed the button: differs when recorded for somebody else, and when it was approved
    via: str
    now: datetime
    row_version: int | None = None
    approval: dict[str, object] | None = None  # approved_by, approved_name, answer, asked_to
    knowing: frozenset[str] = frozenset()  # person keys: they hear of it otherwise


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
    recorded_by: str | None = None,
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
        today = now.astimezone(tz).date()
        refuse_when_past(held, today=today)
        refuse_bad_day(held, to=to, today=today)
        end_request(db, held.id, now)
        extension = Extension(
            to=to, reason=why, by=by, actor=recorded_by or by, via=via, now=now, row_version=row_version, knowing=frozenset({by})
        )
        return write_extension(db, held, extension, Ladders(workdays, remind_at, tz))

    return store.transact(work)


def write_extension(db: Connection, held: Row[Any], extension: Extension, ladders: Ladders) -> Recorded:
    """The new day with all that follows from it, in the caller's transaction: due change, reminders, notices, entry."""
    to, now = extension.to, extension.now
    epoch = held.due_epoch + 1
    counted = {"extensions": held.extensions + 1, "extension_days": held.extension_days + (to - held.due_on).days}
    # The hour of the day stays what the plan made it; a day that somebody names is moved by no holiday notice.
    due_at = datetime.combine(to, held.due_at.astimezone(ladders.tz).time(), tzinfo=ladders.tz).astimezone(UTC)
    fresh = {"due_on": to, "due_at": due_at, "due_epoch": epoch, "provisional": False, **counted}
    change(db, held, row_version=extension.row_version, now=now, **fresh)
    write_due_change(db, held, epoch=epoch, to=to, cause="extension", reason=extension.reason, now=now)
    told = _remind_anew(db, held, extension, ladders, epoch=epoch)
    payload: dict[str, object] = {
        "by": extension.by,
        "reason": extension.reason,
        "from": held.due_on.isoformat(),
        "to": to.isoformat(),
        "original_due_on": held.original_due_on.isoformat(),
        "due_epoch": epoch,
        "told": told,
        **counted,
    }
    if extension.approval is not None:
        payload |= extension.approval
    else:
        payload |= if_recorded(extension.by, extension.actor)
    return write_entry(db, held, kind=Act.EXTENDED, actor=extension.actor, via=extension.via, now=now, payload=payload)


def _remind_anew(db: Connection, held: Row[Any], extension: Extension, ladders: Ladders, *, epoch: int) -> int:
    """End what speaks of the old day and plan the new one; how many people get a notice."""
    to, now = extension.to, extension.now
    steps = moments(
        _ladder(db, held), to, workdays=ladders.workdays, remind_at=ladders.remind_at, tz=ladders.tz, assigned_at=None
    )
    planned = _rows_of(db, held, steps, epoch=epoch, now=now)
    unsaid = [again(one, due_epoch=epoch) for one in late_notices(db, held.id)]
    end_reminders(db, of_occurrence(held.id), state=ReminderState.SUPERSEDED, reason=Act.EXTENDED)
    plan_reminders(db, [*planned, *unsaid])

    def moved(told_on: date) -> str:
        return f"原定{day_name(told_on)}，改为{day_name(to)}（延期：{extension.reason}）"

    return notices_to_told(db, held, step=MOVED, due_epoch=epoch, besides=extension.knowing, words=moved, now=now)


def refuse_when_past(held: Row[Any], *, today: date) -> None:
    if held.due_on < today:
        raise Refused(
            f"延期须在到期前申请。“{held.title}”的时限{day_name(held.due_on)}已过，未办理延期的按原定时间考核；"
            f"请尽快办理，逾期办结照常登记（suishi done {ref_of(held)}）。",
            code="too_late",
        )


def refuse_bad_day(held: Row[Any], *, to: date, today: date) -> None:
    """A day that is no later one, or that is past by now, or too far away."""
    if to <= held.due_on or to < today:
        raise Refused(
            f"新的时限{day_name(to, with_year=True)}没有晚于现在的时限{day_name(held.due_on, with_year=True)}，请另选日期。"
            if to <= held.due_on
            else f"新的时限{day_name(to, with_year=True)}也已经过去，请另选今天以后的日期。",
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
    parts = active_assignments(db, held.id)
    present = frozenset(Role(part.role) for part in parts)
    for part in parts:
        steps = [(step, at) for step, at in ladder if hears(step.audience, Role(part.role), present)]
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
