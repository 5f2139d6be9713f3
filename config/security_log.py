"""security.log: who came in, who was turned away, who changed what others may do. One JSON object a line.

A file of its own for each month, so that nothing need be renamed while several processes write. Kept for 400 days: the
law asks for six months of network logs (网络安全法 第二十一条).
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
_LONGEST = 200  # characters of one field: whoever floods the log must do it line by line
_BLOCK = 64 * 1024


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
        """One line, appended in one piece and at once on the disk's side of the program. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{_PREFIX}{event.at:%Y-%m}.log"
        fresh = not path.exists()
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, f"{_line(event)}\n".encode())
        finally:
            os.close(descriptor)
        if fresh:
            self._forget_old(event.at)

    def newest(self, count: int) -> list[SecurityEvent]:
        """The newest first; a line that cannot be read is passed over."""
        found: list[SecurityEvent] = []
        for line in self._backwards():
            event = _read(line)
            if event is not None:
                found.append(event)
            if len(found) == count:
                break
        return found

    def copy_to(self, folder: Path) -> int:
        """Beside the copies of the database; how many months were copied. A month that has not grown is left as it is."""
        copied = 0
        for path in sorted(self.folder.glob(f"{_PREFIX}*.log")):
            copy = folder / path.name
            if copy.exists() and copy.stat().st_size == path.stat().st_size:
                continue
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh = copy.with_suffix(".new")
            fresh.write_bytes(path.read_bytes())
            fresh.chmod(0o600)
            fresh.replace(copy)
            copied += 1
        return copied

    def _backwards(self) -> Iterator[bytes]:
        for path in sorted(self.folder.glob(f"{_PREFIX}*.log"), reverse=True):
            yield from _lines_from_the_end(path)

    def _forget_old(self, now: datetime) -> None:
        oldest = f"{_PREFIX}{now - KEPT:%Y-%m}.log"
        for path in self.folder.glob(f"{_PREFIX}*.log"):
            if path.name < oldest:
                path.unlink(missing_ok=True)


def _line(event: SecurityEvent) -> str:
    """Chinese stays readable; whatever ends a line, turns the writing round or is no character at all is written as its code."""
    fields = {name: value[:_LONGEST] for name, value in asdict(event).items() if isinstance(value, str)}
    written = json.dumps({"at": event.at.isoformat(), **fields}, ensure_ascii=False)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in written)


def _lines_from_the_end(path: Path) -> Iterator[bytes]:
    """The last line first, in blocks: a month may be long, and a page shows its end."""
    with path.open("rb") as file:
        left, rest = file.seek(0, os.SEEK_END), b""
        while left:
            size = min(_BLOCK, left)
            left -= size
            file.seek(left)
            head, *whole = (file.read(size) + rest).split(b"\n")
            yield from reversed(whole)
            rest = head
        yield rest


def _read(line: bytes) -> SecurityEvent | None:
    try:
        written = json.loads(line)
        return SecurityEvent(**{**written, "at": datetime.fromisoformat(written["at"])})
    except (ValueError, TypeError, KeyError):
        return None
