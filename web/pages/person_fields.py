"""The fields of a person's form: from the file, from what was typed, and into the file. Rows that say nothing are left out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from config.editing import people
from config.editing.spelling import Content
from planning.roster import Destination, Person, Post

PERSON_LABELS = {
    "key": "代号",
    "name": "姓名",
    "title": "职务",
    "unit": "单位",
    "channel": "渠道",
    "address": "地址",
    "since": "从哪天",
    "until": "到哪天",
    "reason": "原因",
}
"""What the forms of people and units call the fields of people.yaml."""

_SPARE_ROWS = 1
"""Empty rows that a form shows below the filled ones."""

_MOST_ROWS = 20
_PARTED = re.compile(r"[\s、，,；;]+")


@dataclass(frozen=True, slots=True)
class PersonFields:
    key: str = ""
    name: str = ""
    posts: tuple[Post, ...] = ()
    destinations: tuple[Destination, ...] = ()
    after: str = ""  # key of whom he stands below in the official order; empty: first of all

    @classmethod
    def of_row(cls, row: Mapping[str, Content], *, after: str) -> Self:
        """As the file has it."""
        posts = tuple(Post(_text(one, "unit"), _text(one, "title"), _texts(one, "roles")) for one in _rows(row, "posts"))
        destinations = tuple(Destination(_text(one, "channel"), _text(one, "address")) for one in _rows(row, "destinations"))
        return cls(_text(row, "key"), _text(row, "name"), posts, destinations, after)

    @classmethod
    def of_typed(cls, typed: Mapping[str, str]) -> Self:
        """As the form sends it."""
        posts = (
            Post(_row(typed, "post", at, "unit"), _row(typed, "post", at, "title"), parted(_row(typed, "post", at, "roles")))
            for at in range(_MOST_ROWS)
        )
        destinations = (
            Destination(_row(typed, "way", at, "channel"), _row(typed, "way", at, "address")) for at in range(_MOST_ROWS)
        )
        return cls(
            key=typed.get("key", "").strip(),
            name=typed.get("name", "").strip(),
            posts=tuple(one for one in posts if one != Post("", "")),
            destinations=tuple(one for one in destinations if one != Destination("", "")),
            after=typed.get("after", ""),
        )

    @property
    def post_rows(self) -> tuple[Post, ...]:
        return self.posts + (Post("", ""),) * _SPARE_ROWS

    @property
    def way_rows(self) -> tuple[Destination, ...]:
        return self.destinations + (Destination("", ""),) * _SPARE_ROWS

    def new(self) -> Person:
        return Person(self.key, self.name, self.posts, self.destinations)

    def written_into(self, text: str, before: Self) -> str:
        """The file's text with what is other than it was; the rest keeps every byte."""
        if self.name != before.name:
            text = people.rename_person(text, before.key, self.name)
        if self.posts != before.posts:
            text = people.set_posts(text, before.key, self.posts)
        if self.destinations != before.destinations:
            text = people.set_destinations(text, before.key, self.destinations)
        if self.after != before.after:
            text = people.move_person(text, before.key, after=self.after or None)
        return text


@dataclass(frozen=True, slots=True)
class UnitFields:
    key: str = ""
    name: str = ""
    kind: str = ""
    parent: str = ""
    head: str = ""
    contact: str = ""
    after: str = field(default="", compare=False)  # only asked of a new unit

    @classmethod
    def of(cls, row: Mapping[str, Content] | Mapping[str, str]) -> Self:
        """As the file has it, or as the form sends it."""
        return cls(*(_text(row, name).strip() for name in ("key", "name", "kind", "parent", "head", "contact", "after")))

    def written_into(self, text: str, before: Self) -> str:
        if self.name != before.name:
            text = people.rename_unit(text, before.key, self.name)
        if self.head != before.head:
            text = people.set_head(text, before.key, self.head or None)
        if self.contact != before.contact:
            text = people.set_contact(text, before.key, self.contact or None)
        return text


def parted(text: str) -> tuple[str, ...]:
    """Words between 、, commas or blanks."""
    return tuple(word for word in _PARTED.split(text) if word)


def _row(typed: Mapping[str, str], what: str, at: int, name: str) -> str:
    return typed.get(f"{what}-{at}-{name}", "").strip()


def _rows(row: Mapping[str, Content], name: str) -> list[dict[str, Content]]:
    found = row.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(row: Mapping[str, Content] | Mapping[str, str], name: str) -> str:
    found = row.get(name, "")
    return found if isinstance(found, str) else ""


def _texts(row: Mapping[str, Content], name: str) -> tuple[str, ...]:
    found = row.get(name)
    if isinstance(found, str):
        return (found,) if found else ()
    return tuple(one for one in found or () if isinstance(one, str))
