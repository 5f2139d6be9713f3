"""The words of a message: its subject, and its text in the form that the channel takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from notifications.headlines import hint, late, opening, subject
from notifications.letter import Item, Letter, Markup, Written
from notifications.lines import HEADINGS, Line, closings, group_of, in_order, line_of
from notifications.phrases import plain
from notifications.short import write_short

MOST_ITEMS = 30
"""Lines of a digest; a longer one would not be read."""

_NUMERALS = "一二三四五"


@dataclass(frozen=True, slots=True)
class Group:
    heading: str  # 一、已逾期(2项); empty when the message has one item only
    lines: tuple[Line, ...]


def write_letter(letter: Letter) -> Written:
    """Word the letter: overdue items first, then due today, later, cancelled; each by date.

    A mail shows 30 items and says how many more there are; a short form shows what its bytes hold, having first left
    out what can be missed. Only the numbers of what is not shown are told.
    """
    if letter.form.group or letter.form.markup is not Markup.MAIL:
        return write_short(letter)
    places = in_order(letter)
    items = [letter.items[place] for place in places]
    view = {
        "letter": letter,
        "name": plain(letter.name),
        "opening": opening(items, letter),
        "late": late(letter),
        "notes": (*closings(letter), *filter(None, [hint(letter)])),
        "groups": tuple(_groups(items[:MOST_ITEMS], letter)),
        "more": max(len(items) - MOST_ITEMS, 0),
        "single": len(items) == 1,
    }
    return Written(
        subject=subject(items, letter),
        text=_template("message.txt.j2").render(view),
        html=_template("message.html.j2").render(view),
        shown=tuple(sorted(places[:MOST_ITEMS])),
    )


def _groups(items: list[Item], letter: Letter) -> Iterator[Group]:
    numerals = iter(_NUMERALS)
    printed = [(group_of(item, letter), line_of(item, letter, place=place)) for place, item in enumerate(items, start=1)]
    for number, heading in enumerate(HEADINGS):
        lines = tuple(line for group, line in printed if group == number)
        if lines:
            yield Group("" if len(items) == 1 else f"{next(numerals)}、{heading}（{len(lines)}项）", lines)


@lru_cache(maxsize=4)
def _template(name: str) -> Template:
    return _environment().get_template(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications"),
        autoescape=lambda name: name is not None and name.endswith(".html.j2"),  # noqa: S701 - only the plain text is left alone
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
