"""What editing keeps in the home for itself. Light, because whoever opens a home asks :func:`is_cut_off`."""

from __future__ import annotations

from pathlib import Path

DATA = "data"
JOURNAL = "data/edit-journal.json"
LOCK = "data/edit.lock"
KEPT = "data/edits"
"""Texts that were replaced, the newest hundred."""


def is_cut_off(home: Path) -> bool:
    """Whether a change of the files was cut off in the middle, and nobody has completed it yet."""
    try:
        return (home / JOURNAL).exists()
    except OSError:  # a name too long, a path through a file
        return False
