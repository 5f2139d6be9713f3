"""Putting off (稍后提醒): the reader chooses a later workday on which he is reminded again, before the due day.

Only his own reminders wait; whoever oversees hears what the ladder says. The due day itself and what comes after it
cannot be put off.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select, update

from models.record import log_entries
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.acts import Act
from planning.duty import Role, Shift
from planning.held import NOTICES, SNOOZED
from planning.instants import instant
from planning.wording import day_name
from planning.workdays import Workdays
from services.awaiting import pending_request
from services.errors import Refused
from services.held import Recorded, hold, if_recorded, last_entry, ref_of, refuse_unless_open, write_entry
from services.remaining import active_assignments, plan_reminders, reminder

MOST = 3
"""How often one person may put off one occurrence."""

_ACTING = (Role.OWNER, Role.PARTNER, Role.VERIFIER)
_REASON = "按本人要求推迟到"
_THREE = 3
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """A day to which a reader may put off, and what it is called."""

    until: date
    words: str  # 明天, 3个工作日后, 下周一


def choices(due_on: date, *, today: date, workdays: Workdays) -> tuple[Choice, ...]:
    """The usual days that are allowed, each once, soonest first."""
    tomorrow = today + timedelta(days=1)
    monday = today + timedelta(days=_WEEK - today.weekday())
    offered = (
        (tomorrow, "明天"),
        (workdays.add(today, _THREE), f"{_THREE}个工作日后"),
        (monday, "下周一"),
    )
    last = last_day(due_on, workdays=workdays)
    found: dict[date, Choice] = {}
    for on, words in offered:
        until = workdays.roll(on, Shift.FORWARD)
        if until <= last:
            found.setdefault(until, Choice(until, words if until == on else "休息日后"))
    return tuple(found[until] for until in sorted(found))


def last_day(due_on: date, *, workdays: Workdays) -> date:
    """The last workday before the day on which the ladder says 今日到期."""
    return workdays.add(workdays.roll(due_on, Shift.BACKWARD), -1)


def snooze(
    store: Store,
    ref: str,
    *,
    person: str,
    until: date,
    by: str,
    via: str,
    now: datetime,
    workdays: Workdays,
    remind_at: time,
    tz: tzinfo,
    recorded_by: str | None = None,
) -> Recorded:
    """Hold the person's reminders of this occurrence until the morning of ``until``; then exactly one speaks.

    A rest day means the next workday. ``by`` is who asks for it, usually the person himself. The same day chosen again
    (a double click) adds nothing. Raises Refused: not_yours, not_later, too_late (later than the last workday before the
    due day), too_often, awaiting_extension, already_done, waived, withdrawn.
    """

    def work(db: Connection) -> Recorded:
        held = hold(db, ref)
        refuse_unless_open(db, held, now=now)
        parts = _own_parts(db, held, person)
        today = now.astimezone(tz).date()
        day = _allowed_day(db, held, until, today=today, workdays=workdays)
        same = _just_chosen(db, held, person, day)
        if same is not None:
            return same
        earlier = _how_often(db, held, person)
        if earlier >= MOST:
            raise Refused(
                f"“{held.title}”已推迟提醒{MOST}次，不能再推迟。办不完的请申请延期，或与分管领导商量。", code="too_often"
            )
        morning = instant(day, remind_at, tz)
        put_off = _put_off(db, held, parts, morning=morning, turn=earlier + 1, tz=tz)
        payload: dict[str, object] = {"by": by, "person": person, "until": day.isoformat(), "held": put_off}
        payload |= {"due_on": held.due_on.isoformat(), **if_recorded(by, recorded_by)}
        return write_entry(db, held, kind=Act.SNOOZED, actor=recorded_by or by, via=via, now=now, payload=payload)

    return store.transact(work)


def _own_parts(db: Connection, held: Row[Any], person: str) -> list[Row[Any]]:
    found = [part for part in active_assignments(db, held.id) if part.person == person and part.role in _ACTING]
    if not found:
        raise Refused(f"“{held.title}”不由您办理，没有可以推迟的提醒。", code="not_yours")
    return found


def _allowed_day(db: Connection, held: Row[Any], until: date, *, today: date, workdays: Workdays) -> date:
    if pending_request(db, held.id) is not None:
        raise Refused(f"“{held.title}”延期待批，批复之前不再提醒，不用推迟。", code="awaiting_extension")
    day = workdays.roll(until, Shift.FORWARD)
    if until <= today:
        raise Refused(f"推迟提醒要选今天以后的日子，{day_name(until)}不行。", code="not_later")
    last = last_day(held.due_on, workdays=workdays)
    if day > last:
        limit = f"最晚推迟到{day_name(last)}" if last > today else "现在已不能推迟"
        raise Refused(
            f"“{held.title}”的时限是{day_name(held.due_on)}，到期当日和逾期后的提醒不能推迟，{limit}。"
            f"办不完的请申请延期（suishi extend {ref_of(held)}）。",
            code="too_late",
        )
    return day


def _just_chosen(db: Connection, held: Row[Any], person: str, day: date) -> Recorded | None:
    """The entry of this very choice, when nothing else has happened to the occurrence since."""
    last = last_entry(db, held)
    if last is None or last.kind != Act.SNOOZED:
        return None
    said = json.loads(last.payload)
    chosen = (said["person"], said["until"]) == (person, day.isoformat())
    return Recorded(ref_of(held), last.seq, last.hash) if chosen else None


def _how_often(db: Connection, held: Row[Any], person: str) -> int:
    mine = select(log_entries.c.payload).where(log_entries.c.subject == ref_of(held), log_entries.c.kind == Act.SNOOZED)
    return sum(json.loads(payload).get("person") == person for payload in db.execute(mine).scalars())


def _put_off(db: Connection, held: Row[Any], parts: list[Row[Any]], *, morning: datetime, turn: int, tz: tzinfo) -> int:
    """How many reminders wait now. Where nothing would speak on that morning, one is added."""
    own = and_(reminders.c.assignment_id.in_([part.id for part in parts]), reminders.c.state == ReminderState.PLANNED)
    his = and_(own, or_(reminders.c.step.not_in(NOTICES), reminders.c.step == SNOOZED))
    # What an earlier choice held is free again: the newest choice counts.
    db.execute(update(reminders).where(his, reminders.c.reason.startswith(_REASON)).values(held_until=None, reason=""))
    day = morning.astimezone(tz).date()
    reason = f"{_REASON}{day_name(day)}"
    held_back = update(reminders).where(his, reminders.c.fire_at < morning).values(held_until=morning, reason=reason)
    count = db.execute(held_back).rowcount
    ahead = db.execute(select(reminders.c.fire_at).where(his, reminders.c.fire_at >= morning)).scalars()
    if count or any(fire_at.astimezone(tz).date() == day for fire_at in ahead):
        return count
    # No epoch counts this one: a reader may put off several times before one due day.
    added = reminder(
        assignment_id=parts[0].id,
        occurrence_id=held.id,
        step=SNOOZED,
        offset=0,
        due_epoch=-turn,
        fire_at=morning,
        say="按您的要求再次提醒",
        reason=reason,
    )
    return plan_reminders(db, [added])
