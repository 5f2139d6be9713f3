"""Messages and their attempts: what went out, what did not, and the provider's own words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select

from models.message import MessageState, attempts, messages
from models.occurrence import assignments, occurrences
from models.reminder import reminders
from models.store import Store
from notifications.outbox import WRITTEN
from planning.reference import reference
from reports.snapshot import snapshot

_CHUNK = 500
"""Messages in memory at once, with their texts, where all are asked for."""


@dataclass(frozen=True, slots=True)
class AttemptLine:
    n: int
    started_at: datetime
    data_at: datetime | None  # from here on the provider may have it
    finished_at: datetime | None
    outcome: str | None  # None: still under way, or cut off
    code: str
    detail: str  # the provider's own words

    @property
    def only_written(self) -> bool:
        """It went into a file of the outbox channel, where nobody receives it."""
        return self.outcome == "accepted" and self.detail == WRITTEN


@dataclass(frozen=True, slots=True)
class MessageLine:
    ref: str  # T2603-000142
    kind: str  # reminders, or office: a word of the system to the admin
    person: str  # key; group:CHANNEL of what a whole group reads
    name: str  # of a group: the group's
    channel: str
    rank: int  # 0: the person's first destination
    address: str
    subject: str
    text: str
    html: str
    state: str
    built_at: datetime
    next_at: datetime
    sent_at: datetime | None
    tries: int
    ambiguous: int  # tries after which nobody knows whether the provider has it
    provider_id: str
    verified: bool  # False: the channel took it, and its answer proves nothing
    last_error: str
    about: tuple[str, ...]  # references of the occurrences it speaks of
    attempts: tuple[AttemptLine, ...]
    links: tuple[Mapping[str, Any], ...]  # id, assignment, serial of each staff link; the token is not among them

    @property
    def only_written(self) -> bool:
        """Its end is a file of the outbox channel, whatever channels the office has by now."""
        return self.state == MessageState.SENT and bool(self.attempts) and self.attempts[-1].only_written


@dataclass(frozen=True, slots=True)
class Outbox:
    lines: tuple[MessageLine, ...]
    total: int
    by_state: Mapping[str, int]  # of everything but the state filter


@dataclass(frozen=True, slots=True)
class MessageFilters:
    """``day`` is the office's day on which messages were built or sent; ``readers`` (person keys) leaves out what none reads."""

    states: tuple[str, ...] = ()
    person: str | None = None
    readers: Collection[str] | None = None
    day: date | None = None

    def conditions(self, tz: tzinfo) -> list[ColumnElement[bool]]:
        """All but the state. Raises ValueError with a Chinese sentence for a state that messages do not have."""
        strangers = sorted(set(self.states) - {state.value for state in MessageState})
        if strangers:
            raise ValueError(f"消息没有“{strangers[0]}”这个状态，可用的有：{'、'.join(MessageState)}。")
        wanted = [] if self.person is None else [_read_by(self.person)]
        if self.readers is not None:
            wanted.append(_read_by(*self.readers))
        return wanted if self.day is None else [*wanted, on_day(self.day, tz)]


def outbox(store: Store, filters: MessageFilters, *, tz: tzinfo, limit: int | None = 50, offset: int = 0) -> Outbox:
    """Messages, newest first. Raises ValueError as :meth:`MessageFilters.conditions` does."""
    wanted = filters.conditions(tz)
    with snapshot(store) as db:
        grouped = select(messages.c.state, func.count()).where(*wanted).group_by(messages.c.state)
        by_state = {row[0]: int(row[1]) for row in db.execute(grouped)}
        total = sum(count for state, count in by_state.items() if not filters.states or state in filters.states)
        lines = message_lines(db, _of_states(wanted, filters.states), limit=limit, offset=offset)
        return Outbox(lines, total, by_state)


@contextmanager
def every_message(store: Store, filters: MessageFilters, *, tz: tzinfo) -> Iterator[tuple[int, Iterator[MessageLine]]]:
    """How many there are, and they themselves, newest first, some at a time: all of one moment of the database."""
    wanted = _of_states(filters.conditions(tz), filters.states)
    with snapshot(store) as db:
        total = int(db.execute(select(func.count()).select_from(messages).where(*wanted)).scalar_one())
        pages = (message_lines(db, wanted, limit=_CHUNK, offset=offset) for offset in range(0, total, _CHUNK))
        yield total, chain.from_iterable(pages)


