"""One measured figure against its bar, and the table of all of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import perf_counter, process_time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.table import Table


@dataclass(slots=True)
class Stopwatch:
    """Adds up the spans between entering and leaving. Ratios are of CPU seconds: a busy machine does not change them."""

    cpu: float = 0.0
    wall: float = 0.0
    _started: tuple[float, float] = field(default=(0.0, 0.0), repr=False)

    def __enter__(self) -> Self:
        self._started = process_time(), perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.cpu += process_time() - self._started[0]
        self.wall += perf_counter() - self._started[1]

    def __str__(self) -> str:
        return f"{self.cpu:.2f} s CPU ({self.wall:.1f} s)"


@dataclass(frozen=True, slots=True)
class Figure:
    """``bar`` None: a figure to look at, held to nothing."""

    work: str
    measured: str
    value: float
    bar: float | None = None
    at_least: bool = False  # the bar is a floor, not a ceiling
    is_ratio: bool = True

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
    table = Table("work", "measured", "ratio", "bar", "", title="Suishi: ratios of CPU seconds within this run")
    for figure in listed:
        mark = "" if figure.bar is None else "✓" if figure.holds else "✗"
        ratio = f"{figure.value:.3g}" if figure.is_ratio else ""
        table.add_row(figure.work, figure.measured, ratio, figure.bar_text, mark)
    console.print(table)
    return all(figure.holds for figure in listed)
