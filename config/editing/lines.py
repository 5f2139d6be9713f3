"""The lines of a text whose line ends may be those of any system, and the comments that stand between values."""

from __future__ import annotations

import re
from unicodedata import east_asian_width

_BREAK = re.compile(r"\r\n|\r|\n")
_HEADING = re.compile(r"#\s*(—|–|-{2}|={2}|─|━|\*{3})")
_NARROW_GAP = 2  # blanks before a comment that nobody meant as a column


def newline_of(text: str) -> str:
    """The line end that a new line gets: the text's own."""
    found = _BREAK.search(text)
    return found.group() if found else "\n"


def line_start(text: str, at: int) -> int:
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """The place before the line's end."""
    found = _BREAK.search(text, at)
    return found.start() if found else len(text)


def next_line(text: str, at: int) -> int:
    """The place behind the line's end; the end of the text when it is the last line."""
    found = _BREAK.search(text, at)
    return found.end() if found else len(text)


def line_before(text: str, start: int) -> int:
    """Where the line begins that ends at ``start``, which is itself the beginning of a line."""
    inside = start - (2 if text.endswith("\r\n", 0, start) else 1)
    return line_start(text, max(inside, 0))


def line_number(text: str, at: int) -> int:
    return len(_BREAK.findall(text, 0, at)) + 1


def column(text: str, at: int) -> int:
    return at - line_start(text, at)


def is_first_on_line(text: str, at: int) -> bool:
    return not text[line_start(text, at) : at].strip(" ")


def is_blank_line(text: str, start: int) -> bool:
    return start < len(text) and not text[start : line_end(text, start)].strip()


def comment_depth(text: str, start: int) -> int | None:
    """How far a comment on a line of its own is indented; None when the line is something else."""
    line = text[start : line_end(text, start)]
    words = line.lstrip(" ")
    return len(line) - len(words) if words.startswith("#") else None


def is_heading(text: str, start: int) -> bool:
    """Whether a comment line heads what follows (``# —— 镇领导 ——``): it stays when the item below it goes."""
    return _HEADING.match(text[start : line_end(text, start)].lstrip(" ")) is not None


def extent(text: str, end: int, depth: int) -> int:
    """Where the next thing begins after a value that ends at ``end``: comments standing deeper than ``depth`` are its own."""
    at = next_line(text, end)
    while at < len(text):
        found = comment_depth(text, at)
        if found is None or found <= depth:
            break
        at = next_line(text, at)
    return at


def skip_blank_lines(text: str, at: int) -> int:
    while is_blank_line(text, at):
        at = next_line(text, at)
    return at


def back_over_blank_lines(text: str, at: int, least: int) -> int:
    while at > least and is_blank_line(text, before := line_before(text, at)) and before >= least:
        at = before
    return at


def joined(text: str, at: int, lines: list[str], *, indent: int) -> str:
    """The text with whole lines put in at the beginning of a line, or at its end."""
    newline = newline_of(text)
    piece = "".join(f"{' ' * indent}{line}{newline}" if line else newline for line in lines)
    unfinished = at == len(text) and bool(text) and text[-1] not in "\r\n"
    return text[:at] + (newline if unfinished else "") + piece + text[at:]


def spliced(text: str, start: int, end: int, piece: str, *, ends_at: int | None = None) -> str:
    """The text with ``piece`` in the place of ``start`` to ``end``.

    ``ends_at``: where the value of the line ends; a comment behind it then keeps its column, as far as there is room.
    """
    changed = text[:start] + piece + text[end:]
    if ends_at is None:
        return changed
    comment = ends_at + len(text[ends_at:]) - len(text[ends_at:].lstrip(" "))
    gap = comment - ends_at
    if gap < _NARROW_GAP or not text.startswith("#", comment):
        return changed
    before = line_start(text, ends_at)
    wanted = _width(text[before:comment])
    new_end = ends_at + len(piece) - (end - start)
    room = wanted - _width(changed[line_start(changed, new_end) : new_end])
    return changed[:new_end] + " " * max(room, _NARROW_GAP) + changed[new_end + gap :]


def _width(text: str) -> int:
    """Columns on a screen: a Chinese character takes two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