def _of_states(wanted: list[ColumnElement[bool]], states: tuple[str, ...]) -> list[ColumnElement[bool]]:
    return [*wanted, messages.c.state.in_(states)] if states else wanted


def sent_by_channel(store: Store, day: date, *, tz: tzinfo) -> Mapping[str, int]:
    """How many messages each channel took on the office's day."""
    start, end = span(day, tz)
    wanted = (messages.c.state == MessageState.SENT, messages.c.sent_at >= start, messages.c.sent_at < end)
    counted = select(messages.c.channel, func.count()).where(*wanted).group_by(messages.c.channel).order_by(messages.c.channel)
    with store.read() as db:
        return {row[0]: int(row[1]) for row in db.execute(counted)}


def message(store: Store, ref: str, *, readers: Collection[str] | None = None) -> MessageLine | None:
    """One message by the number that its text carries; None as well when none of the ``readers`` reads it."""
    number = ref.strip().upper()
    if not number.isprintable():  # PostgreSQL takes no NUL
        return None
    wanted = [messages.c.ref == number]
    if readers is not None:
        wanted.append(_read_by(*readers))
    with snapshot(store) as db:
        found = message_lines(db, wanted)
    return found[0] if found else None


def _read_by(*persons: str) -> ColumnElement[bool]:
    """Written to one of the persons, or to a group in which he is spoken to."""
    joined = reminders.join(assignments, assignments.c.id == reminders.c.assignment_id)
    his = select(reminders.c.id).select_from(joined).where(reminders.c.message_id == messages.c.id)
    his = his.where(assignments.c.person.in_(persons))
    return or_(messages.c.person.in_(persons), and_(messages.c.person.like("group:%"), his.exists()))


def on_day(day: date, tz: tzinfo) -> ColumnElement[bool]:
    start, end = span(day, tz)
    built = (messages.c.built_at >= start) & (messages.c.built_at < end)
    return or_(built, (messages.c.sent_at >= start) & (messages.c.sent_at < end))


def span(day: date, tz: tzinfo) -> tuple[datetime, datetime]:
    """The office's day as instants: from, and without the end."""
    return datetime.combine(day, time(), tz), datetime.combine(day + timedelta(days=1), time(), tz)


def message_lines(
    db: Connection, wanted: Sequence[ColumnElement[bool]], *, limit: int | None = None, offset: int = 0
) -> tuple[MessageLine, ...]:
    """Three questions, however many messages."""
    page = select(messages).where(*wanted).order_by(messages.c.built_at.desc(), messages.c.id.desc()).limit(limit).offset(offset)
    rows = db.execute(page).all()
    if not rows:
        return ()
    ids = page.with_only_columns(messages.c.id).subquery()
    tried: dict[int, list[AttemptLine]] = defaultdict(list)
    query = select(attempts).join(ids, ids.c.id == attempts.c.message_id).order_by(attempts.c.message_id, attempts.c.n)
    for row in db.execute(query):
        tried[row.message_id].append(
            AttemptLine(row.n, row.started_at, row.data_at, row.finished_at, row.outcome, row.code, row.detail)
        )
    about: dict[int, dict[str, None]] = defaultdict(dict)
    spoken = (
        select(reminders.c.message_id, occurrences.c.duty_key, occurrences.c.period)
        .join(ids, ids.c.id == reminders.c.message_id)
        .join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
        .order_by(occurrences.c.due_on, reminders.c.id)
    )
    for row in db.execute(spoken):
        about[row.message_id][reference(row.duty_key, row.period)] = None
    return tuple(_line(row, tuple(about.get(row.id, ())), tuple(tried.get(row.id, ()))) for row in rows)


def _line(row: Row[Any], about: tuple[str, ...], tried: tuple[AttemptLine, ...]) -> MessageLine:
    return MessageLine(
        ref=row.ref,
        kind=row.kind,
        person=row.person,
        name=row.name,
        channel=row.channel,
        rank=row.rank,
        address=row.address,
        subject=row.subject,
        text=row.text,
        html=row.html,
        state=row.state,
        built_at=row.built_at,
        next_at=row.next_at,
        sent_at=row.sent_at,
        tries=row.tries,
        ambiguous=row.ambiguous,
        provider_id=row.provider_id,
        verified=row.verified,
        last_error=row.last_error,
        about=about,
        attempts=tried,
        links=tuple(row.links),
    )
