"""Messages as they go out: what was sent, with the provider's own answers, and what is still to come."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from web.api.forms.base import Day, Out, Window, Word


class MessageQuery(Window):
    """``day``: on which it was built or sent."""

    person: Word = ""
    state: Word = ""
    day: Day | None = None


class AttemptOut(Out):
    n: int
    started_at: datetime
    finished_at: datetime | None
    outcome: str | None
    code: str
    detail: str


class MessageOut(Out):
    """``verified`` is False where the channel's answer proves nothing. Addresses are not given out."""

    ref: str
    person: str
    name: str
    channel: str
    subject: str
    about: list[str]
    state: str
    verified: bool
    built_at: datetime
    sent_at: datetime | None
    attempts: list[AttemptOut]


class MessagePage(BaseModel):
    total: int
    items: list[MessageOut]


class MessageTextOut(MessageOut):
    """``text`` without the secret part of its links: they are for its reader alone."""

    text: str


class ComingOut(Out):
    """A message as it will be sent, if nothing happens meanwhile."""

    at: datetime
    person: str
    name: str
    channel: str
    subject: str
    text: str


class ComingPage(BaseModel):
    """Until the end of ``until``, five workdays ahead."""

    until: date
    total: int
    items: list[ComingOut]
