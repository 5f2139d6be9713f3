"""A real Chromium for the tests that drive one, and pages in it that gather their complaints."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
WIDTHS = {"desktop": 1366, "phone": 390}


@contextmanager
def started() -> Iterator[Browser]:
    chromium = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if chromium is None:
        pytest.fail(
            "No Chromium on this machine. Install one (Debian: apt-get install chromium), or leave out: -m 'not browser'."
        )
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def new_page(browser: Browser, *, width: int = 1366, script: bool = True) -> tuple[BrowserContext, Page, list[str]]:
    """A page in a fresh browser profile, and the list in which its complaints are gathered."""
    context = browser.new_context(viewport={"width": width, "height": 844}, locale="zh-CN", java_script_enabled=script)
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda asked: complaints.append(asked.url) if "127.0.0.1" not in asked.url else None)
    return context, page, complaints


def too_wide(page: Page) -> int:
    """By how many pixels the page scrolls sideways."""
    found: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found


def come_in(context: BrowserContext, address: str, town: Any) -> None:
    """The browser is signed in as the town's own client is."""
    jar = town.client.cookies.jar
    context.add_cookies([{"name": one.name, "value": one.value.strip('"'), "url": address} for one in jar if one.path == "/"])
