"""What the address of the list asks for. Every filter is in it, so that a view can be shared, and Back and refresh keep it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from planning.lookup import unit_and_below
from planning.periods import Span, spans
from planning.roster import Roster
from planning.rules import Span as SpanKind
from reports.occurrences import NO_UNIT, STATE_WORDS, Filters
from web.words import KINDS

OWN = "_own"
"""At the end of a unit's key: the unit itself, without what is below it. No key has such a character."""

BY_UNIT = "unit"
_LONGEST = 60  # characters of a text or a key
_MOST_PAGES = 100_000
_KINDS_OF_SPAN: tuple[SpanKind, ...] = ("year", "half_year", "quarter", "month")
_YEAR = re.compile(r"(20\d\d)(?:-(?:0[1-9]|1[0-2]|[QH][1-4]))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for; of what the address says and we do not know, nothing is left."""

    kind: str = ""
    unit: str = ""  # a key: with what is below it; a key and OWN; NO_UNIT
    person: str = ""
    state: str = ""
    text: str = ""
    when: str = ""  # due in 2026, 2026-H1, 2026-Q1 or 2026-03
    day: str = ""  # due on 2026-03-05: the year page's link
    since: str = ""
    until: str = ""
    order: str = ""  # BY_UNIT; else by due day
    whole: str = ""  # 1: on one page, for printing
    page: int = 1

    def query(self, **changes: str | int) -> str:
        """The address's query for this wish with changes; empty fields and page 1 are left out."""
        said = {field.name: getattr(self, field.name) for field in fields(self)} | changes
        return urlencode({name: value for name, value in said.items() if value not in {"", 1}})

    @property
    def is_filtered(self) -> bool:
        return bool(self.query(page=1, order="", whole=""))


def read_wish(query: QueryParams, roster: Roster, seen: Collection[str] = ()) -> Wish:
    """``seen`` are the keys of the units that the visitor may see; empty: all of them."""
    asked = {name: asked_word(query, name) for name in Wish.__slots__}
    unit, page = asked["unit"], asked["page"]
    state = asked["state"].replace("_", "-")  # as figures and programs write it
    return Wish(
        kind=asked["kind"] if asked["kind"] in KINDS else "",
        unit=unit if unit and (not seen or _meant(unit, roster) & set(seen)) else "",
        person=asked["person"],
        state=state if state in STATE_WORDS else "",
        text=asked["text"],
        when=asked["when"] if span_of(asked["when"]) else "",
        day=_written_day(asked["day"]),
        since=_written_day(asked["since"]),
        until=_written_day(asked["until"]),
        order=asked["order"] if asked["order"] == BY_UNIT else "",
        whole=asked["whole"] if asked["whole"] == "1" else "",
        page=int(page) if page.isdecimal() and 0 < int(page) < _MOST_PAGES else 1,
    )


def unheeded(query: QueryParams, wish: Wish) -> list[str]:
    """The filters of an address that this visitor's list does not have: beyond his units, or not understood."""
    filters = {field.name for field in fields(Wish)} - {"order", "whole", "page"}
    return [name for name in sorted(filters) if asked_word(query, name) and not getattr(wish, name)]


def asked_word(query: QueryParams, name: str) -> str:
    """One field of an address: short, and blanks for what nobody sees. PostgreSQL takes no NUL."""
    return "".join(char if char.isprintable() else " " for char in query.get(name, ""))[:_LONGEST].strip()


def filters_of(wish: Wish, roster: Roster, seen: Collection[str] = ()) -> Filters:
    """What to look for; never beyond ``seen``."""
    units = _meant(wish.unit, roster) if wish.unit else set(seen)
    if seen:
        units &= set(seen)
    first, last = _between(wish)
    return Filters(
        kinds=(wish.kind,) if wish.kind else (),
        units=tuple(sorted(units)),
        persons=(wish.person,) if wish.person else (),
        states=(wish.state,) if wish.state else (),
        text=wish.text,
        due_from=first,
        due_to=last,
        by_unit=wish.order == BY_UNIT,
    )


def span_of(name: str) -> Span | None:
    """The year, half, quarter or month of a name; None for what is none."""
    named = _YEAR.fullmatch(name)
    if named is None:
        return None
    found = (span for kind in _KINDS_OF_SPAN for span in spans(kind, int(named[1])))
    return next((span for span in found if span.period == name), None)


def spans_of(year: int) -> Iterator[str]:
    """The names of a year's own spans, the longest first."""
    return (span.period for kind in _KINDS_OF_SPAN for span in spans(kind, year))


def _meant(unit: str, roster: Roster) -> set[str]:
    if unit == NO_UNIT:
        return {NO_UNIT}
    if unit.endswith(OWN):
        return {unit.removesuffix(OWN)}
    return set(unit_and_below(roster, unit))


def _between(wish: Wish) -> tuple[date | None, date | None]:
    """The days that lie in every span the wish names."""
    span, day = span_of(wish.when), _day(wish.day)
    firsts = [one for one in (span and span.first, day, _day(wish.since)) if one is not None]
    lasts = [one for one in (span and span.last, day, _day(wish.until)) if one is not None]
    return max(firsts, default=None), min(lasts, default=None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _written_day(text: str) -> str:
    """2026-03-05 however it was written; empty for what is no day."""
    day = _day(text)
    return "" if day is None else day.isoformat()
