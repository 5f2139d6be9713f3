"""Who answers for a party on a day. Nothing is guessed: nobody found is an empty answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from planning.duty import Party
from planning.roster import Person, Roster

EACH = "each"  # in a duty made for each unit of a kind: that unit


def answering(party: Party, roster: Roster, *, unit: str | None, on: date) -> tuple[Person, ...]:
    """The people who answer for the party on the day, in official order, nobody twice.

    ``unit`` is the unit that a duty made for each unit speaks of; it stands for "each" in the party.
    Whoever stands in on that day replaces the person away; whoever has left never answers.
    """
    if party.person is not None:
        return _present([party.person], roster, on)
    inside = unit if party.unit == EACH else party.unit
    if party.role is not None:
        if party.unit is not None and inside is None:
            return ()
        return _present(_holders(party.role, roster, inside), roster, on)
    home = roster.units.get(inside) if inside is not None else None
    if home is None:
        return ()
    found = _present([home.contact] if home.contact else [], roster, on)
    return found or _present([home.head] if home.head else [], roster, on)


def responsible_unit(party: Party, people: Sequence[Person], unit: str | None) -> str | None:
    """The key of the unit that answers: the party's own, else the main unit of the first person; None without either."""
    if party.unit is not None:
        return unit if party.unit == EACH else party.unit
    return people[0].unit if people else None


def unit_and_below(roster: Roster, key: str) -> frozenset[str]:
    """The unit and all units under it. A circle of parents ends where it began."""
    found = {key}
    grew = True
    while grew:
        below = {one.key for one in roster.units.values() if one.parent in found}
        grew = not below <= found
        found |= below
    return frozenset(found)


def standing_in(person: Person, roster: Roster, on: date) -> Person | None:
    """Who answers in the person's place on the day: the end of the chain of stand-ins; None when nobody present does.

    A link that leads to somebody who has left, or back into the chain, is not followed.
    """
    seen = {person.key}
    present = person if _is_present(person, on) else None
    current = person
    while True:
        following = (roster.people.get(one.person) for one in current.stand_ins if one.since <= on <= one.until)
        link = next((one for one in following if one is not None and one.key not in seen and _is_present(one, on)), None)
        if link is None:
            return present
        seen.add(link.key)
        present = current = link


def stood_in_for(key: str, roster: Roster, on: date) -> tuple[Person, ...]:
    """For whom the person answers on the day, himself left out, in official order."""
    away = (one for one in roster.people.values() if one.stand_ins and one.key != key)
    return tuple(one for one in away if (found := standing_in(one, roster, on)) is not None and found.key == key)


def _present(keys: Iterable[str], roster: Roster, on: date) -> tuple[Person, ...]:
    found: dict[str, Person] = {}
    for key in keys:
        person = roster.people.get(key)
        answerer = standing_in(person, roster, on) if person is not None else None
        if answerer is not None:
            found[answerer.key] = answerer
    return tuple(sorted(found.values(), key=lambda one: one.position))


def _holders(role: str, roster: Roster, inside: str | None) -> list[str]:
    """Keys of everybody with a post that names the role, as a role or as its title, within the unit and below."""
    allowed = unit_and_below(roster, inside) if inside is not None else None
    return [
        person.key
        for person in roster.people.values()
        if any((role in post.roles or role == post.title) and (allowed is None or post.unit in allowed) for post in person.posts)
    ]


def _is_present(person: Person, on: date) -> bool:
    return person.left_on is None or on < person.left_on
