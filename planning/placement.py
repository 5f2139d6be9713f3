"""A duty and its due days become what the plan wants: titled, timed, each with the people who answer for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from planning.basis import PlanBasis
from planning.dates import dues
from planning.due import Due
from planning.duty import Duty, Party, Role
from planning.instants import instant
from planning.lookup import answering, responsible_unit
from planning.roster import Person, Roster


class Part(NamedTuple):
    """One person's part in an occurrence."""

    person: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Crew:
    """Who answers for a duty, made once (``each`` None) or for one unit of a kind."""

    each: str | None  # key of the unit the duty is made for
    each_name: str
    unit: str | None  # key of the unit that answers
    parts: tuple[Part, ...]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that somebody holds."""
        return frozenset(part.role for part in self.parts)


class Gap(NamedTuple):
    """A party of a duty for whom nobody answers."""

    role: Role
    party: Party
    each_name: str
    present: frozenset[Role]  # roles that somebody does hold


@dataclass(frozen=True, slots=True)
class Wanted:
    """An occurrence as it should be. Who answers is the crew's; everything else is a column of its row."""

    duty_key: str
    period: str
    kind: str
    title: str
    crew: Crew
    starts_on: date | None
    nominal_on: date
    due_on: date
    due_at: datetime
    provisional: bool
    awaiting_notice: bool
    standing: bool
    silent: bool
    explanation: str
    as_written: str
    sign_off: bool


class Parties:
    """Looks people up once for each party and unit. ``on`` is the day of planning.

    A stand-in answers for days and is put in when a message leaves; the plan names the holder of the post, or a fortnight's
    leave would move the whole year to somebody else. Only for who has left does the stand-in take the part itself.
    """

    def __init__(self, roster: Roster, on: date) -> None:
        people = {key: _in_post(person, on) for key, person in roster.people.items()}
        self._roster = Roster(units=roster.units, people=people)
        self._on = on
        self._found: dict[tuple[Party, str | None], tuple[Person, ...]] = {}

    def crews(self, duty: Duty) -> tuple[Crew, ...]:
        """One crew for each unit of the duty's kind of unit; a single one for a duty that is made once."""
        if duty.for_each is None:
            return (self._crew(duty, None, ""),)
        return tuple(self._crew(duty, unit.key, unit.name) for unit in self._roster.units.values() if unit.kind == duty.for_each)

    def gaps(self, duty: Duty, crews: Iterable[Crew]) -> tuple[Gap, ...]:
        """The parties that the duty names and nobody answers for."""
        named = named_parties(duty)
        return tuple(
            Gap(role, party, crew.each_name, crew.roles)
            for crew in crews
            for role, party in named
            if not self._people(party, crew.each)
        )

    def _crew(self, duty: Duty, each: str | None, each_name: str) -> Crew:
        parts: dict[Part, None] = {}
        for role, party in named_parties(duty):
            for person in self._people(party, each):
                parts[Part(person.key, person.name, role)] = None
        return Crew(each, each_name, responsible_unit(duty.owner, self._people(duty.owner, each), each), tuple(parts))

    def _people(self, party: Party, each: str | None) -> tuple[Person, ...]:
        known = self._found.get((party, each))
        if known is None:
            known = self._found[party, each] = answering(party, self._roster, unit=each, on=self._on)
        return known


def named_parties(duty: Duty) -> tuple[tuple[Role, Party], ...]:
    """Each party that the duty names, with what it is to the occurrence."""
    single = ((Role.OVERSEER, duty.overseer), (Role.LEADER, duty.leader), (Role.VERIFIER, duty.verifier))
    return (
        (Role.OWNER, duty.owner),
        *((Role.PARTNER, partner) for partner in duty.partners),
        *((role, party) for role, party in single if party is not None),
    )


def place(duty: Duty, crews: Sequence[Crew], basis: PlanBasis) -> tuple[Wanted, ...]:
    """Every occurrence that the duty should have in the years of the basis.

    Raises ValueError with a Chinese sentence when the rule is impossible.
    """
    by_suffix = {crew.each: crew for crew in crews}
    found = dues(duty, years=basis.years, workdays=basis.workdays, units=tuple(basis.roster.units.values()))
    return tuple(_wanted(duty, due, by_suffix[_each(duty, due)], basis) for due in found)


def _wanted(duty: Duty, due: Due, crew: Crew, basis: PlanBasis) -> Wanted:
    return Wanted(
        duty_key=duty.key,
        period=due.period,
        kind=duty.kind.value,
        title=title_of(duty, due.period, crew),
        crew=crew,
        starts_on=due.starts,
        nominal_on=due.nominal,
        due_on=due.on,
        due_at=instant(due.on, basis.day_ends_at, basis.tz),
        provisional=due.provisional,
        awaiting_notice=due.awaiting_notice,
        standing=due.standing,
        silent=basis.silent_before is not None and due.on < basis.silent_before,
        explanation=due.explanation,
        as_written=duty.as_written,
        sign_off=duty.sign_off,
    )


def title_of(duty: Duty, period: str, crew: Crew) -> str:
    """The duty's title with the unit's name in place of ``{unit}`` and the period's own title behind it."""
    if duty.for_each is None:
        title, plain = duty.title, period
    else:
        title, plain = duty.title.replace("{unit}", crew.each_name), period.rpartition(".")[0]
    if not duty.period_titles:
        return title
    # «2026-03» is named by «03»; a part of a quarter, «2026-Q1-2», by «Q1-2» or else by its quarter.
    after_year = plain.partition("-")[2]
    for name in (plain, after_year, after_year.lstrip("0"), after_year.partition("-")[0]):
        theme = duty.period_titles.get(name)
        if theme:
            return f"{title}：{theme}"
    return title


def _each(duty: Duty, due: Due) -> str | None:
    return None if duty.for_each is None else due.period.rpartition(".")[2]


def _in_post(person: Person, on: date) -> Person:
    gone = person.left_on is not None and person.left_on <= on
    return person if gone else replace(person, stand_ins=())
