"""Word and Excel files (ECMA-376, part 2): taken when they only show, and act in no way when somebody opens them.

Looked for are macros, things of other programs inside, and whatever is fetched from elsewhere at opening. A link that
a reader has to press stays, if it leads to the web: reports are full of them. Fields that act only when somebody
updates them are left to Office, which asks first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from services.errors import Refused
from services.zip_members import Member, broken, read_members, unpacked

_TYPES_PART = "[content_types].xml"
_MAIN_TYPES = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
}
_PROLOG = 256 * 1024
"""Bytes before the first element of a part: a dozen would do."""

_READ_WHOLE = 16 * 1024 * 1024
"""Bytes of the list of types and all relationships together: a sheet with as many links as Excel allows has 11 MB."""

_AS_PDF = "请另存为PDF后再上传"
_MACROS = f"带有宏，请另存为不带宏的文档，或{_AS_PDF.removeprefix('请')}"
_INSIDE = f"里面嵌有其他程序的文件或控件，{_AS_PDF}"
_OUTSIDE = f"打开时会去取外面的文件（模板、图片、链接的表格），请断开链接，或{_AS_PDF.removeprefix('请')}"
_PACKED = f"里面夹着压缩包、程序或别的文档，{_AS_PDF}"
_LINK = f"里面有会启动程序或连到局域网的超链接，请取消超链接，或{_AS_PDF.removeprefix('请')}"
_PATH = f"里面的部件名称指向文档之外，{_AS_PDF}"
_ENTITIES = f"里面有自定义的XML实体，不是Office写的文档，{_AS_PDF}"

_PART_NAMES = (
    (re.compile(r"vbaproject|vbadata|macrosheets/"), _MACROS),
    (re.compile(r"(^|/)(embeddings|activex|webextensions)/"), _INSIDE),
    (re.compile(r"(^|/)externallinks/|^xl/connections\.xml$"), _OUTSIDE),
)
_MACRO_TYPE = re.compile(r"macro|vba", re.IGNORECASE)
_RELATIONS = {
    **dict.fromkeys(("vbaproject", "wordvbadata", "xlmacrosheet", "xlintlmacrosheet"), _MACROS),
    **dict.fromkeys(("oleobject", "package", "control", "activexcontrolbinary", "afchunk"), _INSIDE),
    **dict.fromkeys(("webextension", "webextensiontaskpanes"), _INSIDE),
    **dict.fromkeys(("externallink", "externallinkpath", "connections", "attachedtemplate"), _OUTSIDE),
}
"""The last word of a relationship's type: Transitional and Strict files differ only before it."""

_WEB_LINK = re.compile(r"(?:https?|mailto|tel):|file:/{3}[a-z]:|#|(?![/\\])[^:]*$", re.IGNORECASE)
"""To the web, to a place in the file itself, or to a file of whoever reads; never to a machine that would ask him who he is."""

_STRANGERS = (
    b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"MSCF",
    b"\x28\xb5\x2f\xfd", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ", b"\x7fELF", b"%PDF-",
)  # fmt: skip
_TAR, _TAR_AT = b"ustar", 257


def check_package(name: str, ending: str, content: bytes) -> None:
    """Raises Refused, naming the file and what to do, unless it is a plain ``docx`` or ``xlsx``.

    Every member is unpacked once, a block at a time and never held, so that a lie about its size is found out.
    """
    members = read_members(name, content)
    _refuse_names(name, members)
    reader = _Reader(name)
    for member in members:
        _look_through(reader, content, member)
    if _MAIN_TYPES[ending] not in reader.types:
        raise Refused(
            f"佐证“{name}”的内容不是{ending}文件，可能只是改了扩展名。请用Office或WPS打开后另存为{ending}。",
            code="evidence_type",
        )


