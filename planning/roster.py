"""Units, people, and who answers for a party on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Unit:
    key: str
    name: str
    kind: str  # county, town, office, village …: free, used by `for_each`
    parent: str | None = None
    head: str | None = None  # person key: 负责人
    contact: str | None = None  # person key: 承办 of what is addressed to the unit
    position: int = 0  # official order: the place in the file


@dataclass(frozen=True, slots=True)
class Destination:
    """An address on a channel; a person's first destination is tried first."""

    channel: str  # key in channels.yaml
    address: str


@dataclass(frozen=True, slots=True)
class Post:
    """One office that a person holds; a person may hold two."""

    unit: str
    title: str  # 镇长, 司法所所长
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StandIn:
    """From ``since`` to ``until`` (both included) ``person`` answers instead (A/B角)."""

    person: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    name: str
    posts: tuple[Post, ...]
    destinations: tuple[Destination, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    left_on: date | None = None  # first day no longer in office
    position: int = 0

    @property
    def unit(self) -> str:
        """The key of the main post's unit."""
        return self.posts[0].unit

    @property
    def title(self) -> str:
        return self.posts[0].title


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody, in official order. Looking up never guesses: an empty answer is the caller's problem to report."""

    units: dict[str, Unit] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
