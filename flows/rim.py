"""What every flow stands in: the home, the clock, and a word to the admin when it failed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from prefect.runtime import flow_run

from config.app import App, open_app
from config.clock import system_time
from flows.words import run_name
from planning.windows import Window
from services.installation import install_id, tick_minute
from services.problem_file import keep_problem_file, write_problem_file
from services.problems import close_problem, report_problem

PLANNING = "编排"
"""One name for all that plans: the same files fail all of them alike, and one problem says so."""


def open_home() -> App:
    """The home that SUISHI_HOME names. Raises config.app.HomeUnusable with what to do."""
    home = Path(os.environ.get("SUISHI_HOME", "suishi-home"))
    demo = os.environ.get("SUISHI_DEMO") == "1"
    return open_app(home, environ=os.environ, clock=system_time, demo=demo)


@contextmanager
def opened(what: str) -> Iterator[App]:
    """The app for one run of a flow. When the run fails, an open problem says so until the next one succeeds."""
    app = open_home()
    key = f"flow:{what}"
    try:
        yield app
    except Exception as error:
        if not getattr(error, "told", False):
            said = (str(error).strip() or type(error).__name__)[:300]
            _tell(app, key, f"“{what}”没有跑完：{said}。经过在流程页面里，改正后可以在那里重新运行。")
        raise
    else:
        app.store.transact(lambda db: close_problem(db, key=key, now=app.now()))
        keep_file(app)
    finally:
        app.close()


def keep_file(app: App) -> None:
    """Write the file PROBLEM while something is open that nobody could be told; remove it when there is nothing."""
    told = (app.settings.admin, app.settings.second_admin)
    keep_problem_file(app.store, app.home, admins=told, now=app.now().astimezone(app.tz))


def _tell(app: App, key: str, text: str) -> None:
    """The problem goes into the database; when that is what failed, into the file beside it."""
    try:
        app.store.transact(lambda db: report_problem(db, key=key, kind="flow", text=text, now=app.now()))
        keep_file(app)
    except Exception:  # noqa: BLE001 - whatever the database is at fault for: the run's own error goes on
        write_problem_file(app.home, [text], now=app.now().astimezone(app.tz))


def named(what: str) -> Callable[[], str]:
    """A run's name in Chinese: the one its maker gave it, else what it does and when it was due (9月1日 08:40 派发提醒)."""

    def name() -> str:
        given: str = flow_run.name or ""
        if not given.isascii():
            return given
        return run_name(what, flow_run.scheduled_start_time, home_zone())

    return name


@lru_cache(maxsize=1)
def home_zone() -> ZoneInfo:
    """The office's time zone, read once in a process."""
    return open_home().tz


@dataclass(frozen=True, slots=True)
class Hours:
    """When this installation ticks: at ``minute`` after each full ten, in the hours that ``windows`` touch."""

    zone: str
    minute: int
    windows: tuple[Window, ...]


def home_hours() -> Hours:
    """As the settings say now. Raises config.app.HomeUnusable while they cannot be used."""
    app = open_home()
    try:
        settings = app.settings
        return Hours(settings.timezone.key, tick_minute(install_id(app.store, now=app.now())), settings.windows)
    finally:
        app.close()
