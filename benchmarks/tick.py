"""A tick with nothing due, with few and with very many reminders still ahead.

python -m benchmarks.tick [--many 1000000]
"""

from __future__ import annotations

import argparse
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress
from sqlalchemy import func, select

from benchmarks.county import BEFORE_THE_YEAR, REMINDERS_EACH, county, fresh_store
from benchmarks.figures import Figure, Stopwatch, show
from models.reminder import reminders
from models.store import Store
from planning.basis import DeliveryPolicy
from planning.windows import parse_windows
from services.plan import plan
from services.tick import tick

FEW, MANY = 1_000, 1_000_000
_TICKS = 43
_WARMING = 3
MORNING = BEFORE_THE_YEAR + timedelta(days=1, hours=1)  # 9:00 on a workday, while the windows are open


def measure(many: int, console: Console) -> list[Figure]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        bar = progress.add_task("ticks with nothing due", total=FEW + many)
        stores, counts = [], []
        for wanted in (FEW, many):
            store = fresh_store(Path(folder), f"{wanted}.db")
            plan(store, county(-(-wanted // REMINDERS_EACH)), now=BEFORE_THE_YEAR)
            with store.read() as db:
                counts.append(db.execute(select(func.count()).where(reminders.c.state == "planned")).scalar_one())
            stores.append(store)
            progress.advance(bar, wanted)
        few, lots = _ticks(stores, _policy())
        for store in stores:
            store.close()
    measured = f"{lots * 1e3:.2f} ms CPU at {counts[1]:,} planned reminders, {few * 1e3:.2f} ms at {counts[0]:,}"
    return [Figure("a tick with nothing due: very many planned reminders against few", measured, lots / few, 1.5)]


def _ticks(stores: list[Store], policy: DeliveryPolicy) -> tuple[float, ...]:
    """The median CPU seconds of a tick in each store, taken in turn so that all meet the same weather."""
    spent: list[list[float]] = [[] for _ in stores]
    for number in range(_TICKS):
        for store, times in zip(stores, spent, strict=True):
            with Stopwatch() as watch:
                done = tick(store, {}, policy, now=MORNING + timedelta(minutes=number))
            if done.built or done.held_until is not None:
                raise SystemExit("the benchmark's reminders must all lie ahead of an open window")
            times.append(watch.cpu)
    return tuple(median(times[_WARMING:]) for times in spent)


def _policy() -> DeliveryPolicy:
    basis = county(1)
    return DeliveryPolicy(
        tz=basis.tz,
        workdays=basis.workdays,
        windows=parse_windows(("08:30-12:00",)),
        title="法治建设工作提醒",
        office="垫江县",
        base_url="http://127.0.0.1:8600",
        mail_domain="dianjiang.example",
        link_key=bytes(32),
        destinations={},
    )


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--many", type=int, default=MANY)
    console = Console()
    raise SystemExit(0 if show(measure(asked.parse_args().many, console), console) else 1)


if __name__ == "__main__":
    main()
