"""Who reads what, and where: a person at one of his addresses, or a whole group through its robot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection, select

from models.message import messages
from models.office import people
from planning.basis import DeliveryPolicy
from planning.lookup import standing_in
from planning.roster import Destination
from services.letters import Reader
from services.waiting import Waiting, chunks

PASSED_ON = "passed-on"
"""In a message's ``about``: its channel was closed for too long, nobody refused it."""

GROUP = "group:"
"""Before a channel's name: the reader of what all read who are reached through that channel."""


@dataclass(slots=True)
class Post:
    """What one reader is to be told."""

    reader: Reader
    waiting: list[Waiting]


@dataclass(slots=True)
class Sorted:
    """Posts by the reader's key; and, by person, what cannot be delivered: nobody knows an address."""

    posts: dict[str, Post] = field(default_factory=dict)
    unreachable: dict[str, list[Waiting]] = field(default_factory=dict)
    unread: dict[str, list[Waiting]] = field(default_factory=dict)  # people.yaml has a fault, and he may stand in it
    left: dict[str, list[Waiting]] = field(default_factory=dict)  # has left the office, and nobody stands in

    @property
    def all_placed(self) -> bool:
        return not (self.unreachable or self.unread or self.left)


def reader_of(person: str, policy: DeliveryPolicy, *, on: date) -> str:
    """Who reads what is meant for the person on that day: himself, or who stands in and can be reached."""
    known = policy.roster.people.get(person)
    other = None if known is None else standing_in(known, policy.roster, on)
    if other is None or not policy.destinations.get(other.key):
        return person
    return other.key


def has_left(person: str, policy: DeliveryPolicy, *, on: date) -> bool:
    known = policy.roster.people.get(person)
    return known is not None and known.left_on is not None and known.left_on <= on


def sort_by_reader(
    db: Connection,
    waiting: Iterable[Waiting],
    policy: DeliveryPolicy,
    channels: Collection[str],
    *,
    on: date,
    tried: Mapping[str, frozenset[int]] | None = None,
) -> Sorted:
    """Put each reminder to whom it is for. ``tried`` names, for each person, the ranks that are used up."""
    found = Sorted()
    of_person: dict[str, list[Waiting]] = {}
    for one in waiting:
        of_person.setdefault(reader_of(one.person, policy, on=on), []).append(one)
    names = _names(db, of_person)
    groups: dict[str, list[tuple[str, Waiting]]] = {}
    for person in sorted(of_person):
        theirs = of_person[person]
        if policy.roster_faulty and person not in policy.destinations:
            found.unread[person] = theirs
            continue
        if has_left(person, policy, on=on):
            found.left[person] = theirs
            continue
        place = next_destination(policy.destinations.get(person, ()), channels, tried=(tried or {}).get(person, frozenset()))
        if place is None:
            found.unreachable[person] = theirs
            continue
        rank, destination = place
        if policy.rule(destination.channel).group:
            groups.setdefault(destination.channel, []).extend((person, one) for one in theirs)
        else:
            found.posts[person] = Post(Reader(person, names.get(person) or theirs[0].name, destination, rank), theirs)
    for channel, listed in groups.items():
        found.posts[f"{GROUP}{channel}"] = _group_post(channel, listed, policy)
    return found


def next_destination(
    destinations: Sequence[Destination], channels: Collection[str], *, tried: Collection[int] = frozenset()
) -> tuple[int, Destination] | None:
    """The next destination with its rank: the first on an open channel that was not tried.

    Without any, the first in line: its message waits until the channel is back, and a problem says so. A slip in
    channels.yaml must not make anybody unreachable.
    """
    left = [(rank, destination) for rank, destination in enumerate(destinations) if rank not in tried]
    opened = (found for found in left if found[1].channel in channels)
    return next(opened, left[0] if left else None)


def is_group(person: str) -> bool:
    return person.startswith(GROUP)


def tried_ranks(db: Connection, message_id: int, person: str, policy: DeliveryPolicy) -> frozenset[int]:
    """Which of the person's destinations a message and those it follows have used up, as the files have them now.

    What was only passed on because its channel was closed was not tried; what somebody else was sent, neither.
    """
    used: set[tuple[str, str]] = set()  # channel and address; in a group the channel alone
    number: int | None = message_id
    columns = (messages.c.person, messages.c.channel, messages.c.address, messages.c.about, messages.c.fallback_of)
    while number is not None:
        row = db.execute(select(*columns).where(messages.c.id == number)).one()
        if PASSED_ON not in row.about and (is_group(row.person) or row.person == person):
            used.add((row.channel, "" if is_group(row.person) else row.address))
        number = row.fallback_of
    listed = enumerate(policy.destinations.get(person, ()))
    return frozenset(rank for rank, one in listed if (one.channel, one.address) in used or (one.channel, "") in used)


def members(persons: Iterable[str], channel: str, policy: DeliveryPolicy) -> str:
    """Whom a group's message mentions: the addresses of these people on its channel."""
    listed = (one.address for person in persons for one in policy.destinations.get(person, ()) if one.channel == channel)
    return ",".join(sorted({address.strip() for written in listed for address in written.split(",") if address.strip()}))


def _group_post(channel: str, theirs: list[tuple[str, Waiting]], policy: DeliveryPolicy) -> Post:
    """One message for the whole group: its address names who is to be mentioned."""
    name = policy.rule(channel).group_name or channel
    destination = Destination(channel, members({person for person, _ in theirs}, channel, policy))
    return Post(Reader(f"{GROUP}{channel}", name, destination, 0, group=True), [one for _, one in theirs])


def _names(db: Connection, persons: Collection[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in chunks(sorted(persons)):
        for row in db.execute(select(people.c.key, people.c.name).where(people.c.key.in_(some))):
            found[row.key] = row.name
    return found
