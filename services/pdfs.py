"""PDF files: taken unless they carry a program, start one, or carry other files.

Three things are refused: an action that runs JavaScript, one that launches a program, and embedded files. They are
looked for in the clear and in compressed object streams (ISO 32000-1, 7.5.7), where most writers put them; what a scan,
Word, WPS or a browser's print makes has none of them. A file with encryption passes: many official papers are locked
against editing only. So this is no search for malware. It stops the usual carriers; the file is served as a download
that opens in the reader's own program, and an office that wants more runs a scanner over ``data/evidence``.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from services.errors import Refused

_UNPACKED = 100 * 1024 * 1024
"""Bytes of all object streams together: a thousand pages of forms have 20 MB."""

_BLOCK = 64 * 1024
"""Bytes that are unpacked in one go."""

_ZLIB_HEADER = 2
"""Bytes before the packed data (RFC 1950)."""

_BEFORE = 512
"""Bytes before a stream in which its dictionary is looked for."""


def _name(word: str) -> bytes:
    """A pattern for a PDF name: each of its letters may be written as # and two digits (7.3.5)."""
    letters = (f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in word)
    return b"/" + "".join(letters).encode() + rb"(?=[\s/<>\[\]()%]|$)"


_ACTION = _name("S") + rb"\s*"
_ACTIVE = re.compile(rb"(?P<program>" + _ACTION + rb"(?:" + _name("JavaScript") + rb"|" + _name("Launch") + rb"))"
                     rb"|(?P<files>" + _name("EmbeddedFile") + rb"|" + _name("EmbeddedFiles") + rb")")  # fmt: skip
_STREAM = re.compile(rb"stream\r?\n")
_STREAM_END = b"endstream"
_OBJECT_STREAM = re.compile(_name("ObjStm"))
_REMEDY = "请打开后选“打印”，打印机选“另存为PDF”，再上传新的文件"


def check_pdf(name: str, content: bytes) -> None:
    """Raises Refused, naming the file and what to do."""
    for part in (content, *_object_streams(name, content)):
        found = _ACTIVE.search(part)
        if found is None:
            continue
        what = "带有会自动运行的程序" if found["program"] else "里面夹带了其他文件"
        raise Refused(f"佐证“{name}”{what}，{_REMEDY}。", code="evidence_active")


def _object_streams(name: str, content: bytes) -> Iterator[bytes]:
    """What lies compressed in object streams; one that is encrypted or coded in another way gives nothing that is found."""
    left, at = _UNPACKED, 0
    while (begin := _STREAM.search(content, at)) is not None:
        end = content.find(_STREAM_END, begin.end())
        end = len(content) if end < 0 else end
        at = end + len(_STREAM_END)
        said = content[max(0, begin.start() - _BEFORE) : begin.start()].rpartition(b"obj")[2]
        if not _OBJECT_STREAM.search(said):
            continue
        part = _unpacked(content[begin.end() : end], left)
        left -= len(part)
        if left <= 0:
            raise Refused(f"佐证“{name}”展开后大得反常，{_REMEDY}。", code="evidence_bomb")
        yield part


def _unpacked(packed: bytes, most: int) -> bytes:
    """As much as unpacks, up to about ``most`` bytes: readers too show what lies before a fault.

    The check sum behind the data is not looked at, for a wrong one hides nothing from a reader. At a fault within, zlib
    keeps back what it unpacked in the same go: the go is tried again with half of it, until only the fault is left.
    """
    engine, at, step = zlib.decompressobj(-zlib.MAX_WBITS), _ZLIB_HEADER, _BLOCK
    found = bytearray()
    while step and not engine.eof and len(found) < most:
        before, block = engine.copy(), packed[at : at + _BLOCK]
        try:
            piece = engine.decompress(block, step)
        except zlib.error:
            engine, step = before, step // 2
            continue
        if not block and not piece:
            break
        found += piece
        at += len(block) - len(engine.unconsumed_tail)
    return bytes(found)
