"""Pictures without what the camera added: place, device, time (EXIF, XMP, IPTC, text chunks)."""

from __future__ import annotations

_JPEG_START = b"\xff\xd8"
_PNG_START = b"\x89PNG\r\n\x1a\n"

# APP0 holds the resolution, APP14 tells how colours are coded: without it some pictures turn green.
_KEPT_APPS = {0xE0, 0xEE}
_APP2 = 0xE2
_APPS = range(0xE0, 0xF0)
_COMMENT = 0xFE
_START_OF_SCAN = 0xDA
_END = 0xD9
_RESTARTS = range(0xD0, 0xD8)

_PNG_PRIVATE = {b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"}
_PNG_FRAME = 12  # length, type, check sum


class BrokenPictureError(ValueError):
    """The bytes end too early or are none of the format."""


def strip_jpeg(content: bytes) -> bytes:
    """The picture with no APPn segment but resolution, colour profile and colour coding; what follows its end is cut.

    Phones hang a film or a second photo behind the end marker, with a place of its own.
    """
    if not content.startswith(_JPEG_START):
        raise BrokenPictureError("no start marker")
    kept = [_JPEG_START]
    place = 2
    while True:
        marker, place = _next_marker(content, place)
        if marker == _END:
            kept.append(b"\xff\xd9")
            return b"".join(kept)
        length = int.from_bytes(content[place : place + 2], "big")
        end = place + length
        if length < 2 or end > len(content):  # noqa: PLR2004 - the length counts its own two bytes
            raise BrokenPictureError("a segment is cut off")
        if _jpeg_keeps(marker, content[place + 2 : end]):
            kept.append(bytes((0xFF, marker)) + content[place:end])
        place = end
        if marker == _START_OF_SCAN:
            scan_end = _end_of_scan(content, place)
            kept.append(content[place:scan_end])
            place = scan_end


def strip_png(content: bytes) -> bytes:
    """The picture without its text, time and EXIF chunks; what follows its end is cut."""
    if not content.startswith(_PNG_START):
        raise BrokenPictureError("no signature")
    kept = [_PNG_START]
    place = len(_PNG_START)
    while True:
        length = int.from_bytes(content[place : place + 4], "big")
        end = place + length + _PNG_FRAME
        if end > len(content):
            raise BrokenPictureError("a chunk is cut off")
        kind = content[place + 4 : place + 8]
        if kind not in _PNG_PRIVATE:
            kept.append(content[place:end])
        if kind == b"IEND":
            return b"".join(kept)
        place = end


def _next_marker(content: bytes, place: int) -> tuple[int, int]:
    """The marker at the place and where its segment begins; fill bytes are passed over (ISO/IEC 10918-1, B.1.1.2)."""
    if content[place : place + 1] != b"\xff":
        raise BrokenPictureError("no marker where one should be")
    while content[place : place + 1] == b"\xff":
        place += 1
    if place >= len(content):
        raise BrokenPictureError("it ends too early")
    return content[place], place + 1


def _jpeg_keeps(marker: int, body: bytes) -> bool:
    if marker == _APP2:
        return body.startswith(b"ICC_PROFILE\0")
    return marker in _KEPT_APPS or (marker not in _APPS and marker != _COMMENT)


def _end_of_scan(content: bytes, place: int) -> int:
    """Where the coded picture data stop: at the first marker that is neither a stuffed byte nor a restart."""
    while True:
        place = content.find(b"\xff", place)
        if place < 0 or place + 1 >= len(content):
            raise BrokenPictureError("it ends too early")
        follows = content[place + 1]
        if follows and follows not in _RESTARTS and follows != 0xFF:  # noqa: PLR2004 - a fill byte
            return place
        place += 1 if follows == 0xFF else 2  # noqa: PLR2004 - the same
