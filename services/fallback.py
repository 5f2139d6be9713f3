"""When a destination will not take a message: the next one, or a problem that says so. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from models.reminder import ReminderState, reminders
from planning.basis import DeliveryPolicy
from services.database_gone import DATABASE_GONE
from services.failpoints import reach
from services.lease import end_moot, put_back
from services.letters import add_messages, lock_numbering
from services.problems import report_problem
from services.readers import Post, Sorted, reader_of, sort_by_reader, tried_ranks
from services.waiting import Waiting, load_of_message


def fall_back(
    db: Connection,
    message: Mapping[str, Any],
    *,
    policy: DeliveryPolicy,
    channels: Collection[str],
    now: datetime,
    doubtful: bool,
) -> list[str]:
    """Build the same for each reader's next destination; without one his reminders fail. The sentences for the admin.

    A destination that was passed over because its channel was closed is tried when the others are used up. A group's
    message goes on to each person alone. ``doubtful`` says that the failed message may have arrived after all: then the
    new one names it.
    """
    waiting = load_of_message(db, message["id"])
    end_moot(db, waiting)
    living = [one for one in waiting if one.still_true]
    if not living:
        return []
    found = next_posts(db, message, living, policy=policy, channels=channels, now=now)
    replaces = message["ref"] if doubtful else ""
    told: list[str] = []
    for post in found.posts.values():
        if not _passed_on(db, message, post, policy=policy, now=now, replaces=replaces):
            first = post.waiting[0]
            told += [_unreachable(db, message, first.person, first.name, post.waiting, now=now)]
    put_back(db, [one for theirs in found.unread.values() for one in theirs])
    left = {**found.unreachable, **found.left}
    told += [_unreachable(db, message, person, left[person][0].name, left[person], now=now) for person in sorted(left)]
    return told


def next_posts(
    db: Connection,
    message: Mapping[str, Any],
    living: Sequence[Waiting],
    *,
    policy: DeliveryPolicy,
    channels: Collection[str],
    now: datetime,
) -> Sorted:
    """To whom the message's reminders would go next, past everything that was tried for them."""
    today = now.astimezone(policy.tz).date()
    persons = {reader_of(one.person, policy, on=today) for one in living}
    tried = {person: tried_ranks(db, message["id"], person, policy) for person in persons}
    return sort_by_reader(db, living, policy, channels, on=today, tried=tried)


def fail_reminders(db: Connection, message_id: int, reason: str) -> None:
    queued = update(reminders).where(reminders.c.message_id == message_id, reminders.c.state == ReminderState.QUEUED)
    db.execute(queued.values(state=ReminderState.FAILED, reason=reason))


def _unreachable(
    db: Connection, message: Mapping[str, Any], person: str, name: str, waiting: Sequence[Waiting], *, now: datetime
) -> str:
    ids = [one.reminder_id for one in waiting]
    queued = update(reminders).where(reminders.c.id.in_(ids), reminders.c.state == ReminderState.QUEUED)
    db.execute(queued.values(state=ReminderState.FAILED, reason="所有地址都没有送达"))
    sentence = f"给{name}的提醒没有送达（编号 {message['ref']}），没有别的地址可用。请核对其地址，并当面告知。"
    report_problem(db, key=f"unreachable:{person}", kind="unreachable", text=sentence, now=now)
    return sentence


def _passed_on(
    db: Connection, message: Mapping[str, Any], post: Post, *, policy: DeliveryPolicy, now: datetime, replaces: str
) -> bool:
    """A message that cannot be worded must not undo the record of what the provider said: it gets a savepoint."""
    lock_numbering(db)
    try:
        with db.begin_nested():
            # ``after``: an address that was passed over may get the same reminders a second time.
            number = message["id"]
            built = add_messages(
                db, post.waiting, post.reader, policy=policy, now=now, replaces=replaces, after=[number], fallback_of=number
            )
            reach("D10")
            for one in built:
                ids = [waiting.reminder_id for waiting in one.told]
                moved = update(reminders).where(reminders.c.id.in_(ids), reminders.c.message_id == message["id"])
                db.execute(moved.values(message_id=one.id))
    except DATABASE_GONE:
        raise  # a lost lock: the whole unit of work starts again
    except Exception:  # noqa: BLE001 - the caller reports the person as unreachable
        return False
    return True
