"""Circles in the roster: a unit above itself, people who stand in for each other on the same day.

Each circle is reported once and cut at its last member in the file, so that nobody who follows the chain runs for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from config.fields import Section
from config.problems import Code
from planning.roster import Person, StandIn, Unit

_Chain = tuple[tuple[str, StandIn], ...]  # who is away, and who answers instead


def break_unit_circles(units: Mapping[str, Unit], sections: Mapping[str, Section]) -> dict[str, Unit]:
    found = dict(units)
    cleared: set[str] = set()  # known to lead to a top unit
    for key in units:
        chain: dict[str, None] = {}
        above: str | None = key
        while above is not None and above not in cleared and above not in chain:
            chain[above] = None
            above = found[above].parent
        if above in chain:
            circle = list(chain)[list(chain).index(above) :]
            _cut_units(circle, found, sections)
        cleared.update(chain)
    return found


def _cut_units(circle: list[str], found: dict[str, Unit], sections: Mapping[str, Section]) -> None:
    last = max(circle, key=lambda member: found[member].position)
    named = " → ".join([*circle, circle[0]])
    sections[last].error(Code.UNITS_CIRCULAR, "parent", f"使上下级绕成了圈：{named}", "去掉圈里的一个 parent")
    found[last] = replace(found[last], parent=None)


def break_stand_in_circles(people: Mapping[str, Person], sections: Mapping[str, Section]) -> dict[str, Person]:
    found = dict(people)
    for key in people:
        for circle, since, until in _stand_in_circles(key, found):
            away, entry = max(circle, key=lambda link: found[link[0]].position)
            if entry not in found[away].stand_ins:
                continue  # cut already, as part of another circle
            named = " → ".join([*(name for name, _ in circle), circle[0][0]])
            message = f"使代理绕成了圈：{named}，{since} 至 {until} 之间没有人在岗"
            sections[away].error(Code.STAND_INS_CIRCULAR, "stand_ins", message, "改正代理人或起止日期")
            found[away] = replace(found[away], stand_ins=tuple(s for s in found[away].stand_ins if s != entry))
    return found


def _stand_in_circles(start: str, people: Mapping[str, Person]) -> Iterator[tuple[_Chain, date, date]]:
    """Yield the chains that lead from a person back to the same person, with the days that all their dates share."""
    waiting: list[tuple[_Chain, date, date]] = [(((start, s),), s.since, s.until) for s in people[start].stand_ins]
    while waiting:
        chain, since, until = waiting.pop()
        person = chain[-1][1].person
        if person == start:
            yield chain, since, until
            continue
        if any(name == person for name, _ in chain) or person not in people:
            continue
        for entry in people[person].stand_ins:
            low, high = max(since, entry.since), min(until, entry.until)
            if low <= high:
                waiting.append(((*chain, (person, entry)), low, high))
