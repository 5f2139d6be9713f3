"""Who decides on a later day, and who signs off: by the roles that are held, never on one's own doing."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from planning.deciding import OVERSEEING, able_to_decide, able_to_sign_off


@dataclass(frozen=True)
class Part:
    person: str
    role: str


OWNER, OVERSEER, LEADER, VERIFIER = (
    Part("chen", "owner"),
    Part("zhang", "overseer"),
    Part("li", "leader"),
    Part("wang", "verifier"),
)


@pytest.mark.parametrize(
    ("parts", "roles", "asked_by", "able"),
    [
        ((OWNER, OVERSEER, LEADER), OVERSEEING, "chen", [OVERSEER, LEADER]),
        ((OWNER, OVERSEER, LEADER), {"leader"}, "chen", [LEADER]),
        ((OWNER, OVERSEER), {"leader"}, "chen", [OVERSEER]),  # no leader is named: who oversees takes his place
        ((OWNER, OVERSEER, LEADER), {"leader"}, "li", []),  # the leader's own wish goes to the admin, not downwards
        ((OWNER, OVERSEER), OVERSEEING, "zhang", []),
        ((OWNER, VERIFIER), OVERSEEING, "chen", []),
    ],
)
def test_who_may_decide_on_a_later_day(parts: tuple[Part, ...], roles: set[str], asked_by: str, able: list[Part]) -> None:
    assert able_to_decide(parts, roles, asked_by=asked_by) == able


@pytest.mark.parametrize(
    ("parts", "able"),
    [
        ((OWNER, VERIFIER, OVERSEER), [VERIFIER]),
        ((OWNER, OVERSEER, LEADER), [OVERSEER, LEADER]),
        ((OWNER, Part("chen", "verifier")), []),
        ((OWNER,), []),
    ],
)
def test_who_may_sign_off(parts: tuple[Part, ...], able: list[Part]) -> None:
    assert able_to_sign_off(parts) == able
