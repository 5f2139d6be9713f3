"""Who is told of problems, and where: the admin and his second, each over two channels of their own.

A group never reads of the office's troubles, and an address that was just refused is not written to again at once.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from models.office import people
from models.upkeep import problems
from planning.basis import DeliveryPolicy
from planning.problem_kinds import ADVICE
from planning.roster import Destination
from services.problems import close_problem, report_problem

MOST_CHANNELS = 2
"""Over so many channels goes each alarm: one of them may be what is broken."""


@dataclass(frozen=True, slots=True)
class Place:
    """One address of one reader; ``rank`` is its place among his destinations."""

    person: str
    name: str
    rank: int
    destination: Destination


def admins(policy: DeliveryPolicy) -> tuple[str, ...]:
    """The keys of those who are told; none in a rehearsal, which names no admin."""
    return tuple(dict.fromkeys(key for key in (policy.admin, policy.second_admin) if key))


def office_places(
    db: Connection, policy: DeliveryPolicy, channels: Collection[str], *, now: datetime
) -> dict[str, tuple[Place, ...]]:
    """For each admin his first two addresses on different channels that are open. Empty: he cannot be reached."""
    refused = _refused_lately(db, now - timedelta(hours=policy.rules.retell_hours))
    return {person: _places(db, person, policy, channels, refused) for person in admins(policy)}


def advise_of_single_channels(db: Connection, policy: DeliveryPolicy, *, now: datetime) -> None:
    """One channel alone cannot tell of its own death: said once, on the list of problems."""
    for person in admins(policy):
        key = f"single-channel:{person}"
        known = {place.channel for place in policy.destinations.get(person, ()) if not policy.rule(place.channel).group}
        if len(known) != 1:
            close_problem(db, key=key, now=now)
            continue
        listed = select(problems.c.key).where(problems.c.key == key, problems.c.closed_at.is_(None))
        if db.execute(listed).first() is None:
            text = (
                f"管理员{_name(db, person, policy)}只有“{next(iter(known))}”一个提醒渠道，它坏了就无法通知到人。"
                "请在 people.yaml 中再补一个不同渠道的地址。"
            )
            report_problem(db, key=key, kind=ADVICE, text=text, now=now)


def _places(
    db: Connection, person: str, policy: DeliveryPolicy, channels: Collection[str], refused: Collection[str]
) -> tuple[Place, ...]:
    name = _name(db, person, policy)
    found: dict[str, Place] = {}
    for rank, destination in enumerate(policy.destinations.get(person, ())):
        channel = destination.channel
        usable = channel in channels and not policy.rule(channel).group and f"address:{person}:{channel}" not in refused
        if usable and channel not in found:
            found[channel] = Place(person, name, rank, destination)
    return tuple(found.values())[:MOST_CHANNELS]


def _refused_lately(db: Connection, since: datetime) -> set[str]:
    """Addresses that were refused and have not taken anything since; after a day one message tries them again."""
    wanted = select(problems.c.key).where(
        problems.c.kind == "address", problems.c.closed_at.is_(None), problems.c.last_at > since
    )
    return set(db.execute(wanted).scalars())


def _name(db: Connection, person: str, policy: DeliveryPolicy) -> str:
    known = policy.roster.people.get(person)
    if known is not None:
        return known.name
    return db.execute(select(people.c.name).where(people.c.key == person)).scalar_one_or_none() or person
