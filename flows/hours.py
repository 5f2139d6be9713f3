"""The hours of a cron: those of any office's day, and those that this office's windows touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from planning.windows import Window

DAYTIME = range(7, 20)
"""Hours in which ticks come whatever the windows are: work is caught up with and problems are told in any office's day."""


def awake_hours(windows: Iterable[Window] = ()) -> str:
    """The hours of a cron in which something may have to leave: the day's, and every hour that an office's window touches."""
    hours = set(DAYTIME)
    for window in windows:
        last = window.closes.hour - (window.closes.minute == 0 and window.closes.second == 0)  # closing at 20:00 needs no 20
        hours.update(range(window.opens.hour, last + 1))
    spans = _spans(sorted(hours))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans)


def _spans(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Runs of neighbours: 0 1 7 8 9 -> (0, 1) (7, 9)."""
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
