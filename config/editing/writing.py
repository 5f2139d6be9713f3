"""The one place where a page's change reaches the disk."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from config.editing.change import Draft
from config.editing.checking import check_draft
from config.editing.files import fingerprint_of
from config.editing.journal import commit, locked, settle_held, sync_folder
from config.editing.own_files import KEPT
from config.editing.refusals import DraftFaulty, EditedMeanwhile

MOST_KEPT = 100
"""How many replaced texts stay in data/edits, the newest."""

_STAMP = "%Y%m%dT%H%M%S%fZ"
_KEPT_NAME = re.compile(r"\d{8}T\d{12}Z-.+\.yaml")


def write_draft(home: Path, draft: Draft, *, environ: Mapping[str, str], now: datetime) -> tuple[str, ...]:
    """Write the changed files, all or none, and answer with their names; what they replace is kept in data/edits.

    ``now`` dates what is kept. Raises EditedMeanwhile when a file is not the one that was read, DraftFaulty when the
    office would have errors it does not have today, EditUnfinished; each with nothing written. Raises OSError when
    the disk refuses. Who edits by hand takes no lock: between the last look and the change lies a blink.
    """
    names = draft.changed
    if not names:
        return ()
    with locked(home):
        settle_held(home)
        meanwhile = [name for name in names if fingerprint_of(home / name) != draft.seen.get(name, "")]
        if meanwhile:
            raise EditedMeanwhile(meanwhile)
        faults = check_draft(home, draft, environ=environ).faults
        if faults:
            raise DraftFaulty(faults)
        _keep(home, [name for name in names if name in draft.before], now=now)
        commit(home, {name: draft.text(name).encode() for name in names}, draft.seen)
    return names


def _keep(home: Path, names: list[str], *, now: datetime) -> None:
    """A copy of each file as it is, for the owner's eyes; then give up the oldest that are too many."""
    folder = home / KEPT
    folder.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        path = folder / f"{now.astimezone(UTC):{_STAMP}}-{name.replace('/', '-')}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write((home / name).read_bytes())
            file.flush()
            os.fsync(file.fileno())
    sync_folder(folder)
    kept = sorted(path.name for path in folder.iterdir() if _KEPT_NAME.fullmatch(path.name))
    for name in kept[:-MOST_KEPT]:
        (folder / name).unlink()
