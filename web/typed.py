"""What was typed into a plain field of a form: a day in any of the ways offices write one, lines whatever ends them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from planning.written import read_date
from services.errors import Refused

_WIDE_BLANKS = "\u3000\u00a0"


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
