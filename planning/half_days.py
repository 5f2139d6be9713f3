"""Half-days: the morning until noon, the afternoon from noon on, in the office's time.

A person gets at most one message in each (DOMAIN 4); what comes later joins the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta, tzinfo

from planning.instants import instant
from planning.windows import Window, next_open
from planning.workdays import Workdays

NOON = time(12)
_MIDNIGHT = time()


def half_day_began(now: datetime, tz: tzinfo) -> datetime:
    """When the half-day of ``now`` began, as an instant (UTC)."""
    local = now.astimezone(tz)
    return instant(local.date(), NOON if local.time() >= NOON else _MIDNIGHT, tz)


def next_half_day(windows: Sequence[Window], workdays: Workdays, now: datetime, tz: tzinfo) -> datetime:
    """The first moment of the next half-day at which a window is open."""
    local = now.astimezone(tz)
    tomorrow = local.date() + timedelta(days=1)
    begins = instant(local.date(), NOON, tz) if local.time() < NOON else instant(tomorrow, _MIDNIGHT, tz)
    return next_open(windows, workdays, begins, tz)
