"""The evidence on the disk against what is registered of it: every file there, every byte as it was handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from models.occurrence import occurrences
from models.record import evidence
from planning.reference import reference

_CHUNK = 1 << 20


def file_faults(db: Connection, folder: Path) -> Iterator[str]:
    """A Chinese sentence for each file that is missing, changed or unreadable, with its occurrence."""
    query = (
        select(evidence.c.name, evidence.c.stored_as, evidence.c.sha256, occurrences.c.duty_key, occurrences.c.period)
        .join(occurrences, occurrences.c.id == evidence.c.occurrence_id)
        .order_by(evidence.c.id)
    )
    for row in db.execute(query):
        what = f"“{reference(row.duty_key, row.period)}”的佐证“{row.name}”（{row.stored_as}）"
        try:
            found = _sha256(folder / row.stored_as)
        except FileNotFoundError:
            yield f"{what}不见了：文件被删除或移走，请从备份中找回。"
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            yield f"{what}读不出来：{getattr(error, 'strerror', None) or error}。"
        else:
            if found != row.sha256:
                yield f"{what}与提交时不同：文件被改动，请从备份中找回。"


def unnamed_files(db: Connection, folder: Path) -> list[str]:
    """Names of files that no row names: an upload was cut off, or the answer to its commit was lost. They do no harm."""
    if not folder.is_dir():
        return []
    named = set(db.execute(select(evidence.c.stored_as)).scalars())
    return sorted(path.name for path in folder.iterdir() if path.is_file() and path.name not in named)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
