"""Why somebody got, or did not get, a message on a day: one sentence for each reminder of that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, Row, select

from models.message import MessageKind, messages
from models.occurrence import assignments, occurrences
from models.office import people
from models.reminder import ReminderState, reminders
from models.store import Store
from planning.reference import reference
from planning.windows import Window
from planning.wording import day_name
from planning.workdays import Workdays
from reports.outbox import MessageLine, message_lines, on_day, span
from reports.sentences import clock, step_words
from reports.snapshot import snapshot
from reports.why_rows import Surroundings, reminders_of, silent_items, surroundings
from reports.why_words import Asked, office_sentence, sentence, silent_sentence


@dataclass(frozen=True, slots=True)
class WhyLine:
    ref: str  # of the occurrence
    title: str
    step: str  # empty: the item was due before the office began to be reminded
    fire_at: datetime
    state: str  # of the reminder, or silent
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


def why(
    store: Store,
    person: str,
    day: date,
    *,
    now: datetime,
    tz: tzinfo,
    windows: Sequence[Window] = (),
    workdays: Workdays | None = None,
) -> Why:
    """Everything that was due for the person on the office's day, waited through it, or was told on it.

    With ``windows`` and ``workdays`` it says when messages may leave again.
    """
    asked = Asked(person, now, tz, windows, workdays)
    with snapshot(store) as db:
        name = db.execute(select(people.c.name).where(people.c.key == person)).scalar_one_or_none()
        rows = db.execute(reminders_of(person, day, now=now, tz=tz)).all()
        around = surroundings(db, rows, now=now)
        silent = db.execute(silent_items(person, day)).all()
        written = message_lines(db, [messages.c.person == person, on_day(day, tz)])
        lines = (*(_line(row, around, asked) for row in rows), *(_silent(row) for row in silent))
        following = None if lines else _next_after(db, person, day, tz)
    called = name or person
    said = [line.sentence for line in lines]
    if not lines:
        said.append(_nothing(called, day, known=name is not None, following=following, tz=tz))
    said += [office_sentence(one, asked) for one in reversed(written) if one.kind == MessageKind.OFFICE]
    return Why(person, called, day, name is not None, lines, written, tuple(said))


def _line(row: Row[Any], around: Surroundings, asked: Asked) -> WhyLine:
    return WhyLine(
        ref=reference(row.duty_key, row.period),
        title=row.title,
        step=row.step,
        fire_at=row.fire_at,
        state=row.state,
        message=row.message_ref or "",
        sentence=sentence(row, around, asked),
    )


def _silent(row: Row[Any]) -> WhyLine:
    ref = reference(row.duty_key, row.period)
    return WhyLine(ref, row.title, "", row.due_at, "silent", "", silent_sentence(row))


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
        return f"人员名册里没有“{called}”，请核对编号（people.yaml）。"
    then = "此后也没有。"
    if following:
        then = f"下一次是{clock(following.fire_at, tz)}的“{following.title}”（{step_words(following.step)}）。"
    return f"{day_name(day, with_year=True)}没有应提醒{called}的事项。{then}"
