"""security.log: who came in, who was turned away, who changed what others may do. One JSON object a line.

A file of its own for each month, so that nothing need be renamed while several processes write. Kept for 400 days: the
law asks for six months of network logs (网络安全法).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

KEPT = timedelta(days=400)
_PREFIX = "security-"


@dataclass(frozen=True, slots=True)
class SecurityEvent:
    """``actor`` and ``about`` are person keys or names of things; nothing secret, nothing that was typed as a password."""

    at: datetime
    event: str  # sign_in, sign_out, set_up, activate, password, second_factor, account, token, refused
    outcome: str  # ok, or why not: the code of the refusal
    actor: str = ""
    ip: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class SecurityLog:
    folder: Path

    def write(self, event: SecurityEvent) -> None:
        """One line, appended in one piece and at once on the disk's side of the program."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{_PREFIX}{event.at:%Y-%m}.log"
        fresh = not path.exists()
        line = json.dumps({**asdict(event), "at": event.at.isoformat()}, ensure_ascii=False)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, f"{line}\n".encode())
        finally:
            os.close(descriptor)
        if fresh:
            self._forget_old(event.at)

    def newest(self, count: int) -> list[SecurityEvent]:
        """The newest first; a line that cannot be read is passed over."""
        found: list[SecurityEvent] = []
        for event in self._backwards():
            found.append(event)
            if len(found) == count:
                break
        return found

    def _backwards(self) -> Iterator[SecurityEvent]:
        for path in sorted(self.folder.glob(f"{_PREFIX}*.log"), reverse=True):
            for line in reversed(path.read_text(encoding="utf-8", errors="replace").splitlines()):
                event = _read(line)
                if event is not None:
                    yield event

    def _forget_old(self, now: datetime) -> None:
        oldest = f"{_PREFIX}{now - KEPT:%Y-%m}.log"
        for path in self.folder.glob(f"{_PREFIX}*.log"):
            if path.name < oldest:
                path.unlink(missing_ok=True)


def _read(line: str) -> SecurityEvent | None:
    try:
        written = json.loads(line)
        return SecurityEvent(**{**written, "at": datetime.fromisoformat(written["at"])})
    except (ValueError, TypeError, KeyError):
        return None
