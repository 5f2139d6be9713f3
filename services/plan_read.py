"""The rows of one duty, read under the plan's lock as values to compare."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, and_, or_, select

from models.message import MessageState, messages
from models.occurrence import OccurrenceState, assignments, occurrences
from models.reminder import ReminderState, reminders
from planning.duty import Role
from planning.held import DROPPING_REASONS, Held, HeldPart, HeldReminder, Stage

_EDITED = (
    *("kind", "title", "unit", "starts_on", "nominal_on", "due_at", "provisional", "awaiting_notice"),
    *("standing", "silent", "explanation", "as_written", "sign_off_needed"),
)
"""The columns that a plan may edit; ``planning.reconcile.columns_of`` names the same."""

_CHANGEABLE = (OccurrenceState.OPEN, OccurrenceState.WITHDRAWN)


def held_of(db: Connection, duty_key: str) -> list[Held]:
    """Every occurrence of the duty; assignments and reminders only of those that a plan could change."""
    found = db.execute(select(occurrences).where(occurrences.c.duty_key == duty_key)).all()
    parts = _parts_of(db, duty_key) if any(row.state in _CHANGEABLE for row in found) else {}
    return [
        Held(
            id=row.id,
            duty_key=row.duty_key,
            period=row.period,
            state=row.state,
            nominal_on=row.nominal_on,
            planned_on=row.planned_on,
            due_on=row.due_on,
            due_epoch=row.due_epoch,
            extensions=row.extensions,
            silent=row.silent,
            columns={name: getattr(row, name) for name in _EDITED},
            parts=tuple(parts.get(row.id, ())),
        )
        for row in found
    ]


def _parts_of(db: Connection, duty_key: str) -> Mapping[int, list[HeldPart]]:
    spoken = _reminders_of(db, duty_key)
    wanted = (
        select(assignments)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(occurrences.c.duty_key == duty_key, occurrences.c.state.in_(_CHANGEABLE))
        .order_by(assignments.c.id)
    )
    found: dict[int, list[HeldPart]] = defaultdict(list)
    for row in db.execute(wanted):
        found[row.occurrence_id].append(
            HeldPart(
                id=row.id,
                person=row.person,
                name=row.name,
                role=Role(row.role),
                active=row.active,
                handed=row.handed,
                told_due_on=row.told_due_on,
                reminders=tuple(spoken.get(row.id, ())),
            )
        )
    return found


def _reminders_of(db: Connection, duty_key: str) -> Mapping[int, list[HeldReminder]]:
    unsent = reminders.c.state.in_((ReminderState.PLANNED, ReminderState.QUEUED))
    wanted = (
        select(reminders, messages.c.state.label("message_state"), messages.c.ambiguous)
        .join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
        .outerjoin(messages, and_(messages.c.id == reminders.c.message_id, reminders.c.state == ReminderState.QUEUED))
        .where(occurrences.c.duty_key == duty_key, occurrences.c.state.in_(_CHANGEABLE))
        .where(or_(unsent, reminders.c.due_epoch == occurrences.c.due_epoch))
    )
    return _by_assignment(db.execute(wanted))


def _by_assignment(rows: Iterable[Row[Any]]) -> Mapping[int, list[HeldReminder]]:
    found: dict[int, list[HeldReminder]] = defaultdict(list)
    for row in rows:
        found[row.assignment_id].append(
            HeldReminder(
                id=row.id,
                step=row.step,
                offset=row.offset,
                due_epoch=row.due_epoch,
                fire_at=row.fire_at,
                say=row.say,
                stage=_stage(row),
            )
        )
    return found


def _stage(row: Row[Any]) -> Stage:
    if row.state == ReminderState.PLANNED:
        return Stage.WAITING
    if row.state == ReminderState.QUEUED:
        # A message that nobody holds can be called back; one that is leased, or was cut off, may have been read.
        untouched = row.message_state == MessageState.PENDING and row.ambiguous == 0
        return Stage.PENDING if untouched else Stage.ON_THE_WIRE
    if row.state == ReminderState.SENT:
        return Stage.SENT
    if row.state == ReminderState.CANCELLED and row.reason in DROPPING_REASONS:
        return Stage.DROPPED
    return Stage.ENDED
