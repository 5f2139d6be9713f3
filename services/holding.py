"""Reminders that are due and yet not told now, each for a stated reason: one message a half-day, a crowd after a stop."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, and_, or_, select, update

from models.message import MessageKind, MessageState, messages
from models.occurrence import assignments
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.basis import DeliveryPolicy
from planning.half_days import half_day_began, next_half_day
from planning.instants import instant
from planning.windows import closes_at, is_open, next_open, open_time
from services.downtime import worked_long
from services.facts import forget_fact, read_fact, write_fact
from services.problems import close_problem, report_problem
from services.waiting import GATHERED, Waiting, chunks

CATCH_UP = "hold:catch-up"
"""The fact, and the key of the problem, while a crowd of late messages waits for a word."""

GATHERING = timedelta(hours=1)
"""How long what waited for a window may at most wait for the day's reminders."""

HALF_DAY_REASON = "本半天已提醒过，并入下一次"


def readers_told(db: Connection, readers: Collection[str], policy: DeliveryPolicy, *, now: datetime) -> set[str]:
    """Who of these had a message of reminders in this half-day, or has one on its way that nobody can take back."""
    began = half_day_began(now, policy.tz)
    on_its_way = and_(messages.c.state.in_((MessageState.LEASED, MessageState.PENDING)), messages.c.ambiguous > 0)
    had = or_(and_(messages.c.state == MessageState.SENT, messages.c.sent_at.between(began, now)), on_its_way)
    found: set[str] = set()
    for some in chunks(sorted(readers)):
        mine = (
            select(messages.c.person).distinct().where(messages.c.person.in_(some), messages.c.kind == MessageKind.REMINDERS, had)
        )
        found |= set(db.execute(mine).scalars())
    return found


def hold_for_half_day(db: Connection, due: Sequence[Waiting], policy: DeliveryPolicy, *, now: datetime) -> bool:
    """Hold what may wait until the next half-day; False when something may not: it is due today, or overdue."""
    until = next_half_day(policy.windows, policy.workdays, now, policy.tz)
    today = now.astimezone(policy.tz).date()
    waiting_for_work = [one for one in due if not one.sign_off_awaited]  # what is done is overdue no more
    if any(one.due_on <= today or one.due_at <= until for one in waiting_for_work):
        return False
    for some in chunks([one.reminder_id for one in due]):
        waiting = update(reminders).where(reminders.c.id.in_(some), reminders.c.state == ReminderState.PLANNED)
        db.execute(waiting.values(held_until=until, reason=HALF_DAY_REASON))
    return True


def gather(db: Connection, due: Sequence[Waiting], policy: DeliveryPolicy, *, now: datetime) -> list[Waiting]:
    """What is not held for the day's own reminders.

    A window opens at 08:30, the day's reminders come at 08:45: what waited for the opening joins them, for whoever is
    reminded then anyway, or he would read two messages within a quarter of an hour. It waits less than an hour, within the
    same window, and never beyond its own deadline.
    """
    at = _gathers_at(policy, now=now)
    if at is None or not due:
        return list(due)
    expected = _reminded_until(db, {one.person for one in due}, at, now=now)
    waiting = [one for one in due if one.person in expected and not now <= one.due_at <= at]
    for held, reason in ((False, GATHERED), (True, HALF_DAY_REASON)):
        # What was held already waited on purpose, and keeps its reason.
        for some in chunks([one.reminder_id for one in waiting if (one.held_until is not None) == held]):
            mine = update(reminders).where(reminders.c.id.in_(some), reminders.c.state == ReminderState.PLANNED)
            db.execute(mine.values(held_until=at, reason=reason))
    stays = {one.reminder_id for one in waiting}
    return [one for one in due if one.reminder_id not in stays]


def something_gathered(db: Connection, *, now: datetime) -> bool:
    """Whether something still waits for the day's reminders."""
    held = and_(reminders.c.state == ReminderState.PLANNED, reminders.c.held_until > now, reminders.c.reason == GATHERED)
    return db.execute(select(reminders.c.id).where(held).limit(1)).first() is not None


