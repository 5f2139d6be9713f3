"""Evidence (佐证): files that are checked, stripped of private marks, and stored beside the database."""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from models.record import evidence
from services.errors import Refused
from services.photos import BrokenPictureError, strip_jpeg, strip_png

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file: a phone's photo has up to 9 MB."""

OCCURRENCE_LIMIT = 50 * 1024 * 1024
"""Bytes of all files of one occurrence."""

_NAME_LIMIT = 120
_ENDINGS = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "pdf": "pdf", "docx": "docx", "xlsx": "xlsx"}
_TYPES = "照片（jpg、png）、PDF、Word（docx）或 Excel（xlsx）"
_OFFICE_PARTS = {"docx": "word/", "xlsx": "xl/"}


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A file as it was handed in."""

    name: str
    content: bytes


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
    checked = [(_plain_name(one.name), *_checked(one)) for one in files]
    _refuse_too_much(sum(len(content) for _, _, content in checked))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written: list[Path] = []
    try:
        kept = tuple(_store(folder, name, ending, content, written) for name, ending, content in checked)
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


def add_rows(
    db: Connection, files: Sequence[Stored], *, occurrence_id: int, completion_id: int | None, by: str, now: datetime
) -> bool:
    """Name the files in the caller's transaction. Whether the occurrence has any evidence now, old or new."""
    mine = evidence.c.occurrence_id == occurrence_id
    before = db.execute(select(func.coalesce(func.sum(evidence.c.size), 0), func.count()).where(mine)).one()
    _refuse_too_much(int(before[0]) + sum(one.size for one in files))
    if files:
        about = {"occurrence_id": occurrence_id, "completion_id": completion_id, "by": by, "at": now}
        db.execute(insert(evidence), [{**one.for_log(), **about} for one in files])
    return bool(files) or int(before[1]) > 0


def has_evidence(db: Connection, occurrence_id: int) -> bool:
    return db.execute(select(evidence.c.id).where(evidence.c.occurrence_id == occurrence_id).limit(1)).first() is not None


def _checked(file: NewEvidence) -> tuple[str, bytes]:
    """The ending and the bytes to keep: the name and the first bytes must agree on the type."""
    name = _plain_name(file.name)
    if not file.content:
        raise Refused(f"佐证“{name}”是空文件，请重新选择。", code="evidence_empty")
    if len(file.content) > FILE_LIMIT:
        raise Refused(f"佐证“{name}”超过10 MB，请压缩或拆分后再上传。", code="evidence_too_big")
    ending = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    if not ending:
        raise Refused(f"佐证“{name}”的类型不收，请用{_TYPES}。", code="evidence_type")
    if not _looks_like(ending, file.content):
        raise Refused(f"佐证“{name}”的内容不是{ending}文件，可能只是改了扩展名。请用{_TYPES}。", code="evidence_type")
    try:
        return ending, _without_marks(ending, file.content)
    except BrokenPictureError:
        raise Refused(f"照片“{name}”不完整，打不开。请重新拍照或重新保存后上传。", code="evidence_broken") from None


def _without_marks(ending: str, content: bytes) -> bytes:
    if ending == "jpg":
        return strip_jpeg(content)
    return strip_png(content) if ending == "png" else content


def _looks_like(ending: str, content: bytes) -> bool:
    if ending == "jpg":
        return content.startswith(b"\xff\xd8\xff")
    if ending == "png":
        return content.startswith(b"\x89PNG\r\n\x1a\n")
    if ending == "pdf":
        return content.startswith(b"%PDF-")
    return content.startswith(b"PK\x03\x04") and _is_office_file(content, _OFFICE_PARTS[ending])


def _is_office_file(content: bytes, part: str) -> bool:
    """A package with the right part and without macros. Only its table of contents is read, so no bomb goes off."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
        return False
    whole = "[Content_Types].xml" in names and any(name.startswith(part) for name in names)
    return whole and not any(name.lower().endswith("vbaproject.bin") for name in names)


def _plain_name(name: str) -> str:
    """What the sender called it: no folders, no control characters, not too long, its ending kept."""
    last = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).replace("\\", "/").rpartition("/")[2]
    # Cf holds the marks that turn the reading direction and so hide an ending (gnp.exe).
    plain = "".join(char for char in last if unicodedata.category(char) not in {"Cc", "Cf"}).strip() or "未命名"
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= _NAME_LIMIT else f"{stem[: _NAME_LIMIT - len(ending) - 1]}{dot}{ending}"[-_NAME_LIMIT:]


def _store(folder: Path, name: str, ending: str, content: bytes, written: list[Path]) -> Stored:
    stored_as = f"{secrets.token_hex(16)}.{ending}"
    path = folder / stored_as
    written.append(path)
    # O_EXCL and 0600 from the start: nobody reads or puts a link there in between.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Stored(name, stored_as, hashlib.sha256(content).hexdigest(), len(content))


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
