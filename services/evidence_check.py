"""Which files are taken as evidence (佐证), and what is kept of them: harmless to whoever opens them in ten years."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from services.errors import Refused
from services.packages import check_package
from services.pdfs import check_pdf
from services.pictures import redrawn

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes of one file: a phone's photo has up to 9 MB."""

_NAME_LIMIT = 120
_ENDINGS = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "pdf": "pdf", "docx": "docx", "xlsx": "xlsx"}
_TYPES = "照片（jpg、png）、PDF、Word（docx）或 Excel（xlsx）"
_FIRST_BYTES = {
    "jpg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "pdf": b"%PDF-",
    "docx": b"PK\x03\x04",
    "xlsx": b"PK\x03\x04",
}
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How doc and xls begin, and a docx or xlsx with a password as well."""

_HIDDEN = {"Cc", "Cf", "Zl", "Zp"}
"""Classes of characters that no name needs: Cf holds the marks that turn the reading direction and so hide an ending."""


@dataclass(frozen=True, slots=True)
class NewEvidence:
    """A file as it was handed in."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that may be kept: its name without tricks, its real type, its bytes without private marks."""

    name: str
    ending: str
    content: bytes


def checked(file: NewEvidence) -> CheckedFile:
    """Raises Refused with one sentence that names the file and what to do.

    evidence_empty, evidence_too_big, evidence_type (name and content must agree on one that is taken), evidence_broken,
    evidence_locked (a password), evidence_bomb, evidence_active (programs or other files inside).
    """
    name = plain_name(file.name)
    if not file.content:
        raise Refused(f"佐证“{name}”是空文件，请重新选择。", code="evidence_empty")
    if len(file.content) > FILE_LIMIT:
        raise Refused(f"佐证“{name}”超过10 MB，请压缩或拆分后再上传。", code="evidence_too_big")
    ending = _ENDINGS.get(name.rpartition(".")[2].lower(), "")
    if not ending:
        raise Refused(f"佐证“{name}”的类型不收，请用{_TYPES}。", code="evidence_type")
    if not file.content.startswith(_FIRST_BYTES[ending]):
        raise _not_what_it_says(name, ending, file.content)
    return CheckedFile(name, ending, _harmless(name, ending, file.content))


def plain_name(name: str) -> str:
    """What the sender called it: no folders, no control characters, not too long, its ending kept."""
    last = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode()).replace("\\", "/").rpartition("/")[2]
    plain = "".join(char for char in last if unicodedata.category(char) not in _HIDDEN).strip() or "未命名"
    stem, dot, ending = plain.rpartition(".")
    return plain if len(plain) <= _NAME_LIMIT else f"{stem[: _NAME_LIMIT - len(ending) - 1]}{dot}{ending}"[-_NAME_LIMIT:]


def _harmless(name: str, ending: str, content: bytes) -> bytes:
    if ending in {"jpg", "png"}:
        return redrawn(name, ending, content)
    if ending == "pdf":
        check_pdf(name, content)
    else:
        check_package(name, ending, content)
    return content


def _not_what_it_says(name: str, ending: str, content: bytes) -> Refused:
    if content.startswith(_OLD_OFFICE) and ending in {"docx", "xlsx"}:
        return Refused(
            f"佐证“{name}”设有打开密码，或是旧版文档改了扩展名。请去掉密码，另存为{ending}后再上传。", code="evidence_locked"
        )
    return Refused(f"佐证“{name}”的内容不是{ending}文件，可能只是改了扩展名。请用{_TYPES}。", code="evidence_type")
