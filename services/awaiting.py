"""Extensions that nobody has decided yet (延期待批): while one is pending the ladder of its occurrence rests."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, text, update

from models.occurrence import RequestState, extension_requests
from models.reminder import ReminderState, reminders
from planning.held import EXTENSION_ASKED, rests_meanwhile
from services.problems import close_problem
from services.remaining import active_assignments, end_reminders, of_assignment, of_occurrence

PENDING = text("extension_request.state = 'pending'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""

_CHUNK = 500


def awaiting(db: Connection, occurrence_ids: Collection[int]) -> set[int]:
    """Which of these occurrences wait for somebody's decision."""
    listed = sorted(set(occurrence_ids))
    found: set[int] = set()
    for start in range(0, len(listed), _CHUNK):
        some = extension_requests.c.occurrence_id.in_(listed[start : start + _CHUNK])
        found.update(db.execute(select(extension_requests.c.occurrence_id).where(PENDING, some)).scalars())
    return found


def pending_request(db: Connection, occurrence_id: int) -> Row[Any] | None:
    mine = select(extension_requests).where(PENDING, extension_requests.c.occurrence_id == occurrence_id)
    return db.execute(mine).one_or_none()


def close_request(db: Connection, request: Row[Any], *, state: RequestState, now: datetime, **said: object) -> None:
    """Give the pending request its end; what was about to be asked of the deciders is not asked any more."""
    closed = (
        update(extension_requests)
        .where(extension_requests.c.id == request.id, extension_requests.c.state == RequestState.PENDING)
        .values(state=state, decided_at=now, **said)
    )
    if db.execute(closed).rowcount != 1:
        raise RuntimeError("the request was decided under the occurrence's lock")
    asked = and_(of_occurrence(request.occurrence_id), reminders.c.step == EXTENSION_ASKED)
    end_reminders(db, asked, state=ReminderState.CANCELLED, reason="延期申请已有结果")
    close_problem(db, key=undecided_key(request.occurrence_id), now=now)


def end_request(db: Connection, occurrence_id: int, now: datetime) -> None:
    """The occurrence is closed or has another day: whatever was asked for needs no answer."""
    request = pending_request(db, occurrence_id)
    if request is not None:
        close_request(db, request, state=RequestState.WITHDRAWN, now=now)


def go_on(db: Connection, occurrence_id: int, *, now: datetime) -> None:
    """The ladder goes on where it would stand by now: for each person the newest step speaks, older ones are folded.

    The newest waited on purpose and not by neglect: ``held_until`` says since when it may speak, so that it does not
    count as too old.
    """
    for part in active_assignments(db, occurrence_id):
        rested = select(reminders).where(
            of_assignment(part.id), reminders.c.state == ReminderState.PLANNED, reminders.c.fire_at <= now
        )
        waiting = [
            one for one in db.execute(rested.order_by(reminders.c.fire_at, reminders.c.offset)) if rests_meanwhile(one.step)
        ]
        put_off = [one for one in waiting if one.held_until is not None and one.held_until > now]
        speaking = [one for one in waiting if one not in put_off]
        if not speaking:
            continue
        *older, newest = speaking
        folded = {"state": ReminderState.FOLDED, "reason": f"由 {newest.step} 一并提醒"}
        db.execute(update(reminders).where(reminders.c.id.in_([one.id for one in older])).values(folded))
        db.execute(update(reminders).where(reminders.c.id == newest.id).values(held_until=now))


def undecided_key(occurrence_id: int) -> str:
    """The key of the problem that nobody can decide a request."""
    return f"undecided:{occurrence_id}"
