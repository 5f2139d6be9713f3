"""A text with the places of its values, and the single steps by which it can be changed.

After each step the new text is read again by the strict reader: it must say what was wished and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from config.editing import block_edits, flow_edits
from config.editing.block_edits import TooOdd
from config.editing.contents import Path, at, moved, replaced, with_member, without
from config.editing.lines import line_number, spliced
from config.editing.places import FieldPlace, ListPlace, MappingPlace, Place, TextPlace, places_of
from config.editing.refusals import EditRefused
from config.editing.spelling import Content, inline, name_of
from config.problems import Sheet, line_text
from config.strict_yaml import parse_yaml

_OTHER_BREAKS = frozenset("\x85\u2028\u2029")  # line ends to YAML and to nobody else


class Tree:
    """Each step answers with another tree, or raises TooOdd where the form does not allow it; this one never changes."""

    def __init__(self, text: str) -> None:
        """Raises EditRefused (file_faulty) when the text has faults of YAML, which only a person can put right."""
        _refuse_faulty(text)
        self.text = text
        self._top = places_of(text)

    # -- looking -----------------------------------------------------------------------------------

    def find(self, path: Path) -> Place | None:
        place: Place | None = self._top
        for step in path:
            if isinstance(place, MappingPlace) and isinstance(step, str):
                index = place.find(step)
                place = None if index is None else place.fields[index].value
            elif isinstance(place, ListPlace) and isinstance(step, int) and 0 <= step < len(place.items):
                place = place.items[step]
            else:
                return None
        return place

    @property
    def whole(self) -> Content:
        return self._top.content

    def get(self, path: Path) -> Content | None:
        place = self.find(path)
        return None if place is None else place.content

    def members(self, path: Path) -> list[Content]:
        """What the list there holds; nothing where there is no list."""
        place = self.find(path)
        return [item.content for item in place.items] if isinstance(place, ListPlace) else []

    def line(self, path: Path) -> int:
        """The line on which a value begins, or what is there of the way to it."""
        there = next(place for length in range(len(path), -1, -1) if (place := self.find(path[:length])) is not None)
        return line_number(self.text, there.start)

    # -- steps -------------------------------------------------------------------------------------

    def write(self, path: Path, content: Content) -> Self:
        """Another value in the place of the whole old one."""
        holder, place = self.find(path[:-1]), self.find(path)
        if place is None or not path:
            raise TooOdd
        if isinstance(holder, MappingPlace) and not holder.flow:
            text = block_edits.write_value(self.text, _field(holder, path[-1]), content)
        else:
            text = self._in_line(place, content, self._outer_end(path))
        return self._become(text, replaced(self.whole, path, content))

    def add_field(self, path: Path, content: Content, order: Sequence[str]) -> Self:
        """A field that is not there yet, behind those that come before it in ``order``; the last one without an order."""
        *above, name = path
        mapping = self.find(tuple(above))
        if not isinstance(mapping, MappingPlace) or not isinstance(name, str):
            raise TooOdd
        after = _after(mapping, name, order)
        if mapping.flow:
            piece = f"{name_of(name, flow=True)}: {inline(content, flow=True)}"
            text = flow_edits.put_member(self.text, mapping, after + 1, piece, ends_at=self._outer_end(path[:-1]))
        else:
            text = block_edits.put_field(self.text, mapping, after, name, content)
        return self._become(text, replaced(self.whole, path, content))

    def put(self, path: Path, index: int, content: Content) -> Self:
        """A new member in a list that has some."""
        listing = self._list(path)
        if listing.flow:
            piece = inline(content, flow=True)
            text = flow_edits.put_member(self.text, listing, index, piece, ends_at=self._outer_end(path))
        else:
            text = block_edits.put_item(self.text, listing, index, content)
        return self._become(text, replaced(self.whole, path, with_member(self.members(path), index, content)))

    def drop(self, path: Path) -> Self:
        """Without a field, or without a member of a list."""
        above, last = path[:-1], path[-1]
        holder = self.find(above)
        wished = without(self.whole, path)
        if isinstance(holder, TextPlace) or holder is None:
            raise TooOdd
        index = last if isinstance(last, int) else _index(holder, last)
        if holder.flow:
            return self._become(flow_edits.drop_member(self.text, holder, index, ends_at=self._outer_end(above)), wished)
        if isinstance(holder, ListPlace):
            if len(holder.items) == 1:
                return self.write(above, [])
            return self._become(block_edits.drop_item(self.text, holder, index), wished)
        if len(holder.fields) == 1:
            return self.write(above, {})
        return self._become(block_edits.drop_field(self.text, holder, index), wished)

    def shift(self, path: Path, index: int, to: int) -> Self:
        """A member of a list in another place, as it is written; ``to`` counts in the list without it."""
        listing, shorter = self._list(path), self.drop((*path, index))
        rest = shorter._list(path)  # noqa: SLF001 - the same class
        if listing.flow:
            start, end = flow_edits.spans_of(listing)[index]
            text = flow_edits.put_member(shorter.text, rest, to, self.text[start:end], ends_at=rest.end)
        else:
            lines = block_edits.raw_lines(self.text, listing, index)
            spaced = block_edits.is_spaced(self.text, listing, index, lines)
            text = block_edits.put_lines(shorter.text, rest, to, lines, spaced=spaced)
        return self._become(text, replaced(self.whole, path, moved(self.members(path), index, to)))

    def anew(self, wished: Content, path: Path) -> Self:
        """The nearest field around ``path`` that can be written anew as a whole, with what the ``wished`` whole says."""
        for length in range(len(path), 0, -1):
            around = path[:length]
            holder, content = self.find(around[:-1]), at(wished, around)
            if content is None or self.find(around) is None or not isinstance(holder, MappingPlace) or holder.flow:
                continue
            with suppress(TooOdd):
                return self._become(block_edits.write_value(self.text, _field(holder, around[-1]), content), wished)
        raise TooOdd

    # -- inside ------------------------------------------------------------------------------------

    def _become(self, text: str, wished: Content) -> Self:
        try:
            changed = type(self)(text)
        except EditRefused:
            raise TooOdd from None
        if changed.whole != wished:
            raise TooOdd
        return changed

    def _in_line(self, place: Place, content: Content, ends_at: int) -> str:
        """A value in brackets or behind a dash."""
        if not isinstance(place, TextPlace) and not place.flow:
            raise TooOdd
        in_brackets = ends_at != place.end
        style = place.style if isinstance(place, TextPlace) and place.style not in {"|", ">"} else ""
        piece = inline(content, flow=in_brackets, style=style)
        if place.start == place.end and not self.text[: place.start].endswith(" "):
            piece = f" {piece}"
        return spliced(self.text, place.start, place.end, piece, ends_at=ends_at)

    def _list(self, path: Path) -> ListPlace:
        place = self.find(path)
        if not isinstance(place, ListPlace):
            raise TooOdd
        return place

    def _outer_end(self, path: Path) -> int:
        """Where the outermost brackets around a value end; without brackets, the value itself."""
        around = (self.find(path[:length]) for length in range(len(path) + 1))
        ends = [place.end for place in around if place is not None and not isinstance(place, TextPlace) and place.flow]
        place = self.find(path)
        return ends[0] if ends else -1 if place is None else place.end


def _field(mapping: MappingPlace, name: str | int) -> FieldPlace:
    return mapping.fields[_index(mapping, name)]


def _index(holder: MappingPlace | ListPlace, name: str | int) -> int:
    index = holder.find(str(name)) if isinstance(holder, MappingPlace) else None
    if index is None:
        raise TooOdd
    return index


def _after(mapping: MappingPlace, name: str, order: Sequence[str]) -> int:
    """The field behind which a new one goes. Never before the first: it may stand behind a dash."""
    last = len(mapping.fields) - 1
    if name not in order:
        return last
    earlier = set(order[: order.index(name)])
    return max((at for at, field in enumerate(mapping.fields) if field.name.text in earlier), default=min(last, 0))


def _refuse_faulty(text: str) -> None:
    if not _OTHER_BREAKS.isdisjoint(text):
        raise EditRefused("文件里有看不见的换行符，页面改不了：先运行 suishi check，在文件里改好。", code="file_faulty")
    sheet = Sheet("文件")
    tree = parse_yaml(text, sheet)
    if tree is None or sheet.errors:
        raise EditRefused(f"{line_text(sheet.problems[0])}先在文件里改好，再用页面改。", code="file_faulty")
