"""Named places at which a test may end, stop or delay the process, to prove that nothing is lost there.

Inert unless an entry point armed one; entry points refuse to when the settings say production.
"""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event
from typing import Protocol

POINTS = {
    "P1": "a plan is written, not committed",
    "P2": "new occurrences are inserted, their reminders are not",
    "P3": "a plan is committed",
    "P4": "moved occurrences are updated, their reminders are not",
    "P5": "the changed files are read, the plan is not begun",
    "B1": "messages are built, not committed",
    "B2": "messages are committed",
    "D1": "before a claim",
    "D2": "in the claim",
    "D3": "the claim is committed",
    "D4": "before the channel is called",
    "D5": "connected",
    "D5b": "the recipient is accepted, the marker is not written",
    "D5c": "the marker is committed, no data has left",
    "D6": "the final dot has left",
    "D7": "the reply is read",
    "D8": "the result is written, not committed",
    "D9": "the result is committed",
    "D10": "the message for the next address is built, not committed",
    "D11": "before QUIT",
    "D12": "a dead sender's lease is brought back, not committed",
    "D13": "the watch has written its findings, not committed",
    "C1": "a completion is written, not committed",
    "C2": "a completion is committed, nobody has heard of it",
    "L1": "a log entry is written, not committed",
    "G1": "the copy is made, the migration is not begun",
    "G2": "the migration is written, not committed",
    "G3": "the migration is committed",
    "K1": "a backup is written, not yet checked and named",
}
"""Every point there is. D5, D6 and D11 lie inside the mail channel, which knows nothing of services: tests reach them."""


class Act(StrEnum):
    KILL = "kill"
    RAISE = "raise"
    STOP = "stop"  # SIGSTOP: the process stands still until somebody continues it
    SLEEP = "sleep"


class FailpointReached(Exception):  # noqa: N818 - a test's doing, not a fault
    """What an armed point raises when its act is ``raise``."""


class _Watcher(Protocol):
    def passed(self, name: str) -> None: ...


@dataclass(slots=True)
class _Armed:
    name: str
    left: int
    act: Act
    seconds: float

    def passed(self, name: str) -> None:
        if name != self.name:
            return
        self.left -= 1
        if self.left == 0:
            self._strike()

    def _strike(self) -> None:
        if self.act is Act.RAISE:
            raise FailpointReached(self.name)
        if self.act is Act.SLEEP:
            Event().wait(self.seconds)
        else:
            os.kill(os.getpid(), signal.SIGSTOP if self.act is Act.STOP else signal.SIGKILL)


@dataclass(slots=True)
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)

    def passed(self, name: str) -> None:
        self.counts[name] += 1


_SPEC = re.compile(
    r"(?P<name>\w+):(?P<nth>[1-9]\d*)"
    r"(?::(?P<act>kill|raise|stop|sleep)(?:(?<=sleep):(?P<seconds>\d+(?:\.\d+)?))?)?"
)

_watcher: _Watcher | None = None


def arm(spec: str) -> None:
    """``name:nth[:kill|raise|stop|sleep[:seconds]]``: act when ``name`` is reached for the nth time. Empty disarms.

    Raises ValueError for nonsense and for a point that is not in the list.
    """
    global _watcher  # noqa: PLW0603 - one process, one point; passing it through every function would be the larger evil
    _watcher = _read(spec) if spec else None


def tally() -> Counter[str]:
    """From now on count how often each point is reached, and do nothing else there."""
    global _watcher  # noqa: PLW0603 - as above
    counting = _Tally()
    _watcher = counting
    return counting.counts


def reach(name: str) -> None:
    """The program has come to this point."""
    if _watcher is not None:
        _watcher.passed(name)


def _read(spec: str) -> _Armed:
    found = _SPEC.fullmatch(spec)
    if found is None or found["name"] not in POINTS:
        raise ValueError(f"FAILPOINT“{spec}”看不懂，应写作 名称:第几次[:kill|raise|stop|sleep[:秒数]]。")
    return _Armed(found["name"], int(found["nth"]), Act(found["act"] or Act.KILL), float(found["seconds"] or 1))
