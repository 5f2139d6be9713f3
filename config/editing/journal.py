"""Several files changed as one: first everything is written beside them, then a journal names it, then names change.

A crash before the journal leaves nothing but files nobody reads; a crash after it is rolled forward by the next who
opens the home. So a change is made as a whole or not at all, whatever the moment.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from config.editing.files import FOLDERS, fingerprint, fingerprint_of, is_editable
from config.editing.own_files import DATA, JOURNAL, KEPT, LOCK, is_cut_off
from config.editing.refusals import EditUnfinished

_ENDING = ".edit"  # with a dot in front: no reader of ours takes it for a file of the office

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """One file of a change: what lies beside it under another name takes its place."""

    name: str  # relative to the home
    beside: str  # a name in the same folder
    before: str  # SHA-256 of the bytes; empty: the file was not there
    after: str

    @property
    def is_ours(self) -> bool:
        """A journal that names anything else was not written by us."""
        return is_editable(self.name) and "/" not in self.beside and self.beside.endswith(_ENDING)


@contextmanager
def locked(home: Path, *, wait: bool = True) -> Iterator[bool]:
    """One writer at a time; False when another is at work and ``wait`` is. The lock dies with its holder."""
    folder = home / DATA
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(home / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def commit(home: Path, texts: Mapping[str, bytes], seen: Mapping[str, str]) -> None:
    """Make the change; the caller holds the lock and has settled what was before. Raises OSError.

    When it raises before the journal is written nothing has changed; afterwards the change will be completed.
    """
    _clear(home)
    steps = []
    try:
        for name, raw in texts.items():
            steps.append(Step(name, _write_beside(home / name, raw), seen.get(name, ""), fingerprint(raw)))
        _write_journal(home, steps)
    except OSError:
        _clear(home)
        raise
    for step in steps:
        _take_place(home, step)
    _remove_journal(home)


def finish(home: Path) -> tuple[str, ...]:
    """Complete a change that was cut off; the caller holds the lock. Names the files that have become others since."""
    steps = _read_journal(home)
    if steps is None:
        return ()
    left = [step.name for step in steps if not (step.is_ours and _completed(home, step))]
    if not left:
        _remove_journal(home)
    return tuple(left)


def finish_if_possible(home: Path) -> None:
    """For whoever only reads: complete what was cut off, when nobody is at it and the disk lets us; log what is left."""
    try:
        with locked(home, wait=False) as held:
            left = finish(home) if held else ()
    except OSError as error:
        log.warning("an edit that was cut off could not be completed: %s", error)
        return
    if left:
        log.warning("an edit that was cut off could not be completed: %s changed since", ", ".join(left))


def settle(home: Path) -> None:
    """For whoever is about to edit. Raises EditUnfinished, once; what was to be written then lies in data/edits."""
    if is_cut_off(home):
        with locked(home):
            settle_held(home)


def settle_held(home: Path) -> None:
    """The same for who holds the lock."""
    left = finish(home)
    if left:
        _set_aside(home)
        raise EditUnfinished(left, KEPT)


# -- one file ----------------------------------------------------------------------------------------


def _write_beside(path: Path, raw: bytes) -> str:
    """Write to the disk, under another name in the file's folder, with its mode and owner; answer with the name."""
    target = path.resolve()  # a link stays a link
    target.parent.mkdir(mode=0o700, exist_ok=True)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_ENDING}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        try:
            _be_like(target, file.fileno())
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            beside.unlink()
            raise
    return beside.name


def _be_like(target: Path, handle: int) -> None:
    """Take over mode and owner; a new file is for its owner's eyes."""
    with suppress(FileNotFoundError):
        state = target.stat()
        with suppress(PermissionError):  # only root may give files away
            os.fchown(handle, state.st_uid, state.st_gid)
        os.fchmod(handle, state.st_mode & 0o7777)


def _take_place(home: Path, step: Step) -> None:
    target = (home / step.name).resolve()
    target.with_name(step.beside).replace(target)
    sync_folder(target.parent)


def _completed(home: Path, step: Step) -> bool:
    """Whether the file is now what it was to be."""
    target = (home / step.name).resolve()
    standing, beside = fingerprint_of(target), target.with_name(step.beside)
    if standing == step.after:
        beside.unlink(missing_ok=True)
        return True
    if standing != step.before or fingerprint_of(beside) != step.after:
        return False
    _take_place(home, step)
    return True


def _clear(home: Path) -> None:
    """Away with what changes left that were cut off before their journal."""
    for folder in (home, home / DATA, *(home / name for name in FOLDERS)):
        for path in folder.glob(f".*{_ENDING}"):
            path.unlink(missing_ok=True)


# -- the journal -------------------------------------------------------------------------------------


def _write_journal(home: Path, steps: list[Step]) -> None:
    path = home / JOURNAL
    unfinished = path.with_name(f".{path.name}{_ENDING}")
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump([asdict(step) for step in steps], file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    sync_folder(path.parent)


def _read_journal(home: Path) -> list[Step] | None:
    try:
        text = (home / JOURNAL).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return [Step(**one) for one in json.loads(text)]
    except (ValueError, TypeError):  # never ours: we write it whole. It is told of under its own name
        return [Step(JOURNAL, "", "", "")]


def _remove_journal(home: Path) -> None:
    (home / JOURNAL).unlink()
    sync_folder(home / DATA)


def _set_aside(home: Path) -> None:
    """Keep what could not be written where people find it."""
    folder = home / KEPT
    folder.mkdir(mode=0o700, exist_ok=True)
    for step in (one for one in _read_journal(home) or () if one.is_ours):
        beside = (home / step.name).resolve().with_name(step.beside)
        if beside.exists():
            beside.replace(folder / f"unwritten-{step.after[:8]}-{step.name.replace('/', '-')}")
    _remove_journal(home)


def sync_folder(folder: Path) -> None:
    """Make a new name itself survive a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
