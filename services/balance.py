"""What became of the reminders that fell due: each is in exactly one place, or the auditor asks why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select, text

from models.message import MessageState, messages
from models.occurrence import extension_requests
from models.reminder import ReminderState, reminders
from models.upkeep import facts

PLANNED = text("reminder.state = 'planned'")
QUEUED = text("reminder.state = 'queued'")
PENDING = text("message.state = 'pending'")
LEASED = text("message.state = 'leased'")
UNDECIDED = text("extension_request.state = 'pending'")
"""Written out, not bound: SQLite uses a partial index only when it can see that the condition fits."""

_LIVE = (MessageState.PENDING, MessageState.LEASED)


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of reminders. ``due`` is counted by itself; the rest says where they are."""

    due: int = 0
    sent: int = 0
    folded: int = 0
    cancelled: int = 0
    superseded: int = 0
    expired: int = 0
    failed: int = 0
    queued: int = 0  # in a message that is on its way
    held: int = 0  # planned, and not to be told before a stated time
    waiting: int = 0  # planned: the next tick in a window takes them

    @property
    def open(self) -> int:
        """Not yet told, and still to be: 待发."""
        return self.queued + self.held + self.waiting

    @property
    def even(self) -> bool:
        ended = self.sent + self.folded + self.cancelled + self.superseded + self.expired + self.failed
        return self.due == ended + self.open


def count_due(db: Connection, *, since: datetime | None, until: datetime) -> Balance:
    """Of the reminders whose moment came from ``since`` on and before ``until``: how many, and what became of them."""
    fell_due = reminders.c.fire_at < until
    if since is not None:
        fell_due = and_(reminders.c.fire_at >= since, fell_due)
    held = and_(reminders.c.state == ReminderState.PLANNED, reminders.c.held_until > until)
    place = case((held, "held"), (reminders.c.state == ReminderState.PLANNED, "waiting"), else_=reminders.c.state)
    found: Counter[str] = Counter()
    for name, count in db.execute(select(place, func.count()).where(fell_due).group_by(place)):
        found[str(name)] += int(count)
    due = db.execute(select(func.count()).select_from(reminders).where(fell_due)).scalar_one()
    return Balance(due=due, **found)


def still_open_before(db: Connection, moment: datetime) -> int:
    """Reminders whose moment came earlier and that nobody was told yet; both states are small by nature."""
    planned = select(func.count()).select_from(reminders).where(PLANNED, reminders.c.fire_at < moment)
    live = select(messages.c.id).where(messages.c.state.in_(_LIVE))
    on_their_way = (
        select(func.count()).select_from(reminders).where(QUEUED, reminders.c.fire_at < moment, reminders.c.message_id.in_(live))
    )
    return int(db.execute(planned).scalar_one()) + int(db.execute(on_their_way).scalar_one())


def unexplained(db: Connection, *, since: datetime) -> int:
    """Reminders due by ``since``, not told, in no hold that has a reason and an end (RELIABILITY I5).

    A hold of the whole office (a crowd after a stop, a clock in doubt) explains all of them; a wish for a later day that
    is undecided explains those of its occurrence.
    """
    if stated_holds(db):
        return 0
    released = or_(reminders.c.held_until.is_(None), reminders.c.held_until <= since)
    asked = select(extension_requests.c.id).where(UNDECIDED, extension_requests.c.occurrence_id == reminders.c.occurrence_id)
    wanted = select(func.count()).select_from(reminders).where(PLANNED, reminders.c.fire_at <= since, released, ~asked.exists())
    return int(db.execute(wanted).scalar_one())


def stated_holds(db: Connection) -> tuple[str, ...]:
    """Names of the holds over everything that are in force: hold:catch-up, hold:clock."""
    return tuple(db.execute(select(facts.c.name).where(facts.c.name.like("hold:%")).order_by(facts.c.name)).scalars())


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Reminders whose state their message denies."""

    stranded: int = 0  # on their way in a message that has ended: nobody would ever send them
    untrue: int = 0  # told, in a message that was not sent


def contradictions(db: Connection, *, first: int) -> Contradictions:
    """Of the messages from the number ``first`` on."""
    denied = case(
        (and_(reminders.c.state == ReminderState.QUEUED, messages.c.state.not_in(_LIVE)), "stranded"),
        (and_(reminders.c.state == ReminderState.SENT, messages.c.state != MessageState.SENT), "untrue"),
        else_="",
    )
    joined = messages.join(reminders, reminders.c.message_id == messages.c.id)
    recent = and_(messages.c.id >= first, reminders.c.message_id >= first)  # said twice: each lets its own index be used
    query = select(denied.label("what"), func.count()).select_from(joined).where(recent)
    found = {row[0]: int(row[1]) for row in db.execute(query.group_by("what"))}
    return Contradictions(found.get("stranded", 0), found.get("untrue", 0))


def settled_below(db: Connection) -> int:
    """The number below which every message has ended: ended ones never change."""
    # Not min() in SQL: SQLite would walk the whole table for it instead of the partial index.
    live = [number for state in (PENDING, LEASED) for number in db.execute(select(messages.c.id).where(state)).scalars()]
    newest = db.execute(select(func.max(messages.c.id))).scalar_one()
    return min(live, default=int(newest or 0) + 1)
