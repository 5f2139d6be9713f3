"""A change before it is made: the files as they were read, and as they would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from config.calendar import FOLDER
from config.editing.files import editable_files, is_editable, read_whole
from config.editing.journal import settle
from config.editing.refusals import EditedMeanwhile, EditRefused
from config.editing.settings import refuse_forbidden
from config.problems import shown
from config.settings import FILE as SETTINGS_FILE


@dataclass(frozen=True, slots=True)
class Draft:
    """All files a page may change. ``edit`` answers with another draft; nothing is written before write_draft."""

    before: Mapping[str, str]  # name -> text as it was read
    seen: Mapping[str, str]  # name -> SHA-256 of the bytes as they were read
    after: Mapping[str, str] = field(default_factory=dict)  # name -> text as it would be
    unreadable: Mapping[str, str] = field(default_factory=dict)  # name -> what is wrong with it, as a sentence

    def text(self, name: str) -> str:
        """The text as it would be; empty for a file that is not there yet. Raises EditRefused: not_editable, file_faulty."""
        if not is_editable(name):
            raise EditRefused(f"{shown(name)} 不能在页面上改：请管理员在服务器上改这个文件。", code="not_editable")
        if name in self.unreadable:
            raise EditRefused(f"{self.unreadable[name]}先在文件里改好，再用页面改。", code="file_faulty")
        return self.after.get(name, self.before.get(name, ""))

    def edit(self, name: str, change: Callable[[str], str]) -> Self:
        """The draft with ``change`` made to one file's text. Raises EditRefused as ``change`` does, and as ``text``."""
        old = self.text(name)
        new = change(old)
        if name == SETTINGS_FILE:
            refuse_forbidden(old, new)
        return replace(self, after={**self.after, name: new})

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the files that would be other than they are."""
        return tuple(sorted(name for name, text in self.after.items() if text != self.before.get(name)))

    @property
    def calendar_files(self) -> tuple[str, ...]:
        """The names of those that can be read."""
        names = {*self.before, *self.after}
        return tuple(sorted(name for name in names if name.startswith(f"{FOLDER}/")))

    @property
    def stamp(self) -> str:
        """Names what the changed files were when they were read: a page keeps it between preview and saving."""
        known = "\n".join(f"{name} {self.seen.get(name, '')}" for name in self.changed)
        return sha256(known.encode()).hexdigest()

    def hold_to(self, stamp: str) -> Self:
        """The same draft, made anew from a form. Raises EditedMeanwhile when the files are others than at the preview."""
        if stamp != self.stamp:
            raise EditedMeanwhile(self.changed)
        return self

    def difference(self, name: str) -> tuple[str, ...]:
        """The lines that go (``-``) and come (``+``), with one line around them (`` ``); ``@@`` between the places."""
        from difflib import unified_diff  # only a preview needs it

        old, new = self.before.get(name, "").splitlines(), self.text(name).splitlines()
        return tuple(line if line[:2] != "@@" else "@@" for line in list(unified_diff(old, new, lineterm="", n=1))[2:])


def open_draft(home: Path) -> Draft:
    """Read the files that a page may change. Raises EditUnfinished, once, when an earlier change could not be completed."""
    settle(home)
    before: dict[str, str] = {}
    seen: dict[str, str] = {}
    unreadable: dict[str, str] = {}
    for name in editable_files(home):
        try:
            before[name], seen[name] = read_whole(home, name)
        except ValueError as fault:
            unreadable[name] = str(fault)
    return Draft(before, seen, unreadable=unreadable)
