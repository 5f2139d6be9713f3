"""Makes docs/img/*.png: each page at 1366 and 390 px, from a demo home with the township pack.

    python -m benchmarks.screenshots [FOLDER]

Needs a system Chromium. The home is a temporary folder; its clock stands on a Thursday in October 2026.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from playwright.sync_api import Browser, sync_playwright

from config.app import App, open_app
from config.init import write_home
from planning.instants import instant
from reports.occurrences import Filters, OccurrenceLine, listing
from reports.outbox import outbox
from services.complete import complete
from services.links import token_of
from services.plan import plan
from services.tick import tick
from web.serve import make_server

NOW = datetime(2026, 10, 22, 1, 30, tzinfo=UTC)
START = date(2026, 1, 4)
WIDTHS = {"desktop": (1366, 900), "phone": (390, 844)}
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def demo_app(home: Path) -> App:
    """The township's year up to NOW: planned, mostly done, a little late, a few things left lying."""
    write_home(home, pack="township-law", as_of=START)
    clock = Clock(instant_of(START))
    app = open_app(home, environ={}, clock=clock, demo=True)
    plan(app.store, app.plan_basis((2026, 2027)), now=clock.now)
    _work(app, clock)
    clock.now = NOW
    return app


def instant_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)


def _work(app: App, clock: Clock) -> None:
    """Walk through the last three weeks day by day; what was due before is recorded on its day."""
    dice = Random(2026)
    today = NOW.date()
    done: list[tuple[date, OccurrenceLine]] = []
    for line in listing(app.store, Filters(due_to=today + timedelta(days=20)), as_of=today, workdays=app.workdays).lines:
        fate = dice.random()
        late = fate > 0.93
        on = line.due_on + timedelta(days=dice.randint(1, 6)) if late else line.due_on - timedelta(days=dice.randint(0, 5))
        if fate < 0.97 and on <= today and not line.standing:
            done.append((max(on, START), line))
    done.sort(key=lambda pair: (pair[0], pair[1].ref))
    first_tick = today - timedelta(days=16)
    day = START
    while day <= today:
        clock.now = datetime(day.year, day.month, day.day, 1, 0, tzinfo=UTC)
        if day >= first_tick and app.workdays.is_workday(day):
            with app.open_channels() as channels:
                tick(app.store, channels, app.delivery_policy(), now=clock.now)
        for _, line in (pair for pair in done if pair[0] == day):
            _record(app, line, day, dice)
        day += timedelta(days=1)


def _record(app: App, line: OccurrenceLine, day: date, dice: Random) -> None:
    from reports.history import history

    seen = history(app.store, line.ref, as_of=day, workdays=app.workdays)
    owner = next((one for one in seen.assignments if one.role == "owner"), None)
    complete(
        app.store,
        line.ref,
        by=owner.person if owner else app.settings.admin,
        by_name=owner.name if owner else "张伟",
        recorded_by=owner.person if owner else app.settings.admin,
        via="link" if dice.random() < 0.8 else "cli",
        now=app.now() + timedelta(hours=dice.randint(0, 7)),
        as_of=day,
        done_on=day,
        workdays=app.workdays,
        measures={measure.name: dice.choice((1, 1, 2, 36, 46)) for measure in seen.duty.measures},
        note=dice.choice(("", "", "已按要求完成,材料已归档。")),
    )
