"""One sheet of a workbook: cells that keep text as text, the looks of cells, a page as offices print it.

What people typed stays text, whatever it looks like: a title that begins with an equals sign must not become a formula
on the leader's computer (OWASP, CSV injection).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any, TypeAlias

from reports.ledger_columns import Value, written

OPTIONS = {
    "constant_memory": True,  # a row leaves memory when the next one begins: rows are written from top to bottom
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
"""For XlsxWriter's workbook."""

HEADINGS = 2
"""The row of the headings; a title and a note stand above them."""

_Handle: TypeAlias = Any
"""Of XlsxWriter, which ships no types."""

_A4 = 9
_LINE, _SPACE = 13.5, 5  # points: of a line of text, and around it
_LEAST_HEIGHT, _MOST_HEIGHT = 20.0, 400.0  # points; a row may have 409
_FOOTER = 60  # characters of one part; the whole footer may have 255
_SONG, _HEI, _TITLE = "宋体", "黑体", "方正小标宋简体"  # named, not shipped: the office's computers have them

_BODY = {
    "font_name": _SONG,
    "font_size": 10,
    "valign": "vcenter",
    "text_wrap": True,
    "border": 1,
    "border_color": "#9FB0C6",
}
_SHAPES: dict[str, dict[str, Any]] = {
    "text": {"align": "left", "quote_prefix": True},  # edited in Excel, it still is no formula
    "centred": {"align": "center", "quote_prefix": True},
    "number": {"align": "center", "num_format": "0"},
    "day": {"align": "center", "num_format": "yyyy-mm-dd"},
}
_TONES: dict[str, dict[str, Any]] = {
    "": {},
    "red": {"bold": True, "font_color": "#B42318", "bg_color": "#FDECEB"},
    "amber": {"font_color": "#8A5A00", "bg_color": "#FDF4DE"},
    "green": {"font_color": "#1F6B47"},
    "grey": {"font_color": "#566579"},
    "total": {"bold": True, "bg_color": "#F4F6FA"},
}


class Looks:
    """The formats of one workbook's cells."""

    def __init__(self, book: _Handle) -> None:
        self.title = book.add_format(
            {"font_name": _TITLE, "font_size": 18, "align": "center", "valign": "vcenter", "quote_prefix": True}
        )
        quiet = {"font_name": _SONG, "font_size": 10, "font_color": "#566579"}
        self.note = book.add_format({**quiet, "valign": "vcenter", "text_wrap": True, "quote_prefix": True})
        self.heading = book.add_format({**_BODY, **_SHAPES["centred"], "font_name": _HEI, "bg_color": "#E6EDF6"})
        self._cells = {
            (shape, tone): book.add_format({**_BODY, **form, **colours})
            for shape, form in _SHAPES.items()
            for tone, colours in _TONES.items()
        }

    def cell(self, value: Value, *, centred: bool, tone: str) -> _Handle:
        if isinstance(value, date):
            return self._cells["day", tone]
        if isinstance(value, int):
            return self._cells["number", tone]
        return self._cells["centred" if centred else "text", tone]


@dataclass(frozen=True, slots=True)
class Heads:
    """What stands above and below a table."""

    title: str
    note: str
    foot_left: str
    foot_right: str


@dataclass(frozen=True, slots=True)
class Sheet:
    handle: _Handle
    looks: Looks

    def lay_out(self, heads: Heads, headings: Sequence[str], widths: Sequence[float], *, printed: int) -> None:
        """A4 across, as wide as the page and as long as it takes; the first ``printed`` columns are on paper.

        A width counts Latin characters, as sheets do: two for each Chinese one.
        """
        sheet = self.handle
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)  # inches
        sheet.center_horizontally()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEADINGS)
        sheet.set_footer(f"&L{_footer(heads.foot_left)}&C第 &P 页，共 &N 页&R{_footer(heads.foot_right)}")
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        self.across(0, printed, heads.title, self.looks.title, height=2.4 * _LINE)
        self.across(1, printed, heads.note, self.looks.note, height=_height(heads.note, sum(widths[:printed])))
        sheet.set_row(HEADINGS, max(_height(heading, width) for heading, width in zip(headings, widths, strict=True)))
        self.headings(HEADINGS, headings)

    def headings(self, row: int, headings: Sequence[str]) -> None:
        for place, heading in enumerate(headings):
            self.handle.write_string(row, place, _text(heading), self.looks.heading)

    def across(self, row: int, count: int, text: str, look: _Handle, *, height: float) -> None:
        """A text over the first ``count`` columns."""
        self.handle.set_row(row, height)
        self.handle.merge_range(row, 0, row, count - 1, "", look)
        self.handle.write_string(row, 0, _text(text), look)  # merging itself would look for a formula in it

    def remark(self, row: int, count: int, text: str, *, width: float) -> None:
        """A quiet sentence below a table that is ``width`` wide."""
        self.across(row, count, text, self.looks.note, height=_height(text, width))

    def row(self, row: int, values: Sequence[Value], widths: Sequence[float]) -> None:
        """Make the row, of which nothing may be written yet, as high as these values need.

        Excel would find that by itself, but neither LibreOffice nor every WPS does when it opens a file.
        """
        cells = zip((_cell(value) for value in values), widths, strict=True)
        wrapped = [_height(cell, width) for cell, width in cells if isinstance(cell, str)]
        self.handle.set_row(row, max([_LEAST_HEIGHT, *wrapped]))

    def write(self, row: int, place: int, value: Value, *, centred: bool = False, tone: str = "") -> None:
        look = self.looks.cell(value, centred=centred, tone=tone)
        cell = _cell(value)
        if isinstance(cell, str):
            refused = self.handle.write_string(row, place, _text(cell), look)
        elif cell is None:
            refused = self.handle.write_blank(row, place, None, look)
        elif isinstance(cell, date):
            refused = self.handle.write_datetime(row, place, cell, look)
        else:
            refused = self.handle.write_number(row, place, cell, look)
        if refused:  # XlsxWriter leaves out what does not fit and says so only here
            raise ValueError(f"row {row}, column {place} cannot hold its value: {refused}")


def _cell(value: Value) -> str | int | date | None:
    return written(value, between="\n")  # a name each line: narrow columns would break names in two


def _text(text: str) -> str:
    """As XlsxWriter takes it: what looks like a rich string of its own it would copy into the file's XML."""
    kept = _plain(text)
    return f" {kept}" if kept.startswith("<r>") else kept


def _plain(text: str) -> str:
    return str(written(text) or "")


def _footer(text: str) -> str:
    return _plain(text)[:_FOOTER].replace("&", "&&")  # a single one would begin a code


def _height(text: str, width: float) -> float:
    """Points that a text needs when it wraps."""
    return min(_MOST_HEIGHT, _LINE * sum(max(1, ceil(_wide(line) / width)) for line in text.split("\n")) + _SPACE)


def _wide(text: str) -> float:
    """Latin characters' worth: a Chinese one takes three bytes and the place of two."""
    return (len(text) + len(text.encode("utf-8", "replace"))) / 2
