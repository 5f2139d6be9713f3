"""Files as people hand them in, made here byte by byte, so that each test can spoil exactly one thing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

from PIL import Image

_BASE = "application/vnd.openxmlformats-officedocument"
_MAIN = {
    "docx": ("word/document.xml", f"{_BASE}.wordprocessingml.document.main+xml"),
    "xlsx": ("xl/workbook.xml", f"{_BASE}.spreadsheetml.sheet.main+xml"),
}
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def drawn(image: Image.Image, kind: str, **said: Any) -> bytes:
    whole = io.BytesIO()
    image.save(whole, kind, **said)
    return whole.getvalue()


def photo(size: tuple[int, int] = (80, 60), **said: Any) -> bytes:
    """A JPEG with something to see in it, as large in bytes as a real one."""
    return drawn(noise(size), "JPEG", **said)


def noise(size: tuple[int, int]) -> Image.Image:
    grey = Image.effect_noise((max(1, size[0] // 8), max(1, size[1] // 8)), 80).resize(size)
    return Image.merge("RGB", (grey, grey.transpose(Image.Transpose.ROTATE_180), grey))


def relation(kind: str, target: str, *, external: bool = False, base: str = RELATIONS) -> str:
    """One relationship, as it stands in a part's .rels."""
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="r1" Type="{base}/{kind}" Target="{target}"{mode}/>'


def rels(*relations: str) -> str:
    return _RELS.format("".join(relations))


def office_parts(ending: str, *, main_type: str = "", types: str = "") -> dict[str, str | bytes]:
    """The parts without which nothing opens the file."""
    part, own_type = _MAIN[ending]
    said = f'<Override PartName="/{part}" ContentType="{main_type or own_type}"/>{types}'
    listed = f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{said}</Types>'
    return {
        "[Content_Types].xml": f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{listed}',
        "_rels/.rels": rels(relation("officeDocument", part)),
        part: '<?xml version="1.0" encoding="UTF-8"?><document>学习民法典</document>',
    }


def zipped(parts: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return whole.getvalue()


def office(ending: str, more: Mapping[str, str | bytes] | None = None, **said: str) -> bytes:
    """A ``docx`` or ``xlsx`` that opens, with more parts when asked."""
    return zipped({**office_parts(ending, **said), **(more or {})})
