"""How a value is written into a file: like the files of the packs, so that a clerk cannot tell who wrote a line.

Whatever is written is text to the strict reader. Other readers of YAML, an editor's for one, see numbers and true
or false in some texts: those are put in quotes, so that everybody reads the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TypeAlias

Value: TypeAlias = "str | int | date | Sequence[Value] | Mapping[str, Value]"
"""What a caller may hand over; ``True`` and ``False`` are among the ``int``."""

Content: TypeAlias = "str | list[Content] | dict[str, Content]"
"""What stands in a file: text, lists and named fields."""

WIDEST = 100  # characters of a list or mapping in brackets; a longer one takes a line for each member

_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_NUMBER_FIRST = re.compile(r"-[0-9]")
_NO_COLON = re.compile(r":(?=[\s,\[\]{}]|$)")
_MEANS_ELSE = re.compile(r"y|n|yes|no|on|off|true|false|null|~|=|<<|[-+]?[0-9]+(:[0-9]+)+", re.IGNORECASE)
_SHORT_ESCAPES = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_LAST_SHORT = 0xFFFF


class Bare(str):
    """Text that came as a number, a date, true or false, and stands without quotes."""

    __slots__ = ()


def content_of(value: Value) -> Content:
    """A value as the text that the file will hold; blanks alone are nothing, to every reader of ours."""
    if isinstance(value, str):
        return value if value.strip() else ""
    if isinstance(value, bool):
        return Bare("true" if value else "false")
    if isinstance(value, int):
        return Bare(value)
    if isinstance(value, date):
        return Bare(value.isoformat())
    if isinstance(value, Mapping):
        return {str(name): content_of(one) for name, one in value.items()}
    return [content_of(one) for one in value]


# -- on one line -------------------------------------------------------------------------------------


def inline(content: Content, *, flow: bool = False, style: str = "") -> str:
    """The content on one line; ``flow``: it stands inside brackets. ``style`` is the quote that stood there before."""
    if isinstance(content, str):
        return scalar(content, flow=flow, style=style)
    if isinstance(content, dict):
        return "{" + ", ".join(f"{name_of(name, flow=True)}: {inline(one, flow=True)}" for name, one in content.items()) + "}"
    return "[" + ", ".join(inline(one, flow=True) for one in content) + "]"


def scalar(text: str, *, flow: bool, style: str = "") -> str:
    """Plain where nothing speaks against it; else in the quotes that stood there, else in double quotes."""
    if style == "'" and _is_printable(text):
        return "'" + text.replace("'", "''") + "'"
    if style != '"' and _is_plain(text, flow=flow) and (isinstance(text, Bare) or not _MEANS_ELSE.fullmatch(text)):
        return str(text)
    return '"' + "".join(_escaped(char) for char in text) + '"'


def name_of(name: str, *, flow: bool) -> str:
    """A field's name; ``on`` stays plain here, as in ``rule: {on: 12-04}``."""
    return scalar(Bare(name), flow=flow)


def _is_plain(text: str, *, flow: bool) -> bool:
    if not text or text != text.strip() or not _is_printable(text) or " #" in text or _NO_COLON.search(text):
        return False
    if text[0] in _INDICATORS and not _NUMBER_FIRST.match(text):
        return False
    return not (flow and any(char in ",[]{}" for char in text)) and not text.startswith(("---", "..."))


def _is_printable(text: str) -> bool:
    return all(char.isprintable() or char == "\u3000" for char in text)


def _escaped(char: str) -> str:
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    if _is_printable(char):
        return char
    return f"\\u{ord(char):04X}" if ord(char) <= _LAST_SHORT else f"\\U{ord(char):08X}"


# -- on several lines --------------------------------------------------------------------------------


def field_lines(name: str, content: Content) -> list[str]:
    """A field of a block mapping, its lines indented from the field's own column."""
    head = f"{name_of(name, flow=False)}:"
    if isinstance(content, str):
        body = _text_block(content)
        return [f"{head} {scalar(content, flow=False)}"] if body is None else [f"{head} {body[0]}", *_deeper(body[1:])]
    if is_short(content):
        return [f"{head} {inline(content)}"]
    return [head, *_deeper(body_lines(content))]


def body_lines(content: Content) -> list[str]:
    """A list or mapping in block form, without the name before it."""
    if isinstance(content, dict):
        return [line for name, one in content.items() for line in field_lines(name, one)]
    if isinstance(content, list):
        return [line for one in content for line in item_lines(one)]
    return [scalar(content, flow=False)]


def item_lines(content: Content, *, block: bool | None = None) -> list[str]:
    """A member of a block list; ``block`` says whether a mapping takes a line for each field, None: when it is long."""
    if isinstance(content, dict) and content and (not is_simple(content) if block is None else block):
        first, *rest = body_lines(content)
        return [f"- {first}", *_deeper(rest)]
    return [f"- {inline(content)}"]


def is_short(content: Content) -> bool:
    """Whether it stands in brackets behind its name: no list of mappings, and not too wide."""
    rows = isinstance(content, list) and any(not isinstance(one, str) for one in content)
    return not rows and is_simple(content)


def is_simple(content: Content) -> bool:
    """Whether brackets hold it well: texts and lists of texts only."""
    if isinstance(content, str):
        return True
    members = content.values() if isinstance(content, dict) else content
    return all(_is_flat(one) for one in members) and len(inline(content)) <= WIDEST


def _is_flat(content: Content) -> bool:
    if isinstance(content, str):
        return "\n" not in content
    members = content.values() if isinstance(content, dict) else content
    return all(isinstance(one, str) and "\n" not in one for one in members)


def _text_block(text: str) -> list[str] | None:
    """Several lines as ``|-``; None where that form would lose something."""
    lines = text.split("\n")
    if len(lines) == 1 or any(line != line.rstrip() or not _is_printable(line) for line in lines):
        return None
    if not lines[0] or lines[0].startswith(" ") or not lines[-1]:
        return None
    return ["|-", *lines]


def _deeper(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
