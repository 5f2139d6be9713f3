"""A forwarded order (pasted from WeChat, a mail, a notice) becomes a proposal: what, by when, from whom, for whom.

Plain rules and no guesses: what the text does not say clearly stays empty, and the clerk fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import NamedTuple

from planning.order_lines import without_noise
from planning.order_names import Named, doers, is_contact, kinds_named, people_named, units_named, without_papers
from planning.order_source import source_of
from planning.order_title import title_of
from planning.pasted import Pasted, paste
from planning.spoken_day import SpokenDay, firmest, spoken
from planning.spoken_leads import Grade
from planning.spoken_naming import Scene
from planning.spoken_text import Mention, mentions
from planning.workdays import Workdays

# A day that is only named is a deadline when its clause asks somebody for something, or when it has an hour.
_ASKS = re.compile(r"请|务必|参加|召开|举行|开会|报|交|完成|到[场会位]|集合|检查|督查|验收|把|补|做好|写好")
_CLAUSE_WINDOW = 40
_CLAUSE_END = re.compile(r"[。;!?\n]")
_PART_END = re.compile(r"[,。;!?\n]")
_TOO_FAR = 180  # days; so far ahead lies a day of this year that is past


class Doer(NamedTuple):
    """One of ours who is asked: a person, or a unit."""

    is_person: bool
    key: str


@dataclass(frozen=True, slots=True)
class OtherTask:
    """What the text asks besides, by a day of its own."""

    text: str  # its clause, as it was written
    due: SpokenDay


@dataclass(frozen=True, slots=True)
class Order:
    """What a forwarded text proposes. Empty is: not clearly said."""

    title: str
    due: SpokenDay | None
    other_days: tuple[SpokenDay, ...]  # every other day that looks like a deadline, in the text's order
    other_tasks: tuple[OtherTask, ...]  # those of them whose clause asks for something
    source: str  # 来源
    doers: tuple[Doer, ...]  # who of ours is to do it, in the text's order
    kinds: tuple[str, ...]  # kinds of units of which each is to do it (各村（社区）), as in the packs
    contacts: tuple[str, ...]  # keys of ours that are only named as whom to ask
    mentioned: tuple[str, ...]  # keys of ours that are named and neither: whom to report to, whose matter it is
    note: str  # the whole text


def read_order(
    text: str, *, on: date, at: time | None = None, workdays: Workdays, people: Mapping[str, str], units: Mapping[str, str]
) -> Order:
    """Read a forwarded text. Never raises; the time it takes grows with the text and no faster.

    ``on`` and ``at`` are when it is read; ``people`` and ``units`` are ours, key to name. Of several deadlines the one with
    the firmest words is proposed, of equals the last; all others are listed.
    """
    pasted = paste(text)
    body = without_noise(pasted.plain)
    found = mentions(body, Scene(on, at, workdays, roll_forward=False))
    due = firmest([one for one in found if one.grade > Grade.NAMED or _is_asked(one, body, on)])
    others = _others(found, due)
    source = source_of(pasted.plain)
    read = without_papers(body)
    days = frozenset(one.end for one in found)
    named_units = [one for one in units_named(read, units) if body[one.start : one.end] not in source]
    named_people = people_named(read, people, named_units, after=days)
    contacts = _keys(one for one in named_people if is_contact(read, one))
    named = sorted((*named_units, *named_people), key=lambda one: one.start)
    doing = doers(read, [one for one in named if one.key not in contacts], after=days)
    return Order(
        title=title_of(body, found, due, _names(body, [*named_people, *named_units])),
        due=spoken(due, pasted) if due is not None else None,
        other_days=tuple(spoken(one, pasted) for one in others),
        other_tasks=tuple(_task(one, body, pasted) for one in others if one.grade > Grade.NAMED and _asks_more(one, due, body)),
        source=source,
        doers=tuple(dict.fromkeys(Doer(one in named_people, one.key) for one in doing)),
        kinds=kinds_named(read),
        contacts=tuple(key for key in contacts if key not in _keys(doing)),
        mentioned=tuple(key for key in _keys(named) if key not in {*contacts, *_keys(doing)}),
        note=text,
    )


def _is_asked(mention: Mention, plain: str, on: date) -> bool:
    if mention.grade is Grade.VAGUE or (mention.day - on).days > _TOO_FAR or mention.day < on:
        return False
    if mention.at is not None:
        return True
    before = _CLAUSE_END.split(plain[max(0, mention.start - _CLAUSE_WINDOW) : mention.start])[-1]
    after = _CLAUSE_END.split(plain[mention.end : mention.end + _CLAUSE_WINDOW])[0]
    return _ASKS.search(before) is not None or _ASKS.search(after) is not None


def _others(found: Sequence[Mention], due: Mention | None) -> list[Mention]:
    """Each other day and hour once."""
    seen = {(due.day, due.at)} if due is not None else set()
    others: list[Mention] = []
    for one in found:
        if one.grade > Grade.VAGUE and (one.day, one.at) not in seen:
            seen.add((one.day, one.at))
            others.append(one)
    return others


def _asks_more(one: Mention, due: Mention | None, plain: str) -> bool:
    """Whether it stands in a clause of its own that asks for something."""
    start, end = _part_of(one, plain)
    own = due is None or not start <= due.start < end
    return own and _ASKS.search(plain, start, end) is not None


def _task(one: Mention, plain: str, pasted: Pasted) -> OtherTask:
    return OtherTask(pasted.written(*_part_of(one, plain)).strip(), spoken(one, pasted))


def _part_of(one: Mention, plain: str) -> tuple[int, int]:
    """Where the clause of a day begins and ends."""
    start = max((found.end() for found in _PART_END.finditer(plain, 0, one.start)), default=0)
    found = _PART_END.search(plain, one.end)
    return start, found.start() if found is not None else len(plain)


def _keys(named: Iterable[Named]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.key for one in named))


def _names(plain: str, named: Sequence[Named]) -> tuple[str, ...]:
    """As they stand in the text, the longest first."""
    return tuple(sorted({plain[one.start : one.end] for one in named}, key=len, reverse=True))