def _refuse_names(name: str, members: Iterable[Member]) -> None:
    seen: set[str] = set()
    for member in members:
        part = member.name.lower()
        if part in seen:  # two readers would show two files
            raise broken(name)
        seen.add(part)
        if part.startswith("/") or ".." in part.split("/") or ":" in part or min(part, default=" ") < " ":
            _refuse(name, _PATH)
        for pattern, why in _PART_NAMES:
            if pattern.search(part):
                _refuse(name, why)


def _look_through(reader: _Reader, content: bytes, member: Member) -> None:
    part = member.name.lower()
    blocks = unpacked(reader.name, content, member)
    if part == _TYPES_PART or part.endswith(".rels"):
        reader.read_whole(blocks, size=member.size)
    elif part.endswith(".xml"):
        reader.read_prolog(blocks)
    else:
        _refuse_strangers(reader.name, blocks)


def _refuse_strangers(name: str, blocks: Iterable[bytes]) -> None:
    for number, block in enumerate(blocks):
        if number == 0 and (block.startswith(_STRANGERS) or block.startswith(_TAR, _TAR_AT)):
            _refuse(name, _PACKED)


def _refuse(name: str, why: str) -> NoReturn:
    raise Refused(f"佐证“{name}”{why}。", code="evidence_active")


@dataclass
class _Reader:
    """Reads the XML of one package. A DOCTYPE is refused where it begins, so no entity is ever declared or expanded."""

    name: str
    types: set[str] = field(default_factory=set)
    read: int = 0  # bytes of the parts read whole

    def read_whole(self, blocks: Iterable[bytes], *, size: int) -> None:
        self.read += size
        if self.read > _READ_WHOLE:
            raise broken(self.name)
        parser = self._parser()
        parser.StartElementHandler = self._element
        for block in blocks:
            self._feed(parser, block)
        self._feed(parser, b"", last=True)

    def read_prolog(self, blocks: Iterable[bytes]) -> None:
        """Up to the first element, behind which no DOCTYPE may stand; the rest is only unpacked."""
        parser, begun, seen = self._parser(), False, 0

        def begin(*_: object) -> None:
            nonlocal begun
            begun = True

        parser.StartElementHandler = begin
        for block in blocks:
            if begun:
                continue
            seen += len(block)
            if seen > _PROLOG:
                raise broken(self.name)
            try:
                self._feed(parser, block)
            except Refused as refusal:
                # What is wrong behind the first element is for Office to say: old programs write what is not quite XML.
                if not begun or refusal.code != "evidence_broken":
                    raise
        if seen and not begun:  # none there, or expat waits for more before it tells of one
            self._feed(parser, b"", last=True)

    def _parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartDoctypeDeclHandler = lambda *_: _refuse(self.name, _ENTITIES)
        return parser

    def _feed(self, parser: expat.XMLParserType, block: bytes, *, last: bool = False) -> None:
        try:
            parser.Parse(block, last)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that nobody knows
            raise broken(self.name) from None

    def _element(self, tag: str, said: dict[str, str]) -> None:
        word = tag.rpartition(" ")[2]
        if word in {"Default", "Override"}:
            self._content_type(said.get("ContentType", ""))
        elif word == "Relationship":
            self._relationship(said)

    def _content_type(self, kind: str) -> None:
        if _MACRO_TYPE.search(kind):
            _refuse(self.name, _MACROS)
        self.types.add(kind.lower())

    def _relationship(self, said: dict[str, str]) -> None:
        kind = said.get("Type", "").rpartition("/")[2].lower()
        why = _RELATIONS.get(kind)
        if why:
            _refuse(self.name, why)
        target = said.get("Target", "").strip()
        # A part of the file itself has no colon in its name; what has one is elsewhere, whatever is claimed.
        if said.get("TargetMode", "").lower() != "external" and ":" not in target and not target.startswith(("//", "\\\\")):
            return
        if kind != "hyperlink":
            _refuse(self.name, _OUTSIDE)
        if not _WEB_LINK.match(target):
            _refuse(self.name, _LINK)
