"""What Chromium printed: the sheets of a PDF, their size and their words. Reads just what Chromium (Skia) writes."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_POINT = 25.4 / 72  # millimetres

_HEAD = re.compile(rb"\b(\d+) 0 obj(.*?)(?:stream\r?\n|endobj)", re.DOTALL)
_SHOWN = re.compile(rb"/(\w+) [\d.-]+ Tf|<([0-9A-Fa-f]+)>\s*Tj")


@dataclass(frozen=True)
class Sheet:
    width: int  # millimetres
    height: int
    text: str  # in the order in which it was drawn, without its white space


@dataclass(frozen=True)
class _Object:
    head: bytes
    stream: bytes = b""


def sheets(pdf: bytes) -> list[Sheet]:
    objects = dict(_objects(pdf))
    return [_sheet(one.head, objects) for one in objects.values() if re.search(rb"/Type\s*/Page\b", one.head)]


def _objects(pdf: bytes) -> Iterator[tuple[int, _Object]]:
    at = 0
    while (found := _HEAD.search(pdf, at)) is not None:
        at, stream, length = found.end(), b"", re.search(rb"/Length (\d+)\b(?! 0 R)", found[2])
        if length is not None and not found[0].endswith(b"endobj"):
            stream = pdf[at : at + int(length[1])]
            at += len(stream)
        yield int(found[1]), _Object(found[2], zlib.decompress(stream) if b"/FlateDecode" in found[2] else stream)


def _sheet(page: bytes, objects: dict[int, _Object]) -> Sheet:
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", page)
    content = re.search(rb"/Contents (\d+) 0 R", page)
    assert box is not None
    assert content is not None
    fonts = {name: _letters(objects[int(number)].head, objects) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", page)}
    text = unicodedata.normalize("NFKC", "".join(_words(objects[int(content[1])].stream, fonts)))
    return Sheet(round(float(box[1]) * _POINT), round(float(box[2]) * _POINT), re.sub(r"\s", "", text))


def _words(drawn: bytes, fonts: dict[bytes, dict[bytes, str]]) -> Iterator[str]:
    letters: dict[bytes, str] = {}
    for font, codes in _SHOWN.findall(drawn):
        if font:
            letters = fonts.get(font, {})
            continue
        width = len(next(iter(letters), b"00"))
        yield from (letters.get(codes[at : at + width].upper(), "") for at in range(0, len(codes), width))


def _letters(font: bytes, objects: dict[int, _Object]) -> dict[bytes, str]:
    """What each code of the font says, by the table that lets readers copy text."""
    table = re.search(rb"/ToUnicode (\d+) 0 R", font)
    if table is None:
        return {}
    said = objects[int(table[1])].stream
    found = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", said, re.DOTALL):
        found |= {code.upper(): _text(into) for code, into in re.findall(rb"<(\w+)>\s*<(\w+)>", block)}
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", said, re.DOTALL):
        for first, last, into in re.findall(rb"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                code = b"%0*X" % (len(first), int(first, 16) + step)
                found[code] = chr(int(into, 16) + step)
    return found


def _text(code: bytes) -> str:
    return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")
