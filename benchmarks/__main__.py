"""Every figure in one run and one table: ``python -m benchmarks``. Exit status 1 when a bar does not hold."""

from __future__ import annotations

import argparse

from rich.console import Console

from benchmarks import cli_cpu, mail, pages, planning, tick
from benchmarks.figures import show


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--occurrences", type=int, default=planning.DEFAULT_OCCURRENCES)
    asked.add_argument("--reminders", type=int, default=tick.MANY)
    asked.add_argument("--mails", type=int, default=mail.MAILS)
    asked.add_argument("--at-once", type=int, default=mail.AT_ONCE)
    sizes = asked.parse_args()
    console = Console()
    figures = [
        *planning.measure(sizes.occurrences, console),
        *tick.measure(sizes.reminders, console),
        *pages.measure(pages.FEW, sizes.occurrences, console),
        *mail.measure(sizes.mails, sizes.at_once, console),
        *cli_cpu.measure(console),
    ]
    raise SystemExit(0 if show(figures, console) else 1)


if __name__ == "__main__":
    main()
