"""How far a long reading has come, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with what is being done (Chinese), how much of it is, and how much there is in all."""


def in_silence(_what: str, _done: int, _total: int) -> None:
    """Nobody waits."""
