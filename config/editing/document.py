"""A YAML file as text that can be changed field by field: what is not changed keeps every byte.

A library that loads and writes a whole file keeps what it has a place for. Here only the change itself is written, at
the places that the parser reports; a form too unusual for that is written anew, as far as the field around it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from config.editing.block_edits import TooOdd
from config.editing.contents import Path, moved, replaced, with_member, without
from config.editing.merging import merged
from config.editing.refusals import EditRefused
from config.editing.spelling import Content, Value, content_of
from config.editing.tree import Tree

_MARK = "\ufeff"  # what Windows puts before UTF-8; it is kept


@dataclass(frozen=True, slots=True)
class Document:
    """One file's text. Each change answers with another document.

    Changes raise EditRefused (too_odd) where not even writing the field anew gives what was wished.
    """

    _tree: Tree
    _mark: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """Raises EditRefused (file_faulty) when the text has faults of YAML, which only a person can put right."""
        return cls(Tree(text.removeprefix(_MARK)), _MARK if text.startswith(_MARK) else "")

    @property
    def text(self) -> str:
        return self._mark + self._tree.text

    def get(self, path: Path) -> Content | None:
        """What stands there as text, lists and named fields; None when nothing of that name does."""
        return self._tree.get(path)

    def members(self, path: Path) -> list[Content]:
        """What the list there holds; nothing where there is no list."""
        return self._tree.members(path)

    def index(self, path: Path, key: str, *, by: str = "key") -> int | None:
        """Which member of a list of mappings has this ``key``."""
        members = self._tree.members(path)
        return next((at for at, one in enumerate(members) if isinstance(one, dict) and one.get(by) == key), None)

    def set(self, path: Path, value: Value, *, order: Sequence[str] = ()) -> Self:
        """Give a field a value; a missing field is made, behind those that come before it in ``order``.

        Of a list or mapping only the members that differ are changed.
        """
        wished = content_of(value)
        return self._by(lambda: merged(self._tree, path, wished, order), path, replaced(self._tree.whole, path, wished))

    def remove(self, path: Path) -> Self:
        """Take a field or a list member out, with its lines; the same document when it is not there."""
        if self._tree.find(path) is None:
            return self
        return self._by(lambda: self._tree.drop(path), path[:-1], without(self._tree.whole, path))

    def insert(self, path: Path, index: int, value: Value) -> Self:
        """Put a member into a list before the one at ``index``; a missing or empty list is made."""
        members, content = self._tree.members(path), content_of(value)
        if not members:
            return self.set(path, [value])
        longer = with_member(members, index, content)
        return self._by(lambda: self._tree.put(path, index, content), path, replaced(self._tree.whole, path, longer))

    def append(self, path: Path, value: Value) -> Self:
        return self.insert(path, len(self._tree.members(path)), value)

    def move(self, path: Path, index: int, to: int) -> Self:
        """Put a list member in another place, as it is written; ``to`` counts in the list without it."""
        if index == to:
            return self
        other = moved(self._tree.members(path), index, to)
        return self._by(lambda: self._tree.shift(path, index, to), path, replaced(self._tree.whole, path, other))

    def _by(self, fine: Callable[[], Tree], path: Path, wished: Content) -> Self:
        """The finest way that is possible: in place, else the field around ``path`` written anew."""
        try:
            return replace(self, _tree=fine())
        except TooOdd:
            pass
        try:
            return replace(self, _tree=self._tree.anew(wished, path))
        except TooOdd:
            line = self._tree.line(path)
            raise EditRefused(f"第{line}行一带的写法比较特别，页面改不了：请管理员在文件里改。", code="too_odd") from None
