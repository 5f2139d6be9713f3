"""The completion log as it goes out, and what a call wrote into it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel

from web.api.forms.base import Out


class EntryOut(Out):
    """An entry of the completion log. ``payload`` is the very text that was hashed."""

    seq: int
    at: datetime
    actor: str
    via: str
    kind: str
    subject: str
    payload: str
    hash: str
    code: str


class LogOut(BaseModel):
    """``head_seq`` and ``head_code`` anchor everything before them: keep them elsewhere."""

    total: int
    head_seq: int
    head_code: str
    items: list[EntryOut]


class RecordedOut(BaseModel):
    """What was written. ``code`` is the short check code of the entry."""

    ref: str
    seq: int
    code: str


class ItemOut(BaseModel):
    """An ad-hoc item as it was understood and written.

    ``refs`` name its occurrences: one, or one of each unit for the owner ``each:KIND``; ``ref`` is the first. ``planned``
    is False while its year is not planned yet: then they come later.
    ``again``: it was there already, and nothing was written. ``owners`` are names, the other parties as the file has them.
    """

    key: str
    ref: str
    refs: list[str]
    file: str
    title: str
    owners: list[str]
    partners: list[str]
    overseer: str
    due_on: date
    explanation: str
    workdays_left: int
    planned: bool
    again: bool


class GivenOut(BaseModel):
    """The number under which an opinion is kept."""

    number: int
