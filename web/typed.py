"""What was typed into a plain field of a form: a day as offices write one, a number, lines whatever ends them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import Path

from planning.written import read_date
from services.errors import Refused

HIGHEST_NUMBER = 2**31 - 1
"""A larger number fits into no column of the database, and the drivers fail over it."""

NumberInPath = Annotated[int, Path(le=HIGHEST_NUMBER)]
"""A number in an address; with a larger one the address is answered as one that is not understood."""

_WIDE_BLANKS = "\u3000\u00a0"
_MOST_DIGITS = len(str(HIGHEST_NUMBER))


def typed_number(text: str) -> int:
    """What the digits say, full-width ones too; 0 when it is no number, or one above ``HIGHEST_NUMBER``.

    The length is looked at first: Python reads no number of more than 4300 digits, and raises ValueError.
    """
    number = int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0
    return number if number <= HIGHEST_NUMBER else 0


def plain_lines(text: str) -> str:
    """Without what nobody sees: line ends of the browser's own, blanks at the end, marks that come along when one pastes."""
    return "\n".join("".join(_visible(char) for char in line).rstrip() for line in text.strip().splitlines())


def _visible(char: str) -> str:
    if char.isprintable() or char in _WIDE_BLANKS:
        return char
    return " " if char == "\t" else ""


def iso_day(text: str) -> str:
    """A day of a file as a browser's own field for days takes it; what is none stays as it is."""
    try:
        found = read_date(text)
    except ValueError:
        return text
    return text if found is None else found.isoformat()


def typed_day(typed: Mapping[str, str], name: str, what: str) -> date | None:
    """None when the field is empty. Raises Refused (day_unreadable) when it holds something else than a day."""
    written = typed.get(name, "").strip()
    if not written:
        return None
    try:
        found = read_date(written)
    except ValueError as fault:
        raise Refused(f"{what}：{fault}", code="day_unreadable") from None
    if found is None:
        raise Refused(f"{what}“{written[:40]}”看不懂，请写成 2026-03-05 这样。", code="day_unreadable")
    return found


def needed_day(typed: Mapping[str, str], name: str, what: str) -> date:
    """The same, where a day is needed."""
    found = typed_day(typed, name, what)
    if found is None:
        raise Refused(f"请填写{what}，写成 2026-03-05 这样。", code="day_missing")
    return found
