"""What the completion log says of a sign-in sheet (签到表): how many are on it, and a digest of every line.

``sha256("suishi-sheet-v1" NUL canonical-JSON-of-all-lines)``, the lines in the order of their own canonical text. Each is
the list ``[who, name, unit_name, at, via, recorded_by, withdrawn_at]``, instants as ``2026-03-02T01:00:00.000000Z``, the
last one null for who was not taken off. Short enough to be written again elsewhere: whoever has a sheet and the log can
tell whether they belong together, and nobody reads a name out of the log.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass

from planning.chain import Plain, canonical

IN_LOG = "attendance"
"""Under this name the payload of an entry tells the sheet as it stood then."""

PREFIX = b"suishi-sheet-v1\0"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """One who signed in, also one who was taken off again. Instants as :func:`planning.instants.utc_text` writes them."""

    who: str
    name: str
    unit_name: str
    at: str
    via: str
    recorded_by: str
    withdrawn_at: str | None


@dataclass(frozen=True, slots=True)
class SheetMark:
    """A sheet as an entry tells it. ``sha256`` is empty for one on which nobody ever was."""

    count: int
    sha256: str = ""

    def for_log(self) -> dict[str, Plain]:
        return {"count": self.count, "sha256": self.sha256} if self.sha256 else {"count": 0}


def mark_of(lines: Iterable[SheetLine]) -> SheetMark:
    listed = list(lines)
    if not listed:
        return SheetMark(0)
    written = "[" + ",".join(sorted(canonical(astuple(line)) for line in listed)) + "]"
    present = sum(line.withdrawn_at is None for line in listed)
    return SheetMark(present, hashlib.sha256(PREFIX + written.encode()).hexdigest())


def told_mark(said: Mapping[str, object]) -> SheetMark | None:
    """What an entry's payload says of the sheet; None when it says nothing, as entries of older versions do.

    Raises TypeError for what none of our versions writes.
    """
    if IN_LOG not in said:
        return None
    told = said[IN_LOG]
    if not isinstance(told, Mapping):
        raise TypeError(f"not a sheet: {told!r}")
    count, sha256 = told.get("count"), told.get("sha256", "")
    if not isinstance(count, int) or not isinstance(sha256, str):
        raise TypeError(f"not a sheet: {told!r}")
    return SheetMark(count, sha256)
