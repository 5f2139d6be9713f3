"""Planning a large year against bulk-inserting the very same rows, and planning it again unchanged.

python -m benchmarks.planning [--occurrences 100000]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import Table, insert, select

from benchmarks.county import NEW_YEAR, county, fresh_store
from benchmarks.figures import Figure, show
from models.occurrence import assignments, occurrences
from models.office import duties, people, units
from models.reminder import reminders
from models.store import Store
from services.plan import plan
from services.plan_write import CHUNK

DEFAULT_OCCURRENCES = 100_000
_PLANNED = (duties, units, people, occurrences, assignments, reminders)
_STEPS = 4


def measure(wanted: int, console: Console) -> list[Figure]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        bar = progress.add_task(f"planning {wanted:,} occurrences", total=_STEPS)
        basis = county(wanted)
        warm = fresh_store(Path(folder), "warm.db")
        plan(warm, county(1_000), now=NEW_YEAR)  # imports, compiled statements, the holiday tables
        warm.close()
        progress.advance(bar)

        planned = fresh_store(Path(folder), "planned.db")
        started = perf_counter()
        added = plan(planned, basis, now=NEW_YEAR).added
        first = perf_counter() - started
        progress.advance(bar)

        started = perf_counter()
        plan(planned, basis, now=NEW_YEAR)
        again = perf_counter() - started
        progress.advance(bar)

        copied = fresh_store(Path(folder), "copied.db")
        rows, inserting = _copy(planned, copied)
        progress.advance(bar)
        planned.close()
        copied.close()
    per_second = f"{added:,} occurrences ({rows:,} rows) in {first:.1f} s; bulk insert {inserting:.1f} s"
    return [
        Figure("planning a year, rate against bulk insert of the same rows", per_second, inserting / first, 0.4, at_least=True),
        Figure("planning again with nothing changed", f"{again:.2f} s against {first:.1f} s", again / first, 0.1),
    ]


def _copy(source: Store, target: Store) -> tuple[int, float]:
    """Insert the source's rows into the target in one transaction: how many, and the seconds that inserting took."""
    count, seconds = 0, 0.0
    with source.read() as reading, target.write() as writing:
        for table in _PLANNED:
            for chunk in _chunks(reading.execute(select(table).order_by(*table.primary_key)).mappings().partitions(CHUNK)):
                seconds += _timed_insert(writing, table, chunk)
                count += len(chunk)
        started = perf_counter()
        writing.commit()
        seconds += perf_counter() - started
    return count, seconds


def _chunks(partitions: Any) -> Iterator[list[dict[str, Any]]]:
    for partition in partitions:
        yield [dict(row) for row in partition]


def _timed_insert(db: Any, table: Table, rows: list[dict[str, Any]]) -> float:
    gc.collect()
    started = perf_counter()
    db.execute(insert(table), rows)
    return perf_counter() - started


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--occurrences", type=int, default=DEFAULT_OCCURRENCES)
    console = Console()
    raise SystemExit(0 if show(measure(asked.parse_args().occurrences, console), console) else 1)


if __name__ == "__main__":
    main()
