"""How the machinery stands, as it goes out: problems, channels, what did not leave; and what people said."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from web.api.forms.base import Out
from web.api.forms.messages import MessageOut


class ProblemOut(Out):
    """``text`` is one sentence with the remedy. ``advice``: worth knowing, and nothing is broken."""

    key: str
    kind: str
    text: str
    advice: bool
    first_at: datetime
    last_at: datetime
    count: int
    told_at: datetime | None


class ProblemPage(BaseModel):
    total: int
    items: list[ProblemOut]


class ChannelOut(Out):
    """``condition``: open, resting (the provider asked for it) or at-fault."""

    channel: str
    condition: str
    until: datetime | None
    faults: int
    reason: str
    waiting: int


class UntoldOut(Out):
    """A reminder that found no message: to be told in person."""

    ref: str
    title: str
    name: str
    step: str
    fire_at: datetime
    reason: str


class TodayOut(BaseModel):
    """``failed`` and ``untold`` are those of the last seven days; ``waiting``: their moment has come, and they are not sent."""

    last_tick: datetime | None
    last_watch: datetime | None
    newest_backup: datetime | None
    crowd_held: int
    clock_held: bool
    channels: list[ChannelOut]
    failed: list[MessageOut]
    waiting: list[MessageOut]
    untold: list[UntoldOut]


class OpinionOut(Out):
    """``name`` and ``contact`` as they were given; empty is anonymous."""

    number: int
    at: datetime
    ref: str
    title: str
    text: str
    name: str
    contact: str
    answered_at: datetime | None
    answered_name: str
    answer: str


class OpinionPage(BaseModel):
    total: int
    waiting: int
    items: list[OpinionOut]
