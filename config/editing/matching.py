"""Which member of a list as it was is which member of the list as it shall be."""

from __future__ import annotations

from collections.abc import Sequence

from config.editing.spelling import Content


def partners(old: Sequence[Content], new: Sequence[Content]) -> list[int | None]:
    """For each new member the old one it goes on from, None for one that is new. No old member is used twice.

    Equal members first; then mappings by the fields they share; then texts that kept their place.
    """
    free = dict(enumerate(old))
    found: list[int | None] = [None] * len(new)
    for at, wanted in enumerate(new):
        found[at] = next((index for index, one in free.items() if one == wanted), None)
        _take(free, found[at])
    for at, wanted in enumerate(new):
        if found[at] is None:
            found[at] = _nearest(free, at, wanted)
            _take(free, found[at])
    return found


def _take(free: dict[int, Content], index: int | None) -> None:
    if index is not None:
        del free[index]


def _nearest(free: dict[int, Content], at: int, wanted: Content) -> int | None:
    if not isinstance(wanted, dict):
        return at if at in free and isinstance(free[at], str) == isinstance(wanted, str) else None
    shared = {index: sum(one.get(name) == value for name, value in wanted.items()) for index, one in _mappings(free).items()}
    best = max(shared, key=lambda index: (shared[index], -abs(index - at)), default=None)
    return best if best is not None and shared[best] else None


def _mappings(free: dict[int, Content]) -> dict[int, dict[str, Content]]:
    return {index: one for index, one in free.items() if isinstance(one, dict)}
