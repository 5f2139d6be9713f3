"""The members of a zip file that a stranger made: what its table of contents says is held against the bytes themselves.

Zip has its sizes written twice and its members found two ways, and bombs and hidden parts live on the difference
(Fifield, «A better zip bomb», 2019). Here a file is taken only when both ways give one answer.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from services.errors import Refused

MAX_MEMBERS = 2000
MAX_UNPACKED = 100 * 1024 * 1024
"""Bytes of all members together: a report with many pictures has 20 MB."""

MAX_RATIO = 100
"""Unpacked to packed, over all members: text of an office file has 5 to 20, a bomb 1,000."""

_BLOCK = 64 * 1024
_ENTRY = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s5H3I2H")  # signature, version, flags, method, time, date, sum, packed, size, name, extra
_LOCAL_SIGNATURE = b"PK\x03\x04"
_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_TOLD_IN_EXTRA = 0xFFFFFFFF  # zip64
_LARGEST_DESCRIPTOR = 24
"""Bytes that may stand behind a member's data (4.3.9 of the zip format), too few to hide another member."""


@dataclass(frozen=True, slots=True)
class Member:
    name: str  # with / between folders
    size: int  # bytes, unpacked
    start: int  # of its data in the file
    end: int
    deflated: bool
    crc: int


def read_members(name: str, content: bytes) -> tuple[Member, ...]:
    """Every member, nothing unpacked yet. Raises Refused, with the name of the file, for what no office program writes."""
    if content.count(_ENTRY) > MAX_MEMBERS:  # before an object is made of each
        raise Refused(f"佐证“{name}”里面的部件超过{MAX_MEMBERS}个，不像正常的文档，请另存为PDF后再上传。", code="evidence_bomb")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            infos = sorted(package.infolist(), key=lambda info: info.header_offset)
            directory = package.start_dir
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, struct.error):
        raise broken(name) from None
    _refuse_bomb(name, infos)
    if any(info.flag_bits & _ENCRYPTED for info in infos):
        raise Refused(f"佐证“{name}”设有打开密码，请去掉密码后再上传。", code="evidence_locked")
    return _placed(name, content, infos, directory)


def unpacked(name: str, content: bytes, member: Member) -> Iterator[bytes]:
    """The member's bytes, a block at a time. Raises Refused when they are not exactly as many as was said, or damaged."""
    crc = seen = 0
    for block in _blocks(name, memoryview(content)[member.start : member.end], member):
        seen += len(block)
        if seen > member.size:
            raise broken(name)
        crc = zlib.crc32(block, crc)
        yield block
    if seen != member.size or crc != member.crc:
        raise broken(name)


def broken(name: str) -> Refused:
    return Refused(f"佐证“{name}”已损坏，打不开。请用Office或WPS打开后另存一次，再上传。", code="evidence_broken")


def _blocks(name: str, data: memoryview, member: Member) -> Iterator[bytes]:
    if not member.deflated:
        yield from (bytes(data[at : at + _BLOCK]) for at in range(0, len(data), _BLOCK))
        return
    opener = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(data), _BLOCK):
        waiting: bytes | memoryview = data[at : at + _BLOCK]
        while waiting and not opener.eof:
            try:
                block = opener.decompress(waiting, _BLOCK)
            except zlib.error:
                raise broken(name) from None
            yield block
            waiting = opener.unconsumed_tail
    yield opener.flush()  # the last few hundred bytes, when a block ended at the limit
    if not opener.eof or opener.unused_data:
        raise broken(name)


def _refuse_bomb(name: str, infos: list[zipfile.ZipInfo]) -> None:
    size = sum(info.file_size for info in infos)
    packed = sum(info.compress_size for info in infos)
    if size > MAX_UNPACKED or size > MAX_RATIO * packed:
        raise Refused(
            f"佐证“{name}”展开后大得反常（超过{MAX_UNPACKED // 1024 // 1024} MB或原来的{MAX_RATIO}倍），"
            "请删去多余的空白行列或另存为PDF后再上传。",
            code="evidence_bomb",
        )


def _placed(name: str, content: bytes, infos: list[zipfile.ZipInfo], directory: int) -> tuple[Member, ...]:
    """Each member at its place: one behind the other from the first byte on, nothing over another and nothing between."""
    members: list[Member] = []
    reached = 0
    for info in infos:
        gap = info.header_offset - reached
        if not 0 <= gap <= (_LARGEST_DESCRIPTOR if members else 0):
            raise broken(name)
        members.append(_placed_member(name, content, info))
        reached = members[-1].end
    if reached > directory or directory - reached > _LARGEST_DESCRIPTOR:
        raise broken(name)
    return tuple(members)


def _placed_member(name: str, content: bytes, info: zipfile.ZipInfo) -> Member:
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise broken(name)
    try:
        signature, _, flags, method, _, _, _, packed, size, name_length, extra_length = _LOCAL.unpack_from(
            content, info.header_offset
        )
    except struct.error:
        raise broken(name) from None
    named_at = info.header_offset + _LOCAL.size
    start = named_at + name_length + extra_length
    called = content[named_at : named_at + name_length]
    sizes_agree = bool(flags & _SIZES_FOLLOW) or (
        packed in {info.compress_size, _TOLD_IN_EXTRA} and size in {info.file_size, _TOLD_IN_EXTRA}
    )
    if (
        signature != _LOCAL_SIGNATURE
        or flags & _ENCRYPTED
        or method != info.compress_type
        or called != info.orig_filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437")
        or not sizes_agree
    ):
        raise broken(name)
    inner = info.orig_filename.replace("\\", "/")
    end = start + info.compress_size
    return Member(inner, info.file_size, start, end, info.compress_type == zipfile.ZIP_DEFLATED, info.CRC)
