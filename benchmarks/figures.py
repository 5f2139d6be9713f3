"""One measured figure against its bar, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """``bar`` None: a figure to look at, held to nothing."""

    work: str
    measured: str
    value: float
    bar: float | None = None
    at_least: bool = False  # the bar is a floor, not a ceiling

    @property
    def holds(self) -> bool:
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    @property
    def bar_text(self) -> str:
        return "" if self.bar is None else f"{'≥' if self.at_least else '≤'} {self.bar:g}"


def show(figures: Iterable[Figure], console: Console) -> bool:
    """Print the table; whether every bar holds."""
    listed = list(figures)
    table = Table("work", "measured", "ratio", "bar", "", title="Suishi benchmarks (ratios within this run)")
    for figure in listed:
        mark = "" if figure.bar is None else "✓" if figure.holds else "✗"
        ratio = "" if figure.bar is None else f"{figure.value:.3g}"
        table.add_row(figure.work, figure.measured, ratio, figure.bar_text, mark)
    console.print(table)
    return all(figure.holds for figure in listed)
