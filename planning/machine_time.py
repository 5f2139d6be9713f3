"""What a machine says of time beside its wall clock, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Beat:
    """``seconds`` counts from the machine's start, sleep included (CLOCK_BOOTTIME); ``boot`` names that start.

    ``synchronised``: whether a time server vouches for the wall clock; None when the machine cannot tell.
    """

    boot: str
    seconds: float
    synchronised: bool | None = None
