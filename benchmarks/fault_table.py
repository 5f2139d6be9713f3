"""One row of the faults' table, and the table."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """What was done how often, and what it came to. ``expected`` says in words what ``ok`` was judged by."""

    what: str
    database: str
    runs: int
    lost: int
    copies: int
    expected: str
    ok: bool
    measured: str = ""


def show(rows: Iterable[Row], console: Console) -> bool:
    """Print the table; whether every row is as it must be."""
    listed = list(rows)
    table = Table("fault", "database", "runs", "lost", "copies", "expected", "measured", "", title="Suishi: what faults cost")
    for row in listed:
        mark = "✓" if row.ok else "✗"
        numbers = (str(row.runs), str(row.lost), str(row.copies))
        table.add_row(row.what, row.database, *numbers, row.expected, row.measured, mark)
    console.print(table)
    failed = [row for row in listed if not row.ok]
    console.print(f"{len(listed)} rows, {sum(row.runs for row in listed)} runs, {len(failed)} not as expected")
    return not failed


@dataclass(slots=True)
class Progress:
    """One line on stderr for each step, with the seconds since the beginning."""

    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = time.monotonic()

    def tell(self, words: str) -> None:
        print(f"{time.monotonic() - self.began:7.1f} s  {words}", file=sys.stderr, flush=True)