def _gathers_at(policy: DeliveryPolicy, *, now: datetime) -> datetime | None:
    if policy.remind_at is None or not is_open(policy.windows, policy.workdays, now, policy.tz):
        return None
    at = instant(now.astimezone(policy.tz).date(), policy.remind_at, policy.tz)
    soon = now < at < now + GATHERING
    return at if soon and at < closes_at(policy.windows, now, policy.tz) else None


def _reminded_until(db: Connection, persons: Collection[str], until: datetime, *, now: datetime) -> set[str]:
    """Who of these has a reminder that comes due after now and by then."""
    joined = reminders.join(assignments, assignments.c.id == reminders.c.assignment_id)
    coming = and_(
        reminders.c.state == ReminderState.PLANNED,
        reminders.c.fire_at > now,
        reminders.c.fire_at <= until,
        reminders.c.held_until.is_(None),
        assignments.c.active,
    )
    found: set[str] = set()
    for some in chunks(sorted(persons)):
        mine = select(assignments.c.person).distinct().select_from(joined).where(coming, assignments.c.person.in_(some))
        found |= set(db.execute(mine).scalars())
    return found


@dataclass(frozen=True, slots=True)
class CatchUp:
    """Whether late reminders must wait, and the sentence for the admin if so."""

    holds: bool
    sentence: str = ""


def late_ones(due: Iterable[Waiting], policy: DeliveryPolicy, *, now: datetime) -> set[int]:
    """Ids of the reminders that have waited for more than two working hours, and can wait until tomorrow's first window."""
    known: dict[datetime, bool] = {}
    late: set[int] = set()
    midnight = instant(now.astimezone(policy.tz).date() + timedelta(days=1), time(), policy.tz)
    tomorrow = next_open(policy.windows, policy.workdays, midnight, policy.tz)
    for one in due:
        if now <= one.due_at <= tomorrow:
            continue
        since = max(one.fire_at, one.since, one.waits_since)
        if since not in known:
            known[since] = worked_long(policy, since, now)
        if known[since]:
            late.add(one.reminder_id)
    return late


def catch_up(db: Connection, late_readers: int, policy: DeliveryPolicy, *, now: datetime) -> CatchUp:
    """A crowd of late messages waits for the admin's word, and goes without it after two working hours (RELIABILITY 2.9)."""
    held = read_fact(db, CATCH_UP)
    if late_readers <= policy.rules.catch_up_limit:
        if held is not None:
            _let_go(db, now=now)
        return CatchUp(holds=False)
    if held is None:
        held = {"since": now.isoformat(), "count": late_readers, "reason": "停机后积压", "released": ""}
        write_fact(db, CATCH_UP, held, now=now)
    since = datetime.fromisoformat(held["since"])
    waited = open_time(policy.windows, policy.workdays, since, now, policy.tz)
    if held["released"] or waited >= timedelta(hours=policy.rules.catch_up_release_hours):
        _let_go(db, now=now)
        return CatchUp(holds=False)
    sentence = (
        f"有{late_readers}条积压的消息等待补发。请核对后运行 suishi release-hold 放行；"
        f"不处理的话，工作时间内满{policy.rules.catch_up_release_hours}小时后自动补发。"
    )
    report_problem(db, key=CATCH_UP, kind="hold", text=sentence, now=now)
    return CatchUp(holds=True, sentence=sentence)


def release_hold(store: Store, *, by: str, now: datetime) -> int:
    """Let the held crowd go with the next tick; how many messages it was. 0: nothing is held."""

    def work(db: Connection) -> int:
        held = read_fact(db, CATCH_UP)
        if held is None:
            return 0
        write_fact(db, CATCH_UP, held | {"released": by}, now=now)
        return int(held["count"])

    return store.transact(work)


def _let_go(db: Connection, *, now: datetime) -> None:
    forget_fact(db, CATCH_UP)
    close_problem(db, key=CATCH_UP, now=now)
