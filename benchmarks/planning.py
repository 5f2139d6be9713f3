"""Planning a large year against bulk-inserting the very same rows, and planning it again unchanged.

python -m benchmarks.planning [--occurrences 100000]
"""

from __future__ import annotations

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import insert, select

from benchmarks.county import BEFORE_THE_YEAR, county, fresh_store
from benchmarks.figures import Figure, Stopwatch, show
from models.occurrence import assignments, occurrences
from models.office import duties, people, units
from models.reminder import reminders
from models.store import Store
from services.plan import plan
from services.plan_write import CHUNK

DEFAULT_OCCURRENCES = 100_000
_PLANNED = (duties, units, people, occurrences, assignments, reminders)
_STEPS = 5


def measure(wanted: int, console: Console) -> list[Figure]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        bar = progress.add_task(f"planning {wanted:,} occurrences", total=_STEPS)
        basis = county(wanted)
        warm = fresh_store(Path(folder), "warm.db")
        plan(warm, county(1_000), now=BEFORE_THE_YEAR)  # imports, compiled statements, the holiday tables
        warm.close()
        progress.advance(bar)

        planned = fresh_store(Path(folder), "planned.db")
        with Stopwatch() as first:
            added = plan(planned, basis, now=BEFORE_THE_YEAR).added
        progress.advance(bar)
        with Stopwatch() as again:
            plan(planned, basis, now=BEFORE_THE_YEAR)
        progress.advance(bar)
        copied = fresh_store(Path(folder), "copied.db")
        inserting = Stopwatch()
        rows = _copy(planned, copied, inserting)
        progress.advance(bar)
        bare = fresh_store(Path(folder), "bare.db")
        driver = Stopwatch()
        _copy_by_driver(planned, bare, driver)
        progress.advance(bar)
        for store in (planned, copied, bare):
            store.close()
    return [
        Figure(
            "planning a year: its rate against a bulk insert of the same rows",
            f"{added:,} occurrences, {rows:,} rows: {first}; bulk insert: {inserting}",
            inserting.cpu / first.cpu,
            0.4,
            at_least=True,
        ),
        Figure(
            "the same against the driver alone, values already bound",
            f"{driver}",
            driver.cpu / first.cpu,
        ),
        Figure("planning again with nothing changed", f"{again} against {first}", again.cpu / first.cpu, 0.1),
    ]


def _copy(source: Store, target: Store, watch: Stopwatch) -> int:
    """Insert the source's rows into the target in one transaction, timing nothing but that; how many there were."""
    count = 0
    with source.read() as reading, target.write() as writing:
        for table in _PLANNED:
            for part in reading.execute(select(table).order_by(*table.primary_key)).mappings().partitions(CHUNK):
                chunk = [dict(row) for row in part]
                with watch:
                    writing.execute(insert(table), chunk)
                count += len(chunk)
        with watch:
            writing.commit()
    return count


def _copy_by_driver(source: Store, target: Store, watch: Stopwatch) -> None:
    """The same once more below SQLAlchemy: texts and numbers as SQLite keeps them. No program of ours could be faster."""
    with source.read() as reading, target.write() as writing:
        for table in _PLANNED:
            found = reading.exec_driver_sql(f"SELECT * FROM {table.name} ORDER BY 1")
            marks = ", ".join("?" * len(table.columns))
            for part in found.partitions(CHUNK):
                chunk = [tuple(row) for row in part]
                with watch:
                    writing.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({marks})", chunk)
        with watch:
            writing.commit()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--occurrences", type=int, default=DEFAULT_OCCURRENCES)
    console = Console()
    raise SystemExit(0 if show(measure(asked.parse_args().occurrences, console), console) else 1)


if __name__ == "__main__":
    main()
