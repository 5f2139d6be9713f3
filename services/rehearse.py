"""Every message that would go out until a day, with its very text: the real tick, run on a copy, with nothing at the end.

What is rehearsed is what will be sent as long as nothing changes meanwhile: nothing is done, moved or edited, every
provider accepts, and ticks come at least every quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from models.message import messages
from models.occurrence import occurrences
from models.reminder import ReminderState, reminders
from models.store import Store
from models.upkeep import facts
from notifications.envelope import Envelope, Marker, Outcome, Verdict
from planning.basis import DeliveryPolicy
from planning.reference import reference
from planning.windows import last_close, next_open
from services.breaker import resting_until
from services.clone import clone_for_sending
from services.compose import PLANNED
from services.downtime import note_tick
from services.facts import read_fact
from services.holding import CATCH_UP
from services.lease import PENDING
from services.tick import tick

TICK = timedelta(minutes=10)
"""How often ticks come, about: what no reminder's moment ends is looked at again so soon."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One message as it would be handed over. ``at`` is in local time."""

    at: datetime
    person: str
    name: str
    channel: str
    address: str
    ref: str
    subject: str
    text: str
    html: str
    occurrences: tuple[str, ...]  # refs of what it tells of


def rehearse(
    store: Store,
    policy: DeliveryPolicy,
    *,
    now: datetime,
    until: datetime,
    person: str | None = None,
    channels: Collection[str] | None = None,
) -> list[Rehearsed]:
    """The messages from ``now`` to ``until`` (both included), in the order of sending. Writes nothing to ``store``.

    ``channels`` are those that will be open; without it every channel that a destination names.
    """
    names = _named(policy) if channels is None else channels
    copy = clone_for_sending(store, now=now, until=until)
    try:
        heard = _run(copy, policy, {name: _Recorder(name) for name in names}, now=now, until=until)
    finally:
        copy.close()
    return [one for one in heard if person is None or one.person == person]


def _run(
    copy: Store, policy: DeliveryPolicy, recorders: dict[str, _Recorder], *, now: datetime, until: datetime
) -> list[Rehearsed]:
    heard: list[Rehearsed] = []
    moment: datetime | None = now
    early = _early_moments(copy, policy)
    while moment is not None and moment <= until:
        outcome = tick(copy, recorders, policy, now=moment, office=False)
        heard.extend(_take(copy, recorders, at=moment.astimezone(policy.tz)))
        after = moment if outcome.held_until is None else outcome.held_until
        if outcome.again_at is not None:
            moment = outcome.again_at
        elif _waits(copy, after, held=outcome.held_until):
            moment = after
        else:
            moment = _next_moment(copy, policy, after=after)
            if outcome.held or _rests(copy, after):  # a crowd is let go, a rest ends: ticks come all the time and see it
                soon = next_open(policy.windows, policy.workdays, after + TICK, policy.tz)
                moment = soon if moment is None else min(moment, soon)
        moment = min([*([] if moment is None else [moment]), *(one for one in early if one > after)], default=None)
        if moment is not None:
            note_tick(copy, now=moment)  # meanwhile ticks come and find nothing: no stop to tell of
    return heard


def _rests(copy: Store, now: datetime) -> bool:
    """Whether a channel rests, or a crowd is held: something else than a reminder's moment ends that."""
    with copy.read() as db:
        names = db.execute(select(facts.c.name).where(facts.c.name.like("channel:%"))).scalars().all()
        resting = any(resting_until(db, name.removeprefix("channel:"), now=now) is not None for name in names)
        return resting or read_fact(db, CATCH_UP) is not None


def _waits(copy: Store, until: datetime, *, held: datetime | None) -> bool:
    """Whether the next window has something to send."""
    if held is None:
        return False
    with copy.read() as db:
        return any(moment <= until for moment in _due_moments(db, after=None))


def _next_moment(copy: Store, policy: DeliveryPolicy, *, after: datetime) -> datetime | None:
    """When the next reminder or second try is due and a window is open."""
    with copy.read() as db:
        due = min(_due_moments(db, after=after), default=None)
    return None if due is None else next_open(policy.windows, policy.workdays, due, policy.tz)


def _early_moments(copy: Store, policy: DeliveryPolicy) -> list[datetime]:
    """When a tick will send what would come after its deadline if it waited for the next window."""
    joined = reminders.join(occurrences, occurrences.c.id == reminders.c.occurrence_id)
    query = select(reminders.c.fire_at, occurrences.c.due_at).select_from(joined).where(PLANNED, reminders.c.offset <= 0)
    found: set[datetime] = set()
    with copy.read() as db:
        for fire_at, due_at in db.execute(query.distinct()):
            closed = last_close(policy.windows, policy.workdays, due_at, policy.tz)
            early = closed - timedelta(minutes=policy.rules.early_minutes)
            if early < fire_at and due_at <= next_open(policy.windows, policy.workdays, closed, policy.tz):
                found.add(early)
    return sorted(found)


def _due_moments(db: Connection, *, after: datetime | None) -> list[datetime]:
    fire_at, held = reminders.c.fire_at, reminders.c.held_until
    queries = (
        select(func.min(fire_at)).where(PLANNED, held.is_(None), *([] if after is None else [fire_at > after])),
        select(func.min(held)).where(PLANNED, held.is_not(None), *([] if after is None else [held > after])),
        select(func.min(messages.c.next_at)).where(PENDING, *([] if after is None else [messages.c.next_at > after])),
    )
    return [moment for query in queries if (moment := db.execute(query).scalar_one()) is not None]


def _take(copy: Store, recorders: dict[str, _Recorder], *, at: datetime) -> list[Rehearsed]:
    envelopes = [envelope for recorder in recorders.values() for envelope in recorder.taken]
    for recorder in recorders.values():
        recorder.taken.clear()
    with copy.read() as db:
        return [_rehearsed(db, envelope, at=at) for envelope in sorted(envelopes, key=lambda envelope: envelope.ref)]


def _rehearsed(db: Connection, envelope: Envelope, *, at: datetime) -> Rehearsed:
    message = db.execute(select(messages).where(messages.c.ref == envelope.ref)).one()
    told = (
        select(occurrences.c.duty_key, occurrences.c.period)
        .distinct()
        .select_from(reminders.join(occurrences, occurrences.c.id == reminders.c.occurrence_id))
        .where(reminders.c.message_id == message.id, reminders.c.state == ReminderState.SENT)
    )
    return Rehearsed(
        at=at,
        person=message.person,
        name=message.name,
        channel=message.channel,
        address=envelope.address,
        ref=envelope.ref,
        subject=envelope.subject,
        text=envelope.text,
        html=envelope.html,
        occurrences=tuple(sorted(reference(row.duty_key, row.period) for row in db.execute(told))),
    )


def _named(policy: DeliveryPolicy) -> set[str]:
    return {destination.channel for listed in policy.destinations.values() for destination in listed}


@dataclass(slots=True)
class _Recorder:
    """A channel at whose end nothing is: it accepts and remembers."""

    name: str
    taken: list[Envelope] = field(default_factory=list)

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        if not marker():
            return None
        self.taken.append(envelope)
        return Outcome(Verdict.ACCEPTED, code="250", words="演练")

    def close(self) -> None:
        """Nothing is open."""
