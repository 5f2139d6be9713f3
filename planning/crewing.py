"""Who should answer for an occurrence, against who is assigned to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from planning.duty import Role
from planning.held import Held, HeldPart
from planning.placement import Part


@dataclass(frozen=True, slots=True)
class Crewing:
    staying: tuple[HeldPart, ...]
    released: tuple[HeldPart, ...]
    revived: tuple[HeldPart, ...]  # was released by an earlier plan and answers again
    joined: tuple[Part, ...]

    @property
    def came(self) -> tuple[Part, ...]:
        return (*self.joined, *(_part(held) for held in self.revived))

    @property
    def went(self) -> tuple[Part, ...]:
        return tuple(_part(held) for held in self.released)


def compare_crew(row: Held, parts: Iterable[Part]) -> Crewing:
    """Who stays, goes, comes back and joins.

    A role that a human handed over keeps the hands it was given: nobody is brought back into it, and only partners, of
    whom there are many, are still added.
    """
    wanted = {(part.person, part.role): part for part in parts}
    handed = {part.role for part in row.parts if part.handed}
    staying: list[HeldPart] = []
    released: list[HeldPart] = []
    revived: list[HeldPart] = []
    for held in row.parts:
        is_wanted = wanted.pop((held.person, held.role), None) is not None
        if held.active:
            (staying if is_wanted or held.handed else released).append(held)
        elif is_wanted and held.role not in handed:
            revived.append(held)
    joined = tuple(part for part in wanted.values() if part.role not in handed or part.role is Role.PARTNER)
    return Crewing(tuple(staying), tuple(released), tuple(revived), joined)


def _part(held: HeldPart) -> Part:
    return Part(held.person, held.name, held.role)
