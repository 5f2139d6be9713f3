"""Members of lists and mappings in brackets: put in, taken out. The spacing of the others stays as it is."""

from __future__ import annotations

from config.editing.lines import spliced
from config.editing.places import ListPlace, MappingPlace


def put_member(text: str, place: ListPlace | MappingPlace, index: int, piece: str, *, ends_at: int) -> str:
    """``piece`` as the member at ``index``; the brackets may be empty. ``ends_at``: see lines.spliced."""
    spans = spans_of(place)
    if not spans:
        opening, closing = text[place.start], text[place.end - 1]
        return spliced(text, place.start, place.end, f"{opening}{piece}{closing}", ends_at=ends_at)
    separator = _separator(text, spans, index)
    if index:
        at = spans[index - 1][1]
        return spliced(text, at, at, separator + piece, ends_at=ends_at)
    at = spans[0][0]
    return spliced(text, at, at, piece + separator, ends_at=ends_at)


def drop_member(text: str, place: ListPlace | MappingPlace, index: int, *, ends_at: int) -> str:
    """The brackets without one of their members; comments between members stay."""
    spans = spans_of(place)
    start, end = spans[index]
    if len(spans) == 1:
        opening, closing = text[place.start], text[place.end - 1]
        return spliced(text, place.start, place.end, opening + closing, ends_at=ends_at)
    comma = place.marks[index]
    if index + 1 < len(spans):
        following = spans[index + 1][0]
        if "#" not in text[end:following]:
            return spliced(text, start, following, "", ends_at=ends_at)
    else:
        before = spans[index - 1][1]
        if "#" not in text[before:start]:
            return spliced(text, before, end, "", ends_at=ends_at)
        comma = place.marks[index - 1] if comma < 0 else comma
    if comma < start:
        return text[:comma] + text[comma + 1 : start] + text[end:]
    return text[:start] + text[end:comma] + text[comma + 1 :]


def spans_of(place: ListPlace | MappingPlace) -> list[tuple[int, int]]:
    """Where each member begins and ends."""
    if isinstance(place, ListPlace):
        return [(item.start, item.end) for item in place.items]
    return [(field.name.start, field.value.end) for field in place.fields]


def _separator(text: str, spans: list[tuple[int, int]], index: int) -> str:
    """What stands between the neighbours, a line end and all; a comma where that holds a comment."""
    if len(spans) == 1:
        return ", "
    first = min(max(index - 1, 0), len(spans) - 2)
    between = text[spans[first][1] : spans[first + 1][0]]
    return ", " if "#" in between else between
