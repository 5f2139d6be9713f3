"""What the question why leans on: a person's reminders of a day with their messages, and everything that may hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, or_, select

from models.message import attempts, messages
from models.occurrence import assignments, extension_requests, occurrences
from models.record import completions
from models.reminder import ReminderState, reminders
from models.upkeep import facts
from reports.channel_rests import ChannelRest, rests_in
from reports.outbox import on_day, span

_OPEN = (ReminderState.PLANNED, ReminderState.QUEUED)
_LONGEST_CHAIN = 10


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the reminders: answers by message, earlier messages of a chain, holds, resting channels."""

    answers: Mapping[int, Row[Any]]  # the last attempt of each message
    before: Mapping[int, Row[Any]]  # message -> the one whose destination refused
    doers: Mapping[int, Row[Any]]  # the last completion of each occurrence
    asked: Mapping[int, Row[Any]]  # the undecided wish for a later day of each occurrence
    rests: Mapping[str, ChannelRest]
    holds: Mapping[str, Mapping[str, Any]]  # hold:catch-up, hold:clock


def reminders_of(person: str, day: date, *, now: datetime, tz: tzinfo) -> Select[Any]:
    """The person's own of the day, those that waited through it, and what was read in another's place."""
    start, end = span(day, tz)
    waited = and_(reminders.c.fire_at < start, reminders.c.state.in_(_OPEN)) if start <= now else _never()
    own = and_(
        assignments.c.person == person,
        or_(
            and_(reminders.c.fire_at >= start, reminders.c.fire_at < end),
            and_(reminders.c.held_until >= start, reminders.c.held_until < end),
            and_(reminders.c.fire_at < start, messages.c.built_at >= end),
            waited,
            on_day(day, tz),
        ),
    )
    standing_in = and_(messages.c.person == person, on_day(day, tz))
    joined = reminders.join(assignments, assignments.c.id == reminders.c.assignment_id)
    joined = joined.join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
    return (
        select(*_COLUMNS)
        .select_from(joined.outerjoin(messages, messages.c.id == reminders.c.message_id))
        .where(or_(own, standing_in))
        .order_by(reminders.c.fire_at, reminders.c.id)
    )


def silent_items(person: str, day: date) -> Select[Any]:
    """What fell due on the day before the office began to be reminded (启用日)."""
    return (
        select(occurrences)
        .join(assignments, assignments.c.occurrence_id == occurrences.c.id)
        .where(assignments.c.person == person, occurrences.c.silent, occurrences.c.due_on == day)
        .distinct()
        .order_by(occurrences.c.id)
    )


def surroundings(db: Connection, rows: Sequence[Row[Any]], *, now: datetime) -> Surroundings:
    before = _chain(db, {row.message_id for row in rows if row.message_id is not None})
    told = {row.message_id for row in rows if row.message_id is not None} | {one.id for one in before.values()}
    occurrence_ids = sorted({row.occurrence_id for row in rows})
    done = select(completions).where(completions.c.occurrence_id.in_(occurrence_ids)).order_by(completions.c.turn)
    asked = select(extension_requests).where(
        extension_requests.c.occurrence_id.in_(occurrence_ids), extension_requests.c.state == "pending"
    )
    tried = select(attempts).where(attempts.c.message_id.in_(sorted(told))).order_by(attempts.c.n)
    holds = select(facts.c.name, facts.c.value).where(facts.c.name.like("hold:%"))
    return Surroundings(
        answers={row.message_id: row for row in db.execute(tried)} if told else {},
        before=before,
        doers={row.occurrence_id: row for row in db.execute(done)} if rows else {},
        asked={row.occurrence_id: row for row in db.execute(asked)} if rows else {},
        rests={one.channel: one for one in rests_in(db, now=now)},
        holds={row.name: row.value for row in db.execute(holds)},
    )


def _chain(db: Connection, ids: set[int]) -> dict[int, Row[Any]]:
    """For each message the one before it, all the way back."""
    found: dict[int, Row[Any]] = {}
    looking = set(ids)
    for _ in range(_LONGEST_CHAIN):
        if not looking:
            break
        after = messages.alias("after")
        earlier = select(after.c.id.label("later"), messages).join(after, after.c.fallback_of == messages.c.id)
        rows = db.execute(earlier.where(after.c.id.in_(sorted(looking)))).all()
        found |= {row.later: row for row in rows}
        looking = {row.id for row in rows} - set(found)
    return found


def _never() -> ColumnElement[bool]:
    return reminders.c.id < 0


_COLUMNS = (
    reminders,
    assignments.c.person,
    assignments.c.name,
    occurrences.c.duty_key,
    occurrences.c.period,
    occurrences.c.title,
    occurrences.c.silent,
    messages.c.ref.label("message_ref"),
    messages.c.state.label("message_state"),
    messages.c.person.label("reader"),
    messages.c.name.label("reader_name"),
    messages.c.channel,
    messages.c.verified,
    messages.c.sent_at,
    messages.c.next_at,
    messages.c.last_error,
)
