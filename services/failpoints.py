"""Named places at which a test may end the process, to prove that nothing is lost there.

Inert unless an entry point armed one; entry points refuse to when the settings say production.
"""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from enum import StrEnum


class Act(StrEnum):
    KILL = "kill"
    RAISE = "raise"


class FailpointReached(Exception):  # noqa: N818 - a test's doing, not a fault
    """What an armed point raises when its act is ``raise``."""


@dataclass(slots=True)
class _Armed:
    name: str
    left: int
    act: Act


_armed: _Armed | None = None


def arm(spec: str) -> None:
    """``name:nth[:kill|raise]``: act when ``name`` is reached for the nth time. Empty disarms; ValueError for nonsense."""
    global _armed  # noqa: PLW0603 - one process, one point; passing it through every function would be the larger evil
    if not spec:
        _armed = None
        return
    name, _, rest = spec.partition(":")
    nth, _, act = rest.partition(":")
    if not name or not nth.isdigit() or int(nth) < 1:
        raise ValueError(f"FAILPOINT“{spec}”看不懂，应写作 名称：第几次[:kill|raise]。")
    _armed = _Armed(name, int(nth), Act(act or Act.KILL))


def reach(name: str) -> None:
    """The program has come to this point."""
    if _armed is None or _armed.name != name:
        return
    _armed.left -= 1
    if _armed.left:
        return
    if _armed.act is Act.RAISE:
        raise FailpointReached(name)
    os.kill(os.getpid(), signal.SIGKILL)
