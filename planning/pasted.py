"""Forwarded text made plain for reading, that still knows how each piece was written."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from planning.wording import normalise

_LINE_ENDS = frozenset("\n\x0b\x0c\x85\u2028\u2029")
_INVISIBLE = frozenset(("Cc", "Cf"))  # control and format characters: zero-width spaces, marks of direction


@dataclass(frozen=True, slots=True)
class Pasted:
    """``plain`` is half-width, without the blanks that Chinese does not need, its lines ended by a line feed."""

    plain: str
    text: str  # as it came, but for its line ends
    origins: tuple[int, ...]  # for each character of ``plain`` its place in ``text``

    def written(self, start: int, end: int) -> str:
        """The original words behind ``plain[start:end]``."""
        return self.text[self.origins[start] : self.origins[end - 1] + 1] if start < end else ""


def paste(text: str) -> Pasted:
    """Make any text plain.

    Blanks stay only between letters and digits (2026-03-05 15:00) and behind a name that is called (@张伟 请…).
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    signs: list[str] = []
    origins: list[int] = []
    blank: int | None = None
    called = False
    for place, char in enumerate(text):
        plain = _plain(char)
        if plain == " ":
            blank = place
            continue
        if not plain:
            continue
        if blank is not None and signs and (called or (_holds_blank(signs[-1]) and _holds_blank(plain[0]))):
            signs.append(" ")
            origins.append(blank)
        called = plain == "@" or (called and blank is None and plain != "\n")
        blank = None
        signs.extend(plain)
        origins.extend([place] * len(plain))
    return Pasted("".join(signs), text, tuple(origins))


def _plain(char: str) -> str:
    if char in _LINE_ENDS:
        return "\n"
    if char.isspace():
        return " "
    if unicodedata.category(char) in _INVISIBLE:
        return ""
    # Some characters are words of their own (㏠ is 1日); a few hold blanks.
    plain = re.sub(r"\s+", "", normalise(char))
    # ① before 11月 is no 111月.
    return f"{plain}、" if plain.isdigit() and unicodedata.category(char) == "No" else plain


def _holds_blank(char: str) -> bool:
    return char.isascii() and char.isalnum()
