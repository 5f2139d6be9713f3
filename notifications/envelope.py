"""What goes to a channel, and what the channel says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that travels with the message, as text: frozen with it, so that a second try has the same bytes."""

    name: str  # 办理项.ics
    media_type: str  # text/calendar
    text: str
    parameters: Mapping[str, str] = field(default_factory=dict)  # method=PUBLISH


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message to one address, ready for the wire. A second try hands over an equal envelope."""

    ref: str  # T2603-000142
    address: str  # on a group's robot: the members to mention, separated by commas
    name: str  # the person's name, for a To header; of a group: its name
    subject: str
    text: str
    html: str
    headers: Mapping[str, str] = field(default_factory=dict)  # Message-ID, Date, References …: frozen when built
    attachments: tuple[Attachment, ...] = ()


class Verdict(StrEnum):
    """What we may believe after a try."""

    ACCEPTED = "accepted"  # the provider itself said yes
    DEFERRED = "deferred"  # certainly not taken now; the same may be taken later
    REJECTED = "rejected"  # certainly not taken; trying again is of no use
    UNKNOWN = "unknown"  # cut off after the data left: nobody knows


class Scope(StrEnum):
    """What the answer is about: a dead channel must not make persons look unreachable."""

    MESSAGE = "message"
    PERSON = "person"
    CHANNEL = "channel"


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    scope: Scope = Scope.MESSAGE
    code: str = ""  # the provider's own code: 250, 550, 45009
    words: str = ""  # the provider's own words, at most 500 characters, secrets masked
    retry_after: float | None = None  # seconds, when the provider names it
    provider_id: str = ""  # queue id or message id: the receipt


Marker = Callable[[], bool]
"""Called right before the data leaves; False means that the lease is lost, and nothing may be sent."""


class Channel(Protocol):
    """One medium with one account. ``hand_over`` never raises for what a provider or a network does."""

    name: str

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        """Try once. None means that the marker said no and nothing left the house."""

    def close(self) -> None: ...
