"""When a destination will not take a message: the next one, or a problem that says so. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update
from sqlalchemy.exc import OperationalError

from models.reminder import ReminderState, reminders
from planning.basis import DeliveryPolicy
from services.compose import next_destination, speaking_ids
from services.failpoints import reach
from services.lease import end_moot
from services.letters import Reader, add_message, lock_numbering
from services.problems import report_problem
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
    """Build the same for the next destination; without one the reminders fail. The sentences for the admin.

    ``doubtful`` says that the failed message may have arrived after all: then the new one names it.
    """
    waiting = load_of_message(db, message["id"])
    end_moot(db, waiting)
    living = [one for one in waiting if one.still_true]
    if not living:
        return []
    found = next_destination(policy.destinations.get(message["person"], ()), channels, after=message["rank"])
    if found is not None:
        rank, destination = found
        reader = Reader(message["person"], message["name"], destination, rank)
        replaces = message["ref"] if doubtful else ""
        if _passed_on(db, message, living, reader, policy=policy, now=now, replaces=replaces):
            return []
    fail_reminders(db, message["id"], "所有地址都没有送达")
    sentence = f"给{message['name']}的提醒没有送达（编号 {message['ref']}），没有别的地址可用。请核对其地址，并当面告知。"
    report_problem(db, key=f"unreachable:{message['person']}", kind="unreachable", text=sentence, now=now)
    return [sentence]


def fail_reminders(db: Connection, message_id: int, reason: str) -> None:
    queued = update(reminders).where(reminders.c.message_id == message_id, reminders.c.state == ReminderState.QUEUED)
    db.execute(queued.values(state=ReminderState.FAILED, reason=reason))


def _passed_on(
    db: Connection,
    message: Mapping[str, Any],
    living: list[Waiting],
    reader: Reader,
    *,
    policy: DeliveryPolicy,
    now: datetime,
    replaces: str,
) -> bool:
    """A message that cannot be worded must not undo the record of what the provider said: it gets a savepoint."""
    lock_numbering(db)
    try:
        with db.begin_nested():
            successor = add_message(db, living, reader, policy=policy, now=now, replaces=replaces)
            reach("D10")
            moved = update(reminders).where(reminders.c.id.in_(speaking_ids(living)), reminders.c.message_id == message["id"])
            db.execute(moved.values(message_id=successor))
    except OperationalError:
        raise  # a lost lock: the whole unit of work starts again
    except Exception:  # noqa: BLE001 - the caller reports the person as unreachable
        return False
    return True
