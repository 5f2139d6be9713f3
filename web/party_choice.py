"""Who may be chosen for something: people, units and posts, each in the official order."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from planning.roster import Person, Roster, Unit

Choices = list[tuple[str, str]]
"""Values and their words."""
Groups = list[tuple[str, Choices]]


def present_people(roster: Roster, on: date) -> list[Person]:
    """Those who have not left on the day."""
    return [person for person in roster.people.values() if person.left_on is None or on < person.left_on]


def units_within(roster: Roster, seen: Collection[str]) -> list[Unit]:
    """``seen``: keys of the units that a visitor may see; empty: all of them."""
    return [one for one in roster.units.values() if not seen or one.key in seen]


def people_within(roster: Roster, seen: Collection[str]) -> list[Person]:
    """Whoever has a post in one of those units, also those who left: what they did stays on record."""
    return [one for one in roster.people.values() if not seen or any(post.unit in seen for post in one.posts)]


def person_choices(roster: Roster, on: date) -> Choices:
    return [(person.key, _named(person)) for person in present_people(roster, on)]


def unit_choices(roster: Roster) -> Choices:
    return [(unit.key, unit.name) for unit in roster.units.values()]


def party_choices(roster: Roster, on: date) -> Groups:
    """Posts first: who holds one may change, and the duty need not."""
    return [
        ("岗位、职务", [(f"role:{name}", name) for name in _posts(present_people(roster, on))]),
        *people_and_units(roster, on, within=None),
    ]


def people_and_units(roster: Roster, on: date, *, within: Collection[str] | None) -> Groups:
    """``within``: keys of the units that somebody may give work to; None: all."""
    people = [one for one in present_people(roster, on) if within is None or one.unit in within]
    units = [one for one in roster.units.values() if within is None or one.key in within]
    return [
        ("人员", [(f"person:{one.key}", _named(one)) for one in people]),
        ("单位", [(f"unit:{one.key}", one.name) for one in units]),
    ]


def party_words(written: str, roster: Roster) -> str:
    """学习秘书, 司法所, 陈霞: what a file's party is called on a page; as it is written when nothing fits."""
    form, _, value = written.partition(":")
    person, unit = roster.people.get(value), roster.units.get(value)
    if form == "person" and person is not None:
        return person.name
    if form == "unit":
        return unit.name if unit is not None else "各单位自己" if value == "each" else written
    if form != "role":
        return written
    role, at, place = value.partition("@")
    if not at:
        return role
    where = roster.units.get(place)
    return f"{where.name if where else '各单位'}的{role}"


def held_roles(roster: Roster, on: date) -> list[str]:
    """岗位 that somebody holds on the day, in the official order of who does."""
    return list(dict.fromkeys(role for one in present_people(roster, on) for post in one.posts for role in post.roles))


def _posts(people: list[Person]) -> list[str]:
    named = dict.fromkeys(role for person in people for post in person.posts for role in post.roles)
    return list(named | dict.fromkeys(post.title for person in people for post in person.posts))


def _named(person: Person) -> str:
    return f"{person.name}（{person.title}）"
