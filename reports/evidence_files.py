"""The evidence on the disk against what is registered of it: every file there, every byte as it was handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, select

from models.occurrence import occurrences
from models.record import evidence
from planning.reference import reference
from reports.progress import Progress, in_silence

FILES = "佐证文件"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class RegisteredFile:
    ref: str
    name: str  # as the sender called it
    stored_as: str
    sha256: str
    size: int


def registered_files(db: Connection) -> list[RegisteredFile]:
    """All of them at once: reading the files takes minutes, and no transaction may stay open for so long."""
    file = evidence.c
    query = (
        select(file.name, file.stored_as, file.sha256, file.size, occurrences.c.duty_key, occurrences.c.period)
        .join(occurrences, occurrences.c.id == file.occurrence_id)
        .order_by(file.id)
    )
    return [
        RegisteredFile(reference(row.duty_key, row.period), row.name, str(row.stored_as), row.sha256, _number(row.size))
        for row in db.execute(query)
    ]


def file_faults(files: Collection[RegisteredFile], folder: Path, *, progress: Progress = in_silence) -> Iterator[str]:
    """A Chinese sentence for each file that is missing, changed or unreadable. ``progress`` is told in bytes."""
    total, done = sum(file.size for file in files), 0
    for file in files:
        what = f"“{file.ref}”的佐证“{file.name}”（{file.stored_as}）"
        digest = hashlib.sha256()
        try:
            for part in _parts(folder / file.stored_as):
                digest.update(part)
                progress(FILES, min(done + len(part), total), total)
        except FileNotFoundError:
            yield f"{what}不见了：文件被删除或移走，请从备份中找回。"
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            yield f"{what}读不出来：{getattr(error, 'strerror', None) or error}。"
        else:
            if digest.hexdigest() != file.sha256:
                yield f"{what}与提交时不同：文件被改动，请从备份中找回。"
        done += file.size
        progress(FILES, done, total)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def _number(size: object) -> int:
    """SQLite takes anything for a number; the size only tells how far the reading has come."""
    return size if isinstance(size, int) else 0


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            yield part
