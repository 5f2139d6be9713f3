"""Evidence (佐证): checked files, stored beside the database before any row names them."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from models.record import evidence, evidence_voids
from services.errors import Refused
from services.evidence_check import FILE_LIMIT, CheckedFile, NewEvidence, checked
from services.held import day_of, name_of

__all__ = ["FILE_LIMIT", "NewEvidence", "Stored", "add_rows", "is_proved", "refuse_known", "stored"]

OCCURRENCE_LIMIT = 50 * 1024 * 1024
"""Bytes of all files of one occurrence."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that lies on the disk and still needs its row."""

    name: str
    stored_as: str
    sha256: str  # of the bytes as stored, after private marks were taken out
    size: int

    def for_log(self) -> dict[str, object]:
        return {"name": self.name, "stored_as": self.stored_as, "sha256": self.sha256, "size": self.size}


@contextmanager
def stored(files: Sequence[NewEvidence], folder: Path | None) -> Iterator[tuple[Stored, ...]]:
    """Check and store the files, durable before any row names them; take them away again when the block refuses.

    After any other failure they stay: a commit whose answer was lost may have happened, and then rows name them. A file
    that no row names does no harm; ``log verify`` counts such files. Raises Refused for the first file that cannot be
    taken; ValueError when there are files and no folder.
    """
    if not files:
        yield ()
        return
    if folder is None:
        raise ValueError("evidence needs a folder")
    taken = [checked(one) for one in files]
    _refuse_too_much(sum(len(one.content) for one in taken))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        kept = tuple(_store(folder, one, written) for one in taken)
        _sync_folder(folder)
    except BaseException:
        _remove(written)
        raise
    try:
        yield kept
    except Refused:  # said inside the transaction, which was rolled back
        _remove(written)
        raise


def _remove(written: Sequence[Path]) -> None:
    for path in written:
        path.unlink(missing_ok=True)


def add_rows(db: Connection, files: Sequence[Stored], *, occurrence_id: int, completion_id: int, by: str, now: datetime) -> None:
    """Name the files in the caller's transaction, as proof of this completion and of no other."""
    mine = evidence.c.occurrence_id == occurrence_id
    before = db.execute(select(func.coalesce(func.sum(evidence.c.size), 0)).where(mine)).scalar_one()
    _refuse_too_much(int(before) + sum(one.size for one in files))
    if files:
        about = {"occurrence_id": occurrence_id, "completion_id": completion_id, "by": by, "at": now}
        db.execute(insert(evidence), [{**one.for_log(), **about} for one in files])


def refuse_known(db: Connection, files: Sequence[Stored], *, occurrence_id: int, now: datetime) -> None:
    """The same bytes twice prove nothing more: a call that is repeated adds nothing. Raises Refused: already_proved."""
    same = select(evidence).where(evidence.c.occurrence_id == occurrence_id, evidence.c.sha256.in_([one.sha256 for one in files]))
    known = db.execute(same.order_by(evidence.c.id).limit(1)).one_or_none()
    if known is not None:
        raise Refused(
            f"这份文件已由{name_of(db, known.by)}于{day_of(known.at, now)}作为佐证“{known.name}”提交，不用再交。",
            code="already_proved",
        )


def is_proved(db: Connection, completion_id: int) -> bool:
    """Whether a file that is not void was handed in with this completion or after it."""
    voided = select(evidence_voids.c.evidence_id)
    valid = select(evidence.c.id).where(evidence.c.completion_id == completion_id, evidence.c.id.not_in(voided))
    return db.execute(valid.limit(1)).first() is not None


def _store(folder: Path, taken: CheckedFile, written: list[Path]) -> Stored:
    stored_as = f"{secrets.token_hex(16)}.{taken.ending}"
    path = folder / stored_as
    written.append(path)
    # O_EXCL and 0600 from the start: nobody reads or puts a link there in between.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(taken.content)
        file.flush()
        os.fsync(file.fileno())
    return Stored(taken.name, stored_as, hashlib.sha256(taken.content).hexdigest(), len(taken.content))


def _sync_folder(folder: Path) -> None:
    """Make the new names durable, not only the bytes."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names without being asked
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refuse_too_much(total: int) -> None:
    if total > OCCURRENCE_LIMIT:
        raise Refused("这一项的佐证合计超过50 MB，请只留最能说明问题的几份。", code="evidence_too_big")
