"""A bar for whoever waits at a terminal, once the work has lasted long enough to be waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

PATIENCE = 0.5
"""Seconds: what is done by then needs no bar."""


@contextmanager
def bars(console: Console | None = None, *, patience: float = PATIENCE) -> Iterator[Callable[[str, int, int], None]]:
    """A function to be called with what is being done, how much of it is, and how much there is: one bar for each.

    On stderr, gone at the end; nothing at all where stderr is no terminal.
    """
    began = monotonic()
    shown: Progress | None = None
    known: dict[str, TaskID] = {}

    def told(what: str, done: int, total: int) -> None:
        nonlocal shown
        if shown is None:
            if monotonic() - began < patience:
                return
            shown = _started(console)
        if what not in known:
            known[what] = shown.add_task(what, total=total)
        shown.update(known[what], completed=done, total=total)

    quiet = console is None and not sys.stderr.isatty()
    try:
        yield _nobody_waits if quiet else told
    finally:
        if shown is not None:
            shown.stop()


def _started(console: Console | None) -> Progress:
    from rich.console import Console  # only here is there something to wait for
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    made = Progress(*columns, console=console or Console(stderr=True), transient=True)
    made.start()
    return made


def _nobody_waits(_what: str, _done: int, _total: int) -> None:
    """A pipe shows no bar."""
