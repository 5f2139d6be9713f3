"""The tree a strict reader hands out: text, lists and named fields, each with its line and column.

Everything is text. What a text means (a number, a date, yes or no) is decided by the reader that knows the field.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scalar:
    """A piece of text. ``plain`` is False when it stood in quotes or a text block."""

    text: str
    line: int
    column: int = 1
    plain: bool = True

    @property
    def blank(self) -> bool:
        """Whether nothing was written: ``key:``, ``key: ""``, ``key: ~`` or ``key: null``."""
        return not self.text.strip() or (self.plain and self.text in {"~", "null"})


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Node, ...]
    line: int
    column: int = 1
    sound: bool = True  # False: something inside was refused (a field written twice, an alias …)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Named fields in the order of the file; a name that came ``twice`` is kept once."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int = 1
    sound: bool = True
    twice: frozenset[str] = frozenset()


Node = Scalar | Sequence | Mapping
