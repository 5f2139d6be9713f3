"""What the list is narrowed by, one chip for each filter, and the address without it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from planning.roster import Roster
from reports.occurrences import NO_UNIT, STATE_WORDS
from web.list_address import OWN, Wish
from web.words import KINDS, span_name

FILTER_NAMES = {
    "kind": "类别",
    "unit": "责任单位",
    "person": "有关人员",
    "state": "状态",
    "when": "到期时间",
    "day": "到期日",
    "since": "到期不早于",
    "until": "到期不晚于",
    "text": "搜索",
}
"""Of a list's address, in the order of the chips."""


@dataclass(frozen=True, slots=True)
class Chip:
    name: str
    value: str
    without: str  # the query of the list without this filter


def chips_of(wish: Wish, roster: Roster) -> list[Chip]:
    return [Chip(name, value, wish.query(page=1, **{field: ""})) for field, name, value in _said(wish, roster)]


def in_words(wish: Wish, roster: Roster) -> str:
    """The same for a file that carries the list; empty when nothing narrows it."""
    return "；".join(f"{name}：{value}" for _, name, value in _said(wish, roster))


def unit_words(unit: str, roster: Roster) -> str:
    """曹回镇（含下级）, 曹回镇（本级）, or just the name of what has nothing below it."""
    if unit == NO_UNIT:
        return "未定单位"
    key = unit.removesuffix(OWN)
    known = roster.units.get(key)
    name = key if known is None else known.name
    if not has_below(key, roster):
        return name
    return f"{name}（本级）" if unit.endswith(OWN) else f"{name}（含下级）"


def has_below(key: str, roster: Roster) -> bool:
    return any(one.parent == key for one in roster.units.values())


def _said(wish: Wish, roster: Roster) -> Iterator[tuple[str, str, str]]:
    person = roster.people.get(wish.person)
    values = {
        "kind": KINDS.get(wish.kind, ""),
        "unit": unit_words(wish.unit, roster) if wish.unit else "",
        "person": person.name if person else wish.person,
        "state": STATE_WORDS.get(wish.state, ""),
        "when": span_name(wish.when) if wish.when else "",
        "day": wish.day,
        "since": wish.since,
        "until": wish.until,
        "text": wish.text,
    }
    return ((field, name, values[field]) for field, name in FILTER_NAMES.items() if values[field])
