"""The hours in which messages may leave: on workdays only, never at noon or at night (DOMAIN 6.5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import pairwise

from planning.instants import instant
from planning.wording import normalise
from planning.workdays import Workdays

_WINDOW = re.compile(r"(\d{1,2}):(\d{2})\s*(?:-|~|至|到)\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Window:
    """From ``opens`` up to, and without, ``closes``, in local time of one day."""

    opens: time
    closes: time

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{'24:00' if self.closes == time.max else f'{self.closes:%H:%M}'}"


def parse_windows(texts: Iterable[str]) -> tuple[Window, ...]:
    """Windows such as 08:30-12:00, in order of time. Raises ValueError with a Chinese sentence."""
    windows = sorted((_read(text) for text in texts), key=lambda window: window.opens)
    if not windows:
        raise ValueError("没有写发送时段，请至少写一个，例如 08:30-12:00。")
    for earlier, later in pairwise(windows):
        if later.opens < earlier.closes:
            raise ValueError(f"发送时段 {earlier} 与 {later} 重叠，请改成不重叠的时段。")
    return tuple(windows)


def is_open(windows: Sequence[Window], workdays: Workdays, now: datetime, tz: tzinfo) -> bool:
    """Whether a message may leave at this moment. ``now`` is aware."""
    local = now.astimezone(tz)
    if not workdays.is_workday(local.date()):
        return False
    return any(window.opens <= local.time() < window.closes for window in windows)


def next_open(windows: Sequence[Window], workdays: Workdays, now: datetime, tz: tzinfo) -> datetime:
    """``now`` itself while a window is open, else the instant (UTC) at which the next one opens."""
    if is_open(windows, workdays, now, tz):
        return now
    today = now.astimezone(tz).date()
    later_today = _openings(windows, today, tz) if workdays.is_workday(today) else []
    upcoming = [opening for opening in later_today if opening > now]
    return min(upcoming or _openings(windows, workdays.add(today, 1), tz))


def closes_at(windows: Sequence[Window], now: datetime, tz: tzinfo) -> datetime:
    """The instant (UTC) at which the window closes that is open at ``now``. Raises ValueError when none is."""
    local = now.astimezone(tz)
    for window in windows:
        if window.opens <= local.time() < window.closes:
            return instant(local.date(), window.closes, tz)
    raise ValueError(f"no window is open at {local}")


def last_close(windows: Sequence[Window], workdays: Workdays, before: datetime, tz: tzinfo) -> datetime:
    """The last instant (UTC) at which a window closed, up to ``before``."""
    day = before.astimezone(tz).date()
    while True:
        if workdays.is_workday(day):
            closed = [at for window in windows if (at := instant(day, window.closes, tz)) <= before]
            if closed:
                return max(closed)
        day -= timedelta(days=1)


def open_time(windows: Sequence[Window], workdays: Workdays, since: datetime, until: datetime, tz: tzinfo) -> timedelta:
    """How much of the time between the two moments lay in open windows."""
    found = timedelta()
    day, last = since.astimezone(tz).date(), until.astimezone(tz).date()
    while day <= last:
        if workdays.is_workday(day):
            for window in windows:
                opens, closes = (instant(day, wall, tz) for wall in (window.opens, window.closes))
                found += max(min(closes, until) - max(opens, since), timedelta())
        day += timedelta(days=1)
    return found


def _openings(windows: Sequence[Window], day: date, tz: tzinfo) -> list[datetime]:
    return [instant(day, window.opens, tz) for window in windows]


def _read(text: str) -> Window:
    match = _WINDOW.fullmatch(normalise(text))
    if match is None:
        raise ValueError(f"发送时段“{text}”看不懂，应写作 08:30-12:00。")
    opens_hour, opens_minute, closes_hour, closes_minute = (int(part) for part in match.groups())
    try:
        opens = time(opens_hour, opens_minute)
        # The day's end has no time of its own in Python.
        closes = time.max if (closes_hour, closes_minute) == (24, 0) else time(closes_hour, closes_minute)
    except ValueError:
        raise ValueError(f"发送时段“{text}”里的钟点不存在，应在 00:00 到 24:00 之间。") from None
    if opens >= closes:
        raise ValueError(f"发送时段“{text}”的结束时间应晚于开始时间。")
    return Window(opens=opens, closes=closes)
