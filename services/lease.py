"""The guarded statements of a hand-over: claim, look, mark, let go. Each names the state it leaves.

A message is handed over by whoever holds its lease token; whoever lost it changes nothing and sends nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, bindparam, func, insert, select, text, update

from models.message import AttemptOutcome, MessageKind, MessageState, Phase, attempts, messages
from models.reminder import ReminderState, reminders
from planning.basis import DeliveryPolicy
from planning.held import rests_meanwhile
from planning.roster import Destination
from services.downtime import stop_told
from services.failpoints import reach
from services.fates import why_moot
from services.letters import Reader, word
from services.office_messages import still_wanted
from services.rates import allowance
from services.readers import has_left, is_group, members, reader_of
from services.waiting import Waiting, load_of_message

BATCH = 20
LEASE = timedelta(seconds=120)
"""Twice the deadline of one hand-over; renewed when a message's turn comes and again at the marker."""

PENDING = text("message.state = 'pending'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""


@dataclass(frozen=True, slots=True)
class Lease:
    message_id: int
    token: str


_OURS = update(messages).where(
    messages.c.id == bindparam("of"), messages.c.state == MessageState.LEASED, messages.c.lease_token == bindparam("held_by")
)
"""A message while the lease is ours. What it becomes comes with the parameters, under the columns' names.

This one and the next ones run for each message. They are built once: building a statement costs several times what
running it does.
"""

_RENEW = _OURS.returning(*messages.c)
_MARK = _OURS.returning(messages.c.kind, messages.c.about)
_LET_GO = _OURS.values(tries=messages.c.tries - 1)
_MESSAGE = select(messages).where(messages.c.id == bindparam("of"))
_MESSAGE_LOCKED = _MESSAGE.with_for_update()  # SQLite: the write transaction is the lock
_TRIED_BEFORE = select(func.count()).where(attempts.c.message_id == bindparam("of"))
_OPEN_ATTEMPT = insert(attempts).values(n=_TRIED_BEFORE.scalar_subquery() + 1).inline()
_OUR_ATTEMPT = update(attempts).where(
    attempts.c.message_id == bindparam("of"), attempts.c.token == bindparam("held_by"), attempts.c.outcome.is_(None)
)
_NO_LEASE = {"phase": None, "lease_token": None, "lease_until": None}


class Look(Enum):
    """What became of a message at a look before sending."""

    GO = auto()
    LOST = auto()  # the lease is somebody else's
    MOOT = auto()  # nothing left to say: cancelled


@dataclass(frozen=True, slots=True)
class Claim:
    """What was taken; ``again_at`` names the moment when the channel's limit has room again, if that is why no more was."""

    leases: list[Lease]
    again_at: datetime | None = None


def claim(
    db: Connection, channel: str, *, policy: DeliveryPolicy, now: datetime, limit: int = BATCH, office_only: bool = False
) -> Claim:
    """Take messages of the channel that are due, the longest waiting first. Counts the try before the work."""
    reach("D2")
    room = allowance(db, channel, policy, now=now)
    if not room.free:
        return Claim([], room.again_at)
    due = select(messages.c.id).where(PENDING, messages.c.next_at <= now, messages.c.channel == channel)
    if office_only:
        due = due.where(messages.c.kind == MessageKind.OFFICE)
    due = due.order_by(messages.c.next_at, messages.c.id).limit(min(limit, room.free))
    if db.dialect.name == "postgresql":
        due = due.with_for_update(skip_locked=True)  # SQLite: the write transaction is the lock
    ids = list(db.execute(due).scalars())
    token = uuid4().hex
    taken = (
        update(messages)
        .where(messages.c.id.in_(ids), PENDING)
        .values(
            state=MessageState.LEASED,
            phase=Phase.CLAIMED,
            lease_token=token,
            lease_until=now + LEASE,
            tries=messages.c.tries + 1,
        )
        .returning(messages.c.id)
    )
    got = set(db.execute(taken).scalars()) if ids else set()
    return Claim([Lease(number, token) for number in ids if number in got])


def look(db: Connection, lease: Lease, *, policy: DeliveryPolicy, now: datetime) -> tuple[Look, Mapping[str, Any]]:
    """Before the conversation: drop what is moot, bring stale words up to date, open the attempt.

    Words are changed only while no provider can have seen them; afterwards every try sends the same bytes. With the
    answer comes the message as the look left it; nothing when it is somebody else's.
    """
    message = _renew(db, lease, now=now)
    if message is None:
        return Look.LOST, {}
    waiting = load_of_message(db, lease.message_id)
    if waiting and not message["ambiguous"]:
        waiting = _without_those_at_rest(db, waiting, policy=policy, now=now)
    if not _wanted(db, message, waiting):
        cancel(db, lease, waiting)
        return Look.MOOT, message
    if waiting and not message["ambiguous"]:
        living = [one for one in waiting if one.still_true]
        end_moot(db, waiting)
        if _stale(message, waiting, living, policy=policy, now=now):
            message |= _reword(db, message, living, policy=policy, now=now)
    opened = {"message_id": lease.message_id, "token": lease.token, "started_at": now, "code": "", "detail": ""}
    db.execute(_OPEN_ATTEMPT, {"of": lease.message_id, **opened})
    return Look.GO, message


def mark(db: Connection, lease: Lease, *, now: datetime) -> Look:
    """Right before the data leaves: the marker and the last look, together. What is moot is cancelled, and not marked."""
    marked = db.execute(_MARK, {**_key(lease), "phase": Phase.DATA, "lease_until": now + LEASE}).one_or_none()
    if marked is None:
        return Look.LOST
    waiting = load_of_message(db, lease.message_id)
    if not _wanted(db, marked._asdict(), waiting):
        cancel(db, lease, waiting)
        return Look.MOOT
    db.execute(_OUR_ATTEMPT, {**_key(lease), "data_at": now})
    return Look.GO


def finish(db: Connection, lease: Lease, values: Mapping[str, Any]) -> bool:
    """Leave the lease for another state. Whether it was still ours."""
    return db.execute(_OURS, {**_key(lease), **_NO_LEASE, **values}).rowcount == 1


def let_go(db: Connection, lease: Lease, *, now: datetime) -> bool:
    """Give an untouched message back as it was claimed: no try is counted. It goes behind those that waited longer."""
    waits = {"state": MessageState.PENDING, "next_at": now}
    return db.execute(_LET_GO, {**_key(lease), **_NO_LEASE, **waits}).rowcount == 1


def cancel(db: Connection, lease: Lease, waiting: list[Waiting]) -> None:
    if finish(db, lease, {"state": MessageState.CANCELLED, "last_error": "已无需提醒"}):
        end_moot(db, waiting)


def end_moot(db: Connection, waiting: list[Waiting]) -> None:
    """Reminders in a message that have nothing left to say."""
    for one in waiting:
        if not one.still_true:
            queued = update(reminders).where(reminders.c.id == one.reminder_id, reminders.c.state == ReminderState.QUEUED)
            db.execute(queued.values(state=ReminderState.CANCELLED, reason=why_moot(one)))


def end_attempt(
    db: Connection, lease: Lease, outcome: AttemptOutcome, *, now: datetime, code: str = "", detail: str = ""
) -> bool:
    """Write the ending once. False when somebody else already did."""
    ended = {"finished_at": now, "outcome": outcome, "code": code[:50], "detail": detail[:500]}
    return db.execute(_OUR_ATTEMPT, {**_key(lease), **ended}).rowcount == 1


def message_row(db: Connection, message_id: int, *, lock: bool = False) -> dict[str, Any]:
    return db.execute(_MESSAGE_LOCKED if lock else _MESSAGE, {"of": message_id}).one()._asdict()


def put_back(db: Connection, waiting: Sequence[Waiting]) -> None:
    """Reminders that wait for another moment leave their message; the next build finds them as they were planned.

    They keep its number: the message that tells them then is another one, though its reader and its reminders are equal.
    """
    if waiting:
        queued = update(reminders).where(reminders.c.id.in_([one.reminder_id for one in waiting]))
        queued = queued.where(reminders.c.state == ReminderState.QUEUED)
        db.execute(queued.values(state=ReminderState.PLANNED))


def _without_those_at_rest(db: Connection, waiting: list[Waiting], *, policy: DeliveryPolicy, now: datetime) -> list[Waiting]:
    """Since the message was built somebody may have asked for a later day, or left the office."""
    today = now.astimezone(policy.tz).date()
    resting = [one for one in waiting if one.undecided and rests_meanwhile(one.step)]
    gone = [one for one in waiting if has_left(reader_of(one.person, policy, on=today), policy, on=today)]
    put_back(db, [*resting, *gone])  # the next build ends those of who has left, with the reason
    away = {one.reminder_id for one in (*resting, *gone)}
    return [one for one in waiting if one.reminder_id not in away]


def _wanted(db: Connection, message: Mapping[str, Any], waiting: list[Waiting]) -> bool:
    """Whether there is still something to say."""
    if message["kind"] == MessageKind.OFFICE:
        return still_wanted(db, message["about"])
    return any(one.still_true for one in waiting)


def _renew(db: Connection, lease: Lease, *, now: datetime) -> dict[str, Any] | None:
    """The message, ours for another while; None when it is somebody else's."""
    renewed = db.execute(_RENEW, {**_key(lease), "lease_until": now + LEASE}).one_or_none()
    return None if renewed is None else renewed._asdict()


def _key(lease: Lease) -> dict[str, Any]:
    return {"of": lease.message_id, "held_by": lease.token}


def _stale(
    message: Mapping[str, Any], waiting: list[Waiting], living: list[Waiting], *, policy: DeliveryPolicy, now: datetime
) -> bool:
    """Whether the words would be wrong now: something ended, a due day moved, another day began, the address changed."""
    told = {entry["assignment"]: entry["due_on"] for entry in message["links"]}
    return (
        len(living) != len(waiting)
        or not told.keys() <= {one.assignment_id for one in living}
        or any(told.get(one.assignment_id) != one.due_on.isoformat() for one in living)
        or message["built_at"].astimezone(policy.tz).date() != now.astimezone(policy.tz).date()
        or _address(message, living, policy, now=now) != message["address"]
    )


def _reword(
    db: Connection, message: Mapping[str, Any], living: list[Waiting], *, policy: DeliveryPolicy, now: datetime
) -> dict[str, Any]:
    """The columns that say it anew."""
    destination = Destination(message["channel"], _address(message, living, policy, now=now))
    reader = Reader(message["person"], message["name"], destination, message["rank"], group=is_group(message["person"]))
    stop = stop_told(message["about"])
    replaces = _in_doubt_before(db, message)
    wording = word(db, living, reader, ref=message["ref"], policy=policy, now=now, stop=stop, replaces=replaces)
    changed = {"address": destination.address, **wording.columns()}
    db.execute(update(messages).where(messages.c.id == message["id"]).values(changed))
    return changed


def _in_doubt_before(db: Connection, message: Mapping[str, Any]) -> str:
    """The number of the message before this one, if that may have arrived after all."""
    if message["fallback_of"] is None:
        return ""
    before = message_row(db, message["fallback_of"])
    return str(before["ref"]) if before["ambiguous"] else ""


def _address(message: Mapping[str, Any], living: list[Waiting], policy: DeliveryPolicy, *, now: datetime) -> str:
    """The destination's address as the files have it now; the message's own when the destination is gone."""
    if is_group(message["person"]):
        today = now.astimezone(policy.tz).date()
        return members({reader_of(one.person, policy, on=today) for one in living}, message["channel"], policy)
    destinations = policy.destinations.get(message["person"], ())
    if message["rank"] < len(destinations) and destinations[message["rank"]].channel == message["channel"]:
        return str(destinations[message["rank"]].address)
    return str(message["address"])
