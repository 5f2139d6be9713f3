"""The log file of one child: turned over by size, so that a noisy child cannot fill the disk."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

LARGEST = 5_000_000
"""Bytes after which the file is turned over."""

KEPT = 3
"""Older files beside the current one: page.log.1 is the newest of them."""


class ChildLog:
    def __init__(self, place: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self.place = place
        self._largest = largest
        self._kept = kept
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = place.open("ab", buffering=0)

    def write(self, line: bytes) -> None:
        """Keep the line; on a full disk it is dropped, for the child must go on."""
        with suppress(OSError):
            if self._file.tell() + len(line) > self._largest and self._file.tell() > 0:
                self._turn_over()
            self._file.write(line)

    def close(self) -> None:
        self._file.close()

    def _turn_over(self) -> None:
        self._file.close()
        for number in range(self._kept - 1, 0, -1):
            older = self._older(number)
            if older.exists():
                older.replace(self._older(number + 1))
        self.place.replace(self._older(1))
        self._file = self.place.open("ab", buffering=0)

    def _older(self, number: int) -> Path:
        return self.place.with_name(f"{self.place.name}.{number}")
