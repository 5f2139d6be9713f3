"""Where every value of a YAML text stands: the grammar of the strict reader, with the beginning and end of each value.

Places count characters of the text as it is, its line ends untouched. What the strict reader refuses (anchors, tags,
fields written twice) has been refused before a text comes here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from config.editing.spelling import Content

# as in config.strict_yaml: libyaml where it is built in, else the same grammar in Python
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A piece of text. ``end`` lies behind its last letter or quote; nothing written: ``start == end``."""

    text: str
    start: int
    end: int
    style: str  # "" plain, or the character that opens it: " ' | >

    @property
    def content(self) -> Content:
        """``~`` and ``null`` are nothing written, as in config.nodes."""
        blank = not self.text.strip() or (not self.style and self.text in {"~", "null"})
        return "" if blank else self.text


@dataclass(frozen=True, slots=True)
class ListPlace:
    """``marks``: of a block list the dash of each member; of a list in brackets the comma behind each, -1 where none is."""

    items: tuple[Place, ...]
    marks: tuple[int, ...]
    start: int
    end: int
    flow: bool

    @property
    def content(self) -> Content:
        return [item.content for item in self.items]


@dataclass(frozen=True, slots=True)
class FieldPlace:
    """``colon`` is the place right behind the colon; -1 where none was written (``{a, b}``)."""

    name: TextPlace
    value: Place
    colon: int


@dataclass(frozen=True, slots=True)
class MappingPlace:
    """``marks`` as in a list in brackets; empty for a block mapping."""

    fields: tuple[FieldPlace, ...]
    marks: tuple[int, ...]
    start: int
    end: int
    flow: bool

    @property
    def content(self) -> Content:
        return {field.name.text: field.value.content for field in self.fields}

    def find(self, name: str) -> int | None:
        return next((at for at, field in enumerate(self.fields) if field.name.text == name), None)


Place: TypeAlias = TextPlace | ListPlace | MappingPlace


def places_of(text: str, *, loader: Any = None) -> Place:  # noqa: ANN401 - PyYAML's loaders share no type
    """The places of a sound text. Raises yaml.YAMLError for another, StopIteration for one without content."""
    return _Builder(text, loader or _LOADER).document()


class _Builder:
    def __init__(self, text: str, loader: Any) -> None:  # noqa: ANN401 - as above
        self.text = text
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))
        marks: dict[type, list[int]] = {yaml.BlockEntryToken: [], yaml.FlowEntryToken: [], yaml.ValueToken: []}
        for token in yaml.scan(text, Loader=loader):
            if type(token) in marks:
                marks[type(token)].append(token.start_mark.index)
        self.dashes, self.commas, self.colons = marks.values()

    def document(self) -> Place:
        while not isinstance(next(self.events), yaml.DocumentStartEvent):
            pass
        return self._place(next(self.events))

    def _place(self, event: Any) -> Place:  # noqa: ANN401 - PyYAML's events share no type
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(event)
        start, end = event.start_mark.index, event.end_mark.index
        style = event.style or ""
        if style in {"|", ">"}:  # their end is where the next line with words begins
            end = start + len(self.text[start:end].rstrip())
        return TextPlace(event.value, start, end, style)

    def _list(self, event: Any) -> ListPlace:  # noqa: ANN401 - as above
        flow, items = bool(event.flow_style), []
        while not isinstance(closing := next(self.events), yaml.SequenceEndEvent):
            items.append(self._place(closing))
        start, end = self._span(event, closing, items[-1].end if items else -1)
        ends = [item.end for item in items]
        marks = self._commas(ends, end) if flow else [self.dashes[bisect_left(self.dashes, item.start) - 1] for item in items]
        return ListPlace(tuple(items), tuple(marks), start, end, flow)

    def _mapping(self, event: Any) -> MappingPlace:  # noqa: ANN401 - as above
        flow, fields = bool(event.flow_style), []
        while not isinstance(closing := next(self.events), yaml.MappingEndEvent):
            name = self._place(closing)
            value = self._place(next(self.events))
            if isinstance(name, TextPlace):  # the strict reader has refused any other
                colon = self._behind_colon(name.end, value.start)
                nothing = TextPlace("", name.end, name.end, "")  # which the parser reports where the next thing begins
                fields.append(FieldPlace(name, nothing if colon < 0 else value, colon))
        start, end = self._span(event, closing, fields[-1].value.end if fields else -1)
        marks = self._commas([field.value.end for field in fields], end) if flow else []
        return MappingPlace(tuple(fields), tuple(marks), start, end, flow)

    def _span(self, opening: Any, closing: Any, last: int) -> tuple[int, int]:  # noqa: ANN401 - as above
        """Brackets end with themselves, block forms with their last value: what follows may be comments of others."""
        start: int = opening.start_mark.index
        end: int = closing.end_mark.index if opening.flow_style else last
        return start, end

    def _commas(self, ends: list[int], limit: int) -> list[int]:
        found = []
        for end in ends:
            at = bisect_left(self.commas, end)
            found.append(self.commas[at] if at < len(self.commas) and self.commas[at] < limit else -1)
        return found

    def _behind_colon(self, name_end: int, value_start: int) -> int:
        at = bisect_left(self.colons, name_end)
        colon = self.colons[at] if at < len(self.colons) else -1
        return colon + 1 if 0 <= colon <= value_start else -1
