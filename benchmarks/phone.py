"""How soon the pages stand on a slow phone, measured in Chromium and scored as Lighthouse scores: python -m benchmarks.phone

Line and processor are slowed down as Lighthouse's own applied throttling does for phones (its ``mobileSlow4G``): each
answer 562.5 ms late (150 ms of round trip, 3.75 times for name, connection and request), 1,474.56 kbit/s, a processor of
a quarter of the speed. Every load is a first one. The score is that of Lighthouse 10: the weights and log-normal curves
below are its own. Its Speed Index is taken to be the first paint: our pages come in one piece.

A page of one word from the same server, measured in turn, says how much of it is the line and this machine.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from math import erf, log
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from playwright.sync_api import Browser
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from tests.web.busy_town import BusyTown, busy_town
from tests.web.chromium import started
from tests.web.serving import served

LATENCY = 562.5  # ms
DOWN, UP = 1474.56, 675.0  # kbit/s
SLOWER = 4  # times
SIZE = {"width": 390, "height": 844}
SETTLES = 2_000  # ms after the load in which late paints and long tasks still count
BAR = 95
"""Of the staff page: it is the one that is opened on a phone."""

EMPTY = "an empty page"
_ERFC_OF_ONE_FIFTH = 0.9061938024368232
"""The point that puts the score of 0.9 at a curve's p10 (Lighthouse, shared/statistics.js)."""

_WATCH = """
window.shown = {lcp: 0, cls: 0, tbt: 0};
const watch = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true});
watch("largest-contentful-paint", (entry) => { window.shown.lcp = entry.startTime; });
watch("layout-shift", (entry) => { if (!entry.hadRecentInput) window.shown.cls += entry.value; });
watch("longtask", (entry) => { window.shown.tbt += Math.max(0, entry.duration - 50); });
"""
_TELL = '() => ({...window.shown, fcp: performance.getEntriesByName("first-contentful-paint")[0]?.startTime || 0})'


@dataclass(frozen=True, slots=True)
class Curve:
    """A measure's place in the score: 0.9 at ``p10``, 0.5 at ``middle``."""

    weight: int
    p10: float
    middle: float

    def score(self, value: float) -> float:
        if value <= 0:
            return 1.0
        at = log(value / self.middle) * _ERFC_OF_ONE_FIFTH / -log(self.p10 / self.middle)
        return (1 - erf(at)) / 2


FCP, SPEED, LCP = Curve(10, 1800, 3000), Curve(10, 3387, 5800), Curve(25, 2500, 4000)
TBT, CLS = Curve(30, 200, 600), Curve(25, 0.1, 0.25)


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: milliseconds until the first and the largest paint, milliseconds in which a tap waits, shifts."""

    fcp: float
    lcp: float
    tbt: float
    cls: float

    @property
    def score(self) -> int:
        """0 to 100."""
        parts = ((FCP, self.fcp), (SPEED, self.fcp), (LCP, self.lcp), (TBT, self.tbt), (CLS, self.cls))
        return round(sum(curve.weight * curve.score(value) for curve, value in parts))


@dataclass(frozen=True, slots=True)
class Visit:
    name: str
    path: str
    who: str = ""  # of tests.web.busy_town.PEOPLE; empty: nobody


VISITS = (
    Visit(EMPTY, "/empty"),
    Visit("staff page, from the mail's link", "/t/{open_link}"),
    Visit("我的事项", "/me", "staff"),
    Visit("overview", "/", "leader"),
    Visit("list", "/list?when=2026-10", "leader"),
    Visit("year", "/year/2026", "leader"),
)


def measure(loads: int, console: Console) -> dict[str, Shown]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        bar = progress.add_task("pages on a slow phone", total=loads * len(VISITS))
        town = busy_town(Path(folder, "home"))
        held = {visit.who: town.cookies(visit.who) for visit in VISITS if visit.who} | {"": {}}
        taken: dict[str, list[Shown]] = {visit.name: [] for visit in VISITS}
        with served(town.app, Route("/empty", _empty)) as address, started() as browser:
            for _ in range(loads):  # in turn, so that all meet the same weather
                for visit in VISITS:
                    taken[visit.name].append(_load(browser, town, address, visit, held[visit.who]))
                    progress.advance(bar)
        town.app.close()
    return {name: _middle(one) for name, one in taken.items()}


def _empty(_: Request) -> HTMLResponse:
    return HTMLResponse("<!doctype html><html lang='zh-CN'><title>空</title><p>空</p></html>")


def _load(browser: Browser, town: BusyTown, address: str, visit: Visit, held: dict[str, str]) -> Shown:
    context = browser.new_context(viewport=SIZE, locale="zh-CN", is_mobile=True, has_touch=True)  # type: ignore[arg-type]
    context.add_cookies([{"name": name, "value": value, "url": address} for name, value in held.items()])
    page = context.new_page()
    page.add_init_script(_WATCH)
    devtools = context.new_cdp_session(page)
    line = {"latency": LATENCY, "downloadThroughput": DOWN * 1000 / 8, "uploadThroughput": UP * 1000 / 8}
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", {"offline": False, **line})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address + town.fill(visit.path))
    page.wait_for_timeout(SETTLES)
    told: dict[str, Any] = page.evaluate(_TELL)
    context.close()
    return Shown(**told)


def _middle(taken: list[Shown]) -> Shown:
    return Shown(*(median(getattr(one, name) for one in taken) for name in ("fcp", "lcp", "tbt", "cls")))


def show(found: dict[str, Shown], console: Console) -> bool:
    """Print the table; whether the staff page scores as it must."""
    table = Table("page", "FCP", "LCP", "TBT", "CLS", "score", "LCP against the empty page", title="On a slow phone")
    empty = found[EMPTY].lcp
    for name, one in found.items():
        times = (f"{value:,.0f} ms" for value in (one.fcp, one.lcp, one.tbt))
        table.add_row(name, *times, f"{one.cls:.3f}", str(one.score), f"{one.lcp / empty:.2f}")
    console.print(table)
    return found[VISITS[1].name].score >= BAR


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--loads", type=int, default=5, help="of each page; the median counts")
    console = Console()
    raise SystemExit(0 if show(measure(asked.parse_args().loads, console), console) else 1)


if __name__ == "__main__":
    main()
