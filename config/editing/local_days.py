"""Changes of holidays/local.yaml: days on which the office differs from the country's table (停工令, 市县调休)."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from config.editing.block_edits import TooOdd, lines_of
from config.editing.document import Document
from config.editing.files import LOCAL_DAYS
from config.editing.lines import joined, newline_of
from config.editing.places import ListPlace, places_of
from config.editing.refusals import EditRefused
from config.editing.spelling import Value, content_of, item_lines
from config.problems import shown
from planning.tables import DayNote
from planning.written import read_date

__all__ = ["LOCAL_DAYS", "add_local_day", "remove_local_day"]

_NOTHING = re.compile(r"^\[[ \t]*\](?=[ \t]*(?:#.*)?\r?$)", re.MULTILINE)
_COMMENTS = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_HEAD = """\
# yaml-language-server: $schema=../.schema/local.json
# 本地与全国不同的日子，每行一天。
"""


def add_local_day(text: str, day: date, note: DayNote) -> str:
    """Write one more day. Raises EditRefused: day_known, file_faulty, too_odd."""
    row: Value = {"date": day, "off": note.off, "reason": note.name.strip()}
    if not _says_nothing(text):
        document = Document.of(text)
        if _index(document, day) is not None:
            raise EditRefused(f"{day} 已经写过了：要改就先删去原来的，再重新添加。", code="day_known")
        return document.append((), row).text
    text = text or _HEAD
    (line,) = item_lines(content_of(row))
    written = _NOTHING.sub(lambda _: line, text, count=1)
    return _if_sound(joined(text, len(text), [line], indent=0) if written == text else written, count=1)


def remove_local_day(text: str, day: date) -> str:
    """Take a day out; an empty list stays when it was the last. Raises EditRefused: unknown_day, file_faulty, too_odd."""
    document = Document.of(text)
    index = _index(document, day)
    if index is None:
        raise EditRefused(f"{LOCAL_DAYS} 里没有 {day}：请刷新页面再看。", code="unknown_day")
    if len(document.members(())) > 1:
        return document.remove((index,)).text
    listing = places_of(text)
    with suppress(TooOdd):
        if isinstance(listing, ListPlace) and not listing.flow:
            lines = lines_of(text, listing, 0)
            return _if_sound(f"{text[: lines.dash]}[]{newline_of(text)}{text[lines.stop :]}", count=0)
    raise _too_odd()


def _says_nothing(text: str) -> bool:
    """Nothing but comments, or an empty list: the forms in which the file comes with a new home."""
    return not _COMMENTS.sub("", _NOTHING.sub("", text, count=1)).strip()


def _index(document: Document, day: date) -> int | None:
    return next(
        (at for at, row in enumerate(document.members(())) if isinstance(row, dict) and _day(row.get("date")) == day), None
    )


def _day(written: object) -> date | None:
    """A day in any of the ways offices write one; None for what is none."""
    try:
        return read_date(written) if isinstance(written, str) else None
    except ValueError:
        return None


def _if_sound(text: str, *, count: int) -> str:
    if len(Document.of(text).members(())) != count:
        raise _too_odd()
    return text


def _too_odd() -> EditRefused:
    return EditRefused(f"{shown(LOCAL_DAYS)} 的写法比较特别，页面改不了：请管理员在文件里改。", code="too_odd")
