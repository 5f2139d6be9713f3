"""Where the marks of the charts stand: pure geometry, drawn as SVG by the templates (no style attribute, no script)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

CHART_WIDTH = 480
CHART_HEIGHT = 216
_FLOOR = 190  # y of the foot of the columns
_CEILING = 14  # y that the highest column reaches
_COLUMN = 26

CELL = 14  # one day of the heat strip, with its gap
_STRIP_LEFT = 20
_STRIP_TOP = 18
STRIP_SHADES = 4


@dataclass(frozen=True, slots=True)
class Piece:
    look: str  # done, late, overdue, open, waived, silent
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    x: float
    total: int
    pieces: tuple[Piece, ...]
    words: str  # what the column says, for who cannot see it


@dataclass(frozen=True, slots=True)
class Cell:
    x: int
    y: int
    on: date
    count: int
    shade: int  # 0-4
    overdue: bool


@dataclass(frozen=True, slots=True)
class Strip:
    """Some months of the year, one column for each week from Monday to Sunday."""

    width: int
    height: int
    months: tuple[tuple[int, int], ...]  # x of the month's name, the month
    cells: tuple[Cell, ...]


_LOOKS = {"done": "按时办结", "late": "逾期办结", "overdue": "逾期未办", "open": "待办", "waived": "免办", "silent": "启用前到期"}


def columns(months: Sequence[Mapping[str, int]]) -> list[Column]:
    """Stacked columns; each month gives counts by look. An empty year has columns without pieces."""
    highest = max((sum(month.values()) for month in months), default=0) or 1
    scale = (_FLOOR - _CEILING) / highest
    step = CHART_WIDTH / max(1, len(months))
    made = []
    for number, month in enumerate(months):
        foot = float(_FLOOR)
        pieces = []
        for look in _LOOKS:
            height = round(month.get(look, 0) * scale, 1)
            if height:
                foot = round(foot - height, 1)
                pieces.append(Piece(look, foot, height))
        total = sum(month.values())
        said = "、".join(f"{name}{month[look]}项" for look, name in _LOOKS.items() if month.get(look))
        words = f"{number + 1}月 {total} 项" + (f"：{said}" if said else "")
        made.append(Column(f"{number + 1}月", round(step * number + (step - _COLUMN) / 2, 1), total, tuple(pieces), words))
    return made


def strip(year: int, first_month: int, last_month: int, counts: Mapping[date, int], overdue: frozenset[date]) -> Strip:
    """The months from ``first_month`` to ``last_month``; colours are scaled to the busiest day of ``counts``."""
    busiest = max(counts.values(), default=0)
    first = date(year, first_month, 1)
    after = date(year + last_month // 12, last_month % 12 + 1, 1)
    monday = first - timedelta(days=first.weekday())
    cells, months = [], []
    on = first
    while on < after:
        x = _STRIP_LEFT + (on - monday).days // 7 * CELL
        if on.day == 1:
            months.append((x, on.month))
        count = counts.get(on, 0)
        cells.append(Cell(x, _STRIP_TOP + on.weekday() * CELL, on, count, shade(count, busiest, STRIP_SHADES), on in overdue))
        on += timedelta(days=1)
    return Strip(cells[-1].x + CELL, _STRIP_TOP + 7 * CELL, tuple(months), tuple(cells))


def shade(count: int, busiest: int, shades: int) -> int:
    """0 for nothing, else 1 to ``shades``. By the square root: one month's end must not pale the whole year."""
    return 0 if count == 0 else min(shades, 1 + int(shades * sqrt((count - 1) / busiest)))
