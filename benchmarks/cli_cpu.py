"""CPU seconds of the front door's commands, beside what Python itself and the database layer's import take.

python -m benchmarks.cli_cpu
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from benchmarks.figures import Figure, show

_NOW = ("--now", "2026-03-02T09:05+08:00")
_PACK = "township-law"
_ADMIN = "zhangwei"  # of the pack
_FIRST_WEEK = 10
_WEEKLY = f"""duties:
  - {{key: benchmark, kind: routine, title: 每周一件, owner: "person:{_ADMIN}", rule: {{weekly: friday}}}}
"""
_ROUNDS = 5
_SUISHI = str(Path(sys.executable).parent / "suishi")


def measure(console: Console) -> list[Figure]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        home = Path(folder, "home")
        _prepare(home)
        commands = _commands(home)
        bar = progress.add_task("starting commands", total=len(commands) * (_ROUNDS + 1))
        spent: dict[str, float] = {}
        for name, command in commands.items():
            times = []
            for number in range(_ROUNDS + 1):
                times.append(_cpu_of(command(number)))
                progress.advance(bar)
            spent[name] = median(times[1:])  # the first one writes the byte code
    bare = spent["python -c pass"]
    return [
        Figure(name, f"{seconds * 1e3:.0f} ms CPU, {seconds / bare:.1f} × bare Python", seconds, is_ratio=False)
        for name, seconds in spent.items()
    ]


def _commands(home: Path) -> dict[str, Callable[[int], Sequence[str]]]:
    """What to start in each round; every round records another week as done."""
    suishi = (_SUISHI, "--home", str(home))
    return {
        "python -c pass": lambda _: (sys.executable, "-c", "pass"),
        "python -c 'import sqlmodel'": lambda _: (sys.executable, "-c", "import sqlmodel"),
        "suishi --help": lambda _: (*suishi, "--help"),
        "suishi check": lambda _: (*suishi, "check"),
        "suishi done": lambda n: (*suishi, "done", f"benchmark:2026-W{_FIRST_WEEK + n}", "--by", _ADMIN, *_NOW),
    }


def _prepare(home: Path) -> None:
    """The township's year, and one duty of every week that needs no measures to be done."""
    _cpu_of((_SUISHI, "--home", str(home), "init", "--pack", _PACK))
    (home / "calendar" / "99-benchmark.yaml").write_text(_WEEKLY, encoding="utf-8")
    _cpu_of((_SUISHI, "--home", str(home), "plan", *_NOW))


def _cpu_of(command: Sequence[str]) -> float:
    """User and system seconds of one command, its children included. It must succeed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def main() -> None:
    console = Console()
    show(measure(console), console)


if __name__ == "__main__":
    main()
