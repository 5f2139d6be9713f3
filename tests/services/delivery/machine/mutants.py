"""Bugs planted one at a time: each is a change that would pass a hurried eye, and each must be found by the machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Connection, bindparam, update

from models.message import Phase, messages
from notifications.envelope import Outcome, Verdict
from services import compose, dispatch, extend, fates, lease, recording, recover
from services.lease import Lease, Look
from services.recording import Recorded, Recorder
from services.waiting import Waiting

Planted = Callable[[pytest.MonkeyPatch], None]


def no_mark_that_a_reminder_is_in_a_message(patch: pytest.MonkeyPatch) -> None:
    """The builder forgets what it has built: the next tick builds it again."""

    def queue(self: object, message_id: int, speaking: Sequence[Waiting]) -> None:
        """Nothing is queued."""

    patch.setattr(compose._Desk, "_queue", queue)


def no_last_look(patch: pytest.MonkeyPatch) -> None:
    """What was closed while the conversation ran leaves all the same."""

    def mark(db: Connection, held: Lease, *, now: datetime) -> Look:
        marked = {**lease._key(held), "phase": Phase.DATA, "lease_until": now + lease.LEASE}
        if db.execute(lease._OURS, marked).rowcount != 1:
            return Look.LOST
        db.execute(lease._OUR_ATTEMPT, {**lease._key(held), "data_at": now})
        return Look.GO

    patch.setattr(dispatch, "mark", mark)


def no_marker(patch: pytest.MonkeyPatch) -> None:
    """The last look is there, and nothing is written: after a crash nobody knows that it may have left."""

    def mark(db: Connection, held: Lease, *, now: datetime) -> Look:
        waiting = lease.load_of_message(db, held.message_id)
        if lease._renew(db, held, now=now) is None:
            return Look.LOST
        if not any(one.still_true for one in waiting):
            lease.cancel(db, held, waiting)
            return Look.MOOT
        return Look.GO

    patch.setattr(dispatch, "mark", mark)


def no_guard_by_the_lease(patch: pytest.MonkeyPatch) -> None:
    """Whoever once had the message still has it."""

    anybodys = update(messages).where(messages.c.id == bindparam("of"))
    patch.setattr(lease, "_OURS", anybodys)
    patch.setattr(lease, "_RENEW", anybodys.returning(*messages.c))
    patch.setattr(lease, "_MARK", anybodys.returning(messages.c.kind, messages.c.about))


def unknown_counts_as_accepted(patch: pytest.MonkeyPatch) -> None:
    _read_as_accepted(patch, Verdict.UNKNOWN)


def a_refusal_counts_as_accepted(patch: pytest.MonkeyPatch) -> None:
    """The errcode in an answer with status 200 is not looked at."""
    _read_as_accepted(patch, Verdict.REJECTED)


def _read_as_accepted(patch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    real = Recorder.record

    def record(self: Recorder, db: Connection, held: Lease, outcome: Outcome, *, now: datetime) -> Recorded:
        read = replace(outcome, verdict=Verdict.ACCEPTED) if outcome.verdict is verdict else outcome
        return real(self, db, held, read, now=now)

    patch.setattr(Recorder, "record", record)


def no_fallback(patch: pytest.MonkeyPatch) -> None:
    """The message fails, and its reminders go nowhere."""
    patch.setattr(recording, "fall_back", lambda *_, **__: [])


def a_crash_after_the_data_counts_as_before(patch: pytest.MonkeyPatch) -> None:
    real = recover.message_row

    def row(db: Connection, message_id: int, *, lock: bool = False) -> dict[str, Any]:
        return real(db, message_id, lock=lock) | {"phase": Phase.CLAIMED}

    patch.setattr(recover, "message_row", row)


def the_day_that_was_told_is_not_kept(patch: pytest.MonkeyPatch) -> None:
    """Whoever was told a day is not known: when it moves he hears nothing."""
    patch.setattr(recording, "_note_told", lambda *_, **__: None)


def a_channels_fault_uses_up_a_try(patch: pytest.MonkeyPatch) -> None:
    real = recording.finish

    def finish(db: Connection, held: Lease, values: dict[str, Any]) -> bool:
        return real(db, held, {name: value for name, value in values.items() if name != "tries"})

    patch.setattr(recording, "finish", finish)


def older_steps_are_not_folded(patch: pytest.MonkeyPatch) -> None:
    """After a stop each step of one item speaks for itself, one tick after the other."""
    real = fates.decide

    def decide(group: Sequence[Waiting], *, stale_before: datetime) -> fates.Decision:
        decision = real(group, stale_before=stale_before)
        kept = tuple((one, fate) for one, fate in decision.ended if not fate.reason.startswith("由 "))
        return fates.Decision(decision.speaks, kept)

    patch.setattr(compose, "decide", decide)


def unsent_messages_are_not_taken_over(patch: pytest.MonkeyPatch) -> None:
    """What yesterday's message could not deliver goes out beside today's."""
    patch.setattr(compose, "_unsent_messages", lambda *_: {})


def a_notice_to_everybody(patch: pytest.MonkeyPatch) -> None:
    """An extension is told to those as well who had never heard of the day before."""

    def notices(db: Connection, held: Any, *, step: str, due_epoch: int, besides: str, words: Any, now: datetime) -> int:
        about = {"occurrence_id": held.id, "step": step, "offset": 0, "due_epoch": due_epoch, "fire_at": now}
        told = extend.active_assignments(db, held.id)
        return extend.plan_reminders(db, [extend.reminder(assignment_id=one.id, say=words(held.due_on), **about) for one in told])

    patch.setattr(extend, "notices_to_told", notices)


def what_is_closed_counts_as_told(patch: pytest.MonkeyPatch) -> None:
    """An item that was done before its digest left is not in the text, and its reminder is called sent."""
    patch.setattr(lease, "end_moot", lambda *_: None)


def a_second_try_is_worded_anew(patch: pytest.MonkeyPatch) -> None:
    """A message that may have arrived is brought up to date: two texts with one number."""
    real = lease._renew

    def renew(db: Connection, held: Lease, *, now: datetime) -> dict[str, Any] | None:
        message = real(db, held, now=now)
        return None if message is None else message | {"ambiguous": 0}

    patch.setattr(lease, "_renew", renew)


def an_unknown_end_is_tried_without_end(patch: pytest.MonkeyPatch) -> None:
    """Nobody counts how often nobody knew."""
    patch.setattr(recording, "MOST_AMBIGUOUS", 9)


def a_dead_message_takes_its_reminders_along(patch: pytest.MonkeyPatch) -> None:
    """Three crashes bury the message, and its reminders wait in it for ever."""
    patch.setattr(recording, "fail_reminders", lambda *_: None)


MUTANTS: tuple[Planted, ...] = (
    no_mark_that_a_reminder_is_in_a_message,
    no_last_look,
    no_marker,
    no_guard_by_the_lease,
    unknown_counts_as_accepted,
    a_refusal_counts_as_accepted,
    no_fallback,
    a_crash_after_the_data_counts_as_before,
    the_day_that_was_told_is_not_kept,
    a_channels_fault_uses_up_a_try,
    older_steps_are_not_folded,
    unsent_messages_are_not_taken_over,
    a_notice_to_everybody,
    what_is_closed_counts_as_told,
    a_second_try_is_worded_anew,
    an_unknown_end_is_tried_without_end,
    a_dead_message_takes_its_reminders_along,
)
