"""Makes docs/img/*.png: every page at 1366 and 390 px, as whoever sees it.

python -m benchmarks.screenshots [FOLDER] [PAGE …] [--language en]

Needs a system Chromium. The town is the one that the tests of all pages look at, on a Thursday in October 2026.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, BrowserContext

from services.problems import close_problems_except
from tests.web.busy_town import NOW, BusyTown, busy_town
from tests.web.chromium import started
from tests.web.every_page import Look, every_look
from tests.web.serving import served
from web.languages import COOKIE

WIDTHS = {"desktop": (1366, 900), "phone": (390, 844)}
FLAT, OTHER = 64, 64
"""Colours of a picture: its most frequent ones as they are, and some for the edges of letters. A third of the bytes."""

NAMES = {
    "/": "overview",
    "/year/{year}": "year",
    "/o/{ref}": "history",
    "/outbox/{ref}": "message",
    "/s/{link_id}": "staff",
    "/s/{link_id}/mine": "staff-mine",
    "/me": "mine",
    "/me/items/{ref}": "item",
    "/gather/{ref}": "sign-in-sheet",
    "/gather/{ref}/wall": "wall",
    "/in/{code}": "sign-in-at-session",
    "/people/{key}": "person",
    "/units/{key}": "unit",
    "/duties/{key}": "duty",
    "": "not-found",
}
"""By route; of others the route's own words."""

FURTHER = {
    "year-provisional": Look("/year/{year}", "/year/2027", "leader"),
    "staff-done": Look("/s/{link_id}", "/s/{done_part}", "nobody", first="/t/{done_link}"),
    "overdue": Look("/list", "/list?state=overdue", "leader"),
    "history-extended": Look("/o/{ref}", "/o/{extended}"),
    "message-failed": Look("/outbox/{ref}", "/outbox/{message_failed}"),
}
TROUBLED = ("problems", "today")
"""Taken while there are problems; on the others they would only say so in a line."""


@dataclass(frozen=True)
class Pictures:
    """``held``: the cookies of those who have signed in."""

    browser: Browser
    town: BusyTown
    address: str
    folder: Path
    language: str
    held: dict[str, dict[str, str]]

    def take(self, name: str, look: Look) -> Iterator[str]:
        for kind, size in WIDTHS.items():
            context = self._context(look, *size)
            page = context.new_page()
            page.goto(self.address + self.town.fill(look.path))
            tail = "" if self.language == "zh" else f"-{self.language}"
            path = self.folder / f"{name}-{kind}{tail}.png"
            _save(page.screenshot(full_page=True), path)
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            high = page.evaluate("document.documentElement.scrollHeight")
            yield f"{path.name}: {path.stat().st_size // 1024} KiB, {high} px high, {wide} px too wide"
            context.close()

    def _context(self, look: Look, width: int, height: int) -> BrowserContext:
        context = self.browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        held = self.held.get(look.who, {}) | {COOKIE: self.language}
        context.add_cookies([{"name": name, "value": value, "url": self.address} for name, value in held.items()])
        if look.first:
            context.request.get(self.address + self.town.fill(look.first))
        return context


def _save(picture: bytes, path: Path) -> None:
    with Image.open(io.BytesIO(picture)) as opened:
        whole = opened.convert("RGB")
    counted: list[tuple[int, Any]] = whole.getcolors(whole.width * whole.height) or []
    flat = [colour for _, colour in sorted(counted, reverse=True)[:FLAT]]
    other = whole.quantize(OTHER, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*chain.from_iterable(flat), *other[: 3 * OTHER]])
    whole.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)


def pictures() -> dict[str, Look]:
    """One of each page and some more, those with problems first."""
    found: dict[str, Look] = {}
    for look in every_look():
        words = look.route.strip("/").replace("/", "-")
        found.setdefault(NAMES.get(look.route, words), look)
    found |= FURTHER
    return {name: found[name] for name in sorted(found, key=lambda name: name not in TROUBLED)}


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", nargs="?", type=Path, default=Path("docs/img"))
    asked.add_argument("pages", nargs="*", help="names of pictures; all without one")
    asked.add_argument("--language", choices=("zh", "en"), default="zh")
    wanted = asked.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    looks = {name: look for name, look in pictures().items() if not wanted.pages or name in wanted.pages}
    with TemporaryDirectory(prefix="suishi-pictures-") as temporary:
        town = busy_town(Path(temporary, "home"), played_days=45)
        _give_mail(town)
        held = {who: town.cookies(who) for who in {look.who for look in looks.values()} - {"nobody"}}
        with served(town.app) as address, started() as browser:
            taking = Pictures(browser, town, address, wanted.folder, wanted.language, held)
            for name, look in looks.items():
                if name not in TROUBLED:
                    _mend(town)
                for line in taking.take(name, look):
                    print(line, flush=True)
        town.app.close()


def _give_mail(town: BusyTown) -> None:
    """With the outbox alone every page says that nobody receives anything, which a town at work does not."""
    with town.app.home.joinpath("channels.yaml").open("a", encoding="utf-8") as file:
        file.write("  mail: {type: mail, host: 127.0.0.1, port: 25, security: none, sender: fazhi@caohui.example}\n")
    town.app.reload()


def _mend(town: BusyTown) -> None:
    with town.app.store.write() as db:
        for kind in ("plan", "backup", "advice", "feedback"):
            close_problems_except(db, kind=kind, keys=set(), now=NOW)


if __name__ == "__main__":
    main()
