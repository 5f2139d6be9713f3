"""Who decides on a later day that somebody asked for, and who signs off. Pure: reports and pages look at it alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol, TypeVar

from planning.duty import Role

OVERSEEING: frozenset[str] = frozenset({Role.OVERSEER, Role.LEADER})


class Holder(Protocol):
    """One person's part in an occurrence."""

    @property
    def person(self) -> str: ...

    @property
    def role(self) -> str: ...


Part = TypeVar("Part", bound=Holder)


def able_to_decide(parts: Iterable[Part], roles: Collection[str], *, asked_by: str) -> list[Part]:
    """The parts that may decide, of those in force. ``roles`` decide in this office; where nobody holds one, who oversees.

    Nobody decides his own wish. Nobody left means that it is the admin's.
    """
    overseeing = [part for part in parts if part.role in OVERSEEING]
    able = [part for part in overseeing if part.role in roles] or overseeing
    return [part for part in able if part.person != asked_by]


def able_to_sign_off(parts: Iterable[Part]) -> list[Part]:
    """The verifiers; where none is named, who oversees. Whoever owns it never signs it off (谁验收、谁负责)."""
    held = list(parts)
    owners = {part.person for part in held if part.role == Role.OWNER}
    able = [part for part in held if part.role == Role.VERIFIER] or [part for part in held if part.role in OVERSEEING]
    return [part for part in able if part.person not in owners]
