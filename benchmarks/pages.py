"""The pages over a real server on loopback: how many in a second, how long one takes, at two sizes of the office.

python -m benchmarks.pages [--few 2000] [--many 100000]
"""

from __future__ import annotations

import argparse
import gzip
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.progress import Progress

from benchmarks.figures import Figure, show
from benchmarks.played_county import NOW, PlayedCounty, open_home, play
from services.journal import append
from web.serve import make_server

FEW, MANY = 2_000, 100_000
FIRST_LOAD = 60  # KiB over the wire: a page with all that it loads
_LINKS = 12  # a link may be looked at thirty times a minute
_ASKED = 240  # requests of each page while several ask at once
_AT_ONCE = 4
_ALONE = 21  # requests one after the other, of which the median counts
_AFTER_A_CHANGE = 7
_ASSET = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(slots=True)
class Asked:
    """One page at one size: its address for the n-th request, and what came of asking."""

    addresses: list[tuple[str, str]]  # path, cookie
    alone: list[float] = field(default_factory=list)  # seconds
    together: list[float] = field(default_factory=list)
    rate: float = 0.0  # requests in a second, several at once

    @property
    def p95(self) -> float:
        return quantiles(self.together, n=20)[-1]


@dataclass(frozen=True, slots=True)
class Office:
    county: PlayedCounty
    port: int
    pages: dict[str, Asked]


def measure(few: int, many: int, console: Console) -> list[Figure]:
    with TemporaryDirectory(prefix="suishi-bench-") as folder, Progress(console=console, transient=True) as progress:
        bar = progress.add_task(f"pages at {few:,} and {many:,} occurrences", total=5)
        counties = []
        for wanted in (few, many):
            counties.append(play(Path(folder, str(wanted)), wanted, links=_LINKS))
            progress.advance(bar)
        with _served(counties[0]) as small, _served(counties[1]) as large:
            _ask_alone(small, large)
            progress.advance(bar)
            for office in (small, large):
                _ask_together(office)
            progress.advance(bar)
            fresh = _after_a_change(small, large)
            progress.advance(bar)
            sizes = {path: _first_load(large, path) for path in ("/", "/list", "/year/2026", "staff")}
    return [*_timed(small, large), *_changed(fresh), _weighed(sizes)]


def _timed(small: Office, large: Office) -> Iterator[Figure]:
    count = large.county.occurrences
    for name in small.pages:
        one, other = small.pages[name], large.pages[name]
        alone = median(one.alone), median(other.alone)
        measured = (
            f"{alone[1] * 1e3:.1f} ms at {count:,} occurrences, {alone[0] * 1e3:.1f} ms at {small.county.occurrences:,}; "
            f"{_AT_ONCE} at once: {other.rate:.0f}/s, p95 {other.p95 * 1e3:.0f} ms; {one.rate:.0f}/s, p95 {one.p95 * 1e3:.0f} ms"
        )
        yield Figure(f"{name}: very many occurrences against few", measured, alone[1] / alone[0], 2.0)


def _changed(fresh: tuple[float, float]) -> Iterator[Figure]:
    measured = f"{fresh[1] * 1e3:.0f} ms, {fresh[0] * 1e3:.0f} ms"
    yield Figure("the overview when something was just recorded: everything is counted anew", measured, fresh[1] / fresh[0])


def _weighed(sizes: dict[str, int]) -> Figure:
    said = ", ".join(f"{name} {size / 1024:.1f}" for name, size in sizes.items())
    return Figure("first load over the wire, KiB", said, max(sizes.values()) / 1024, FIRST_LOAD, is_ratio=False)


@contextmanager
def _served(county: PlayedCounty) -> Iterator[Office]:
    """In a process of its own: who asks shall not slow down who answers."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(county.home, theirs), daemon=True)
    process.start()
    port: int = ours.recv()
    yield Office(county, port, _pages(county, port))
    ours.send("stop")
    process.join(15)


def _serve(home: Path, pipe: Connection) -> None:
    server = make_server(open_home(home), host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    waiting = threading.Event()
    while not server.started:
        waiting.wait(0.02)
    pipe.send(server.servers[0].sockets[0].getsockname()[1])
    pipe.recv()
    server.should_exit = True
    thread.join()


def _pages(county: PlayedCounty, port: int) -> dict[str, Asked]:
    return {
        "overview": Asked([("/", county.session)]),
        "filtered list": Asked([("/list?unit=village-3&when=2026-07&state=open", county.session)]),
        "staff page": Asked([_entered(port, token) for token in county.links]),
    }


def _entered(port: int, token: str) -> tuple[str, str]:
    """Where a link leads, and the cookie that it gives."""
    line = HTTPConnection("127.0.0.1", port)
    line.request("GET", f"/t/{token}")
    answer = line.getresponse()
    answer.read()
    return answer.headers["location"], answer.headers["set-cookie"].partition(";")[0]


def _ask_alone(small: Office, large: Office) -> None:
    """One request after the other, in turn at both sizes, so that both meet the same weather."""
    for name in small.pages:
        for number in range(_ALONE):
            for office in (small, large):
                page = office.pages[name]
                page.alone.append(_ask(office.port, *page.addresses[number % len(page.addresses)])[0])


def _ask_together(office: Office) -> None:
    for page in office.pages.values():
        began = time.perf_counter()
        with ThreadPoolExecutor(_AT_ONCE) as askers:
            asked = [page.addresses[number % len(page.addresses)] for number in range(_ASKED)]
            page.together += [seconds for seconds, _ in askers.map(lambda one: _ask(office.port, *one), asked)]
        page.rate = _ASKED / (time.perf_counter() - began)


def _after_a_change(small: Office, large: Office) -> tuple[float, float]:
    spent: list[list[float]] = [[], []]
    for _ in range(_AFTER_A_CHANGE):
        for office, times in zip((small, large), spent, strict=True):
            app = open_home(office.county.home)
            with app.store.write() as db:
                append(db, at=NOW, actor="system", via="cli", kind="acknowledged", subject="duty-0:2026-12", payload={})
            app.close()
            times.append(_ask(office.port, *office.pages["overview"].addresses[0])[0])
    return median(spent[0]), median(spent[1])


def _first_load(office: Office, path: str) -> int:
    """Bytes of the page and of everything that it names, as they come over the wire."""
    address, cookie = office.pages["staff page"].addresses[0] if path == "staff" else (path, office.county.session)
    _, page = _ask(office.port, address, cookie)
    assets = dict.fromkeys(_ASSET.findall(gzip.decompress(page).decode()))
    return len(page) + sum(len(_ask(office.port, asset, cookie)[1]) for asset in assets)


def _ask(port: int, path: str, cookie: str) -> tuple[float, bytes]:
    """Seconds, and the body as it came."""
    began = time.perf_counter()
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    line.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    answer = line.getresponse()
    body = answer.read()
    spent = time.perf_counter() - began
    line.close()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}")
    return spent, body


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--few", type=int, default=FEW)
    asked.add_argument("--many", type=int, default=MANY)
    sizes = asked.parse_args()
    console = Console()
    raise SystemExit(0 if show(measure(sizes.few, sizes.many, console), console) else 1)


if __name__ == "__main__":
    main()
