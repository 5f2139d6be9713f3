"""Fields and members that stand on lines of their own: put in, taken out. Every other line stays as it is.

A comment right above a member belongs to it and goes with it. Two kinds stay: what stands above the first member speaks
of the whole list, and a heading (``# —— 镇领导 ——``) speaks of all below it.
"""

from __future__ import annotations

from typing import NamedTuple

from config.editing.lines import (
    back_over_blank_lines,
    column,
    comment_depth,
    extent,
    is_blank_line,
    is_first_on_line,
    is_heading,
    joined,
    line_before,
    line_start,
    next_line,
    skip_blank_lines,
    spliced,
)
from config.editing.places import FieldPlace, ListPlace, MappingPlace, TextPlace
from config.editing.spelling import Content, field_lines, inline, item_lines, name_of


class TooOdd(Exception):  # noqa: N818 - an answer: this form is written anew as a whole instead
    """The form is legal and too unusual to be edited in place."""


class Lines(NamedTuple):
    """The lines of one member: from the comments that belong to it to where the next thing begins."""

    lead: int
    dash: int  # beginning of the line with the dash
    stop: int


def write_value(text: str, field: FieldPlace, content: Content) -> str:
    """Another value in the place of a field's old one, in whatever form each has; a comment behind the name stays."""
    if field.colon < 0:
        raise TooOdd
    depth, value = column(text, field.name.start), field.value
    head, *body = field_lines(field.name.text, content)
    on_lines = not isinstance(value, TextPlace) and not value.flow
    if not on_lines and not body and value.start < value.end:
        style = value.style if isinstance(value, TextPlace) else ""
        return spliced(text, value.start, value.end, inline(content, style=style), ends_at=value.end)
    end = value.end
    if on_lines:
        end = field.colon
        text = text[: next_line(text, end)] + text[extent(text, value.end, depth) :]
    behind = head[len(name_of(field.name.text, flow=False)) + 1 :]
    text = spliced(text, field.colon, end, behind, ends_at=end)
    return joined(text, next_line(text, field.colon), body, indent=depth)


def put_field(text: str, mapping: MappingPlace, after: int, name: str, content: Content) -> str:
    """A new field below the one at ``after``."""
    depth = column(text, mapping.fields[0].name.start)
    at = extent(text, mapping.fields[after].value.end, depth)
    return joined(text, at, field_lines(name, content), indent=depth)


def drop_field(text: str, mapping: MappingPlace, index: int) -> str:
    """The mapping without one of its several fields."""
    field = mapping.fields[index]
    if is_first_on_line(text, field.name.start):
        depth = column(text, field.name.start)
        return text[: line_start(text, field.name.start)] + text[extent(text, field.value.end, depth) :]
    if index:
        raise TooOdd
    following = mapping.fields[1].name.start  # it stands behind a dash
    if "#" not in text[field.value.end : following]:
        return text[: field.name.start] + text[following:]
    return text[: field.name.start].rstrip(" ") + text[field.value.end :]  # comments between keep their lines


def lines_of(text: str, listing: ListPlace, index: int) -> Lines:
    """Raises TooOdd where the dash is not the first thing on its line (a list directly in a list)."""
    mark = listing.marks[index]
    if not is_first_on_line(text, mark):
        raise TooOdd
    depth = column(text, mark)
    dash = line_start(text, mark)
    stop = extent(text, listing.items[index].end, depth)
    if index == 0:
        return Lines(dash, dash, stop)
    least = extent(text, listing.items[index - 1].end, depth)
    lead = dash
    while lead > least:
        above = line_before(text, lead)
        if above < least or comment_depth(text, above) is None or is_heading(text, above):
            break
        lead = above
    return Lines(lead, dash, stop)


def put_item(text: str, listing: ListPlace, index: int, content: Content) -> str:
    """A new member at ``index`` of a list that has some, in the form of its neighbour."""
    neighbour = listing.items[index - 1 if index else 0]
    block = None if not isinstance(neighbour, MappingPlace) else not neighbour.flow
    lines = item_lines(content, block=block)
    return put_lines(text, listing, index, lines, spaced=is_spaced(text, listing, index, lines))


def put_lines(text: str, listing: ListPlace, index: int, lines: list[str], *, spaced: bool) -> str:
    """The lines of a member, counted from its dash, at ``index`` of a list that has some."""
    depth = column(text, listing.marks[0])
    gap = [""] if spaced else []
    if index:
        return joined(text, lines_of(text, listing, index - 1).stop, [*gap, *lines], indent=depth)
    return joined(text, lines_of(text, listing, 0).dash, [*lines, *gap], indent=depth)


def drop_item(text: str, listing: ListPlace, index: int) -> str:
    """The list without one of its several members, and without the blank line that set it apart."""
    lead, _, stop = lines_of(text, listing, index)
    least = extent(text, listing.items[index - 1].end, column(text, listing.marks[0])) if index else lead
    set_apart = index == 0 or least < lead  # by a blank line or a heading, which now serves the member below
    if index + 1 < len(listing.items):
        return text[:lead] + text[skip_blank_lines(text, stop) if set_apart else stop :]
    return text[: back_over_blank_lines(text, lead, least)] + text[stop:]


def raw_lines(text: str, listing: ListPlace, index: int) -> list[str]:
    """A member as it is written, with the comments that belong to it, counted from its dash."""
    lead, _, stop = lines_of(text, listing, index)
    depth = column(text, listing.marks[index])
    return [line[min(depth, len(line) - len(line.lstrip(" "))) :] for line in text[lead:stop].splitlines()]


def is_spaced(text: str, listing: ListPlace, index: int, lines: list[str]) -> bool:
    """Whether a blank line stands between the members around; for the second member, whether it is a long one."""
    count = len(listing.items)
    if count == 1:
        return len(lines) > 1
    first = min(max(index - 1, 0), count - 2)
    at, until = lines_of(text, listing, first).stop, lines_of(text, listing, first + 1).dash
    while at < until:
        if is_blank_line(text, at):
            return True
        at = next_line(text, at)
    return False
