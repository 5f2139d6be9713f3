"""Why somebody got, or did not get, a message on a day: one sentence for each reminder of that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from models.message import attempts, messages
from models.occurrence import assignments, occurrences
from models.office import people
from models.record import completions
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.reference import reference
from planning.wording import day_name
from reports.outbox import MessageLine, message_lines, on_day, span
from reports.sentences import clock, reason_words, step_words
from reports.snapshot import snapshot


@dataclass(frozen=True, slots=True)
class WhyLine:
    ref: str  # of the occurrence
    title: str
    step: str
    fire_at: datetime
    state: str
    message: str  # T2603-000142; empty when it is in none
    sentence: str


@dataclass(frozen=True, slots=True)
class Why:
    person: str
    name: str
    day: date
    known: bool  # whether the roster has this person
    lines: tuple[WhyLine, ...]
    messages: tuple[MessageLine, ...]  # built for or sent to this person that day
    sentences: tuple[str, ...]  # the whole answer, to be read from top to bottom


def why(store: Store, person: str, day: date, *, now: datetime, tz: tzinfo) -> Why:
    """Everything that was due for the person on the office's day, or that a message of that day spoke of."""
    with snapshot(store) as db:
        name = db.execute(select(people.c.name).where(people.c.key == person)).scalar_one_or_none()
        rows = db.execute(_reminders_of(person, day, tz)).all()
        answers = _answers(db, rows)
        doers = _doers(db, rows)
        lines = tuple(_line(row, answers.get(row.message_id or 0), doers.get(row.occurrence_id), now=now, tz=tz) for row in rows)
        sent = message_lines(db, [messages.c.person == person, on_day(day, tz)])
        following = None if lines else _next_after(db, person, day, tz)
    called = name or person
    said = tuple(line.sentence for line in lines) or (_nothing(called, day, known=name is not None, following=following, tz=tz),)
    return Why(person, called, day, name is not None, lines, sent, said)


def _reminders_of(person: str, day: date, tz: tzinfo) -> Select[Any]:
    start, end = span(day, tz)
    due_that_day = and_(reminders.c.fire_at >= start, reminders.c.fire_at < end)
    return (
        select(
            reminders,
            occurrences.c.duty_key,
            occurrences.c.period,
            occurrences.c.title,
            messages.c.ref.label("message_ref"),
            messages.c.state.label("message_state"),
            messages.c.sent_at,
            messages.c.next_at,
            messages.c.last_error,
        )
        .join(assignments, assignments.c.id == reminders.c.assignment_id)
        .join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
        .outerjoin(messages, messages.c.id == reminders.c.message_id)
        .where(assignments.c.person == person, or_(due_that_day, on_day(day, tz)))
        .order_by(reminders.c.fire_at, reminders.c.id)
    )


def _answers(db: Connection, rows: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
    """The last attempt of each message."""
    ids = sorted({row.message_id for row in rows if row.message_id is not None})
    found = db.execute(select(attempts).where(attempts.c.message_id.in_(ids)).order_by(attempts.c.n)) if ids else ()
    return {row.message_id: row for row in found}


def _doers(db: Connection, rows: Sequence[Row[Any]]) -> dict[int, Row[Any]]:
    """The last completion of each occurrence."""
    ids = sorted({row.occurrence_id for row in rows})
    found = (
        db.execute(select(completions).where(completions.c.occurrence_id.in_(ids)).order_by(completions.c.turn)) if ids else ()
    )
    return {row.occurrence_id: row for row in found}


def _next_after(db: Connection, person: str, day: date, tz: tzinfo) -> Row[Any] | None:
    query = (
        select(reminders.c.fire_at, reminders.c.step, occurrences.c.title)
        .join(assignments, assignments.c.id == reminders.c.assignment_id)
        .join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
        .where(assignments.c.person == person, assignments.c.active, reminders.c.state == ReminderState.PLANNED)
        .where(reminders.c.fire_at >= span(day, tz)[1])
        .order_by(reminders.c.fire_at)
        .limit(1)
    )
    return db.execute(query).one_or_none()


def _nothing(called: str, day: date, *, known: bool, following: Row[Any] | None, tz: tzinfo) -> str:
    if not known:
        return f"人员名册里没有“{called}”，请核对编号(people.yaml)。"
    then = "此后也没有。"
    if following:
        then = f"下一次是{clock(following.fire_at, tz)}的“{following.title}”（{step_words(following.step)}）。"
    return f"{day_name(day, with_year=True)}没有应提醒{called}的事项。{then}"


def _line(row: Row[Any], answer: Row[Any] | None, done: Row[Any] | None, *, now: datetime, tz: tzinfo) -> WhyLine:
    head = f"“{row.title}”的{step_words(row.step)}"
    tail = _fate(row, answer, done, now=now, tz=tz)
    return WhyLine(
        ref=reference(row.duty_key, row.period),
        title=row.title,
        step=row.step,
        fire_at=row.fire_at,
        state=row.state,
        message=row.message_ref or "",
        sentence=f"{head}{tail}。",
    )


def _fate(row: Row[Any], answer: Row[Any] | None, done: Row[Any] | None, *, now: datetime, tz: tzinfo) -> str:
    reason = reason_words(row.reason)
    match row.state:
        case ReminderState.SENT:
            return f"已于{clock(row.sent_at or row.fire_at, tz)}由消息{row.message_ref}发出{_said(answer)}"
        case ReminderState.FOLDED:
            into = f"，并入消息{row.message_ref}" if row.message_ref else ""
            return f"没有单独发送{into}（{reason}）" if reason else f"没有单独发送{into}"
        case ReminderState.CANCELLED if row.reason == "done" and done is not None:
            return f"已取消：{done.by_name}已于{day_name(done.done_on)}办结"
        case ReminderState.CANCELLED | ReminderState.SUPERSEDED:
            return f"已取消：{reason}"
        case ReminderState.EXPIRED:
            return f"已过期没有发送：{reason or '到期太久'}"
        case ReminderState.FAILED:
            return f"没有送达：{reason or '所有地址都不接收，或没有登记地址'}{_said(answer)}"
        case ReminderState.QUEUED:
            return _waiting(row, answer, tz=tz)
        case _:
            return _planned(row, now=now, tz=tz)


def _said(answer: Row[Any] | None) -> str:
    if answer is None:
        return ""
    words = " ".join(part for part in (answer.code, answer.detail) if part)
    return f"，对方答复：{words}" if words else ""


def _waiting(row: Row[Any], answer: Row[Any] | None, *, tz: tzinfo) -> str:
    error = f"，上次没有成功：{row.last_error}" if row.last_error else _said(answer)
    if row.message_state == "leased":
        return f"正由消息{row.message_ref}发送{error}"
    return f"已写入消息{row.message_ref}，最早{clock(row.next_at, tz)}发送{error}"


def _planned(row: Row[Any], *, now: datetime, tz: tzinfo) -> str:
    if row.fire_at > now:
        return f"将于{clock(row.fire_at, tz)}提醒"
    return f"应于{clock(row.fire_at, tz)}提醒，正等待发送时段或下一次发送"
