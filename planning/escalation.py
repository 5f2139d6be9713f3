"""Whom a step of the ladder reaches when somebody of its audience is missing: the next one up the chain."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from planning.duty import Role

CHAIN = (Role.OWNER, Role.OVERSEER, Role.LEADER)
"""承办 → 分管领导 → 主要领导. Partners and verifiers stand beside it: nobody takes their place."""


def hears(audience: Iterable[Role], role: Role, present: Collection[Role]) -> bool:
    """Whether the role is told: it is of the audience, or stands in for somebody below whom the occurrence lacks."""
    return any(one is role or (one not in present and next_up(one, present) is role) for one in audience)


def next_up(role: Role, present: Collection[Role]) -> Role | None:
    """The first role above that somebody holds; None when there is none, or the role is not of the chain."""
    above = CHAIN[CHAIN.index(role) + 1 :] if role in CHAIN else ()
    return next((one for one in above if one in present), None)
