"""A mail scanner opens a reminder before its reader does: it follows every link with its scripts running, and presses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from reports.outbox import MessageFilters, MessageLine, outbox
from services.links import token_of
from tests.web.busy_town import BusyTown
from tests.web.chromium import new_page
from tests.web.every_row import changed, digests
from tests.web.serving import served

pytestmark = pytest.mark.browser

PAGES, REQUESTS = 30, 1_000
"""Opened in the browser; asked for in all."""


def longest_mail(town: BusyTown) -> MessageLine:
    """The staff's mail that has the most links."""
    found = outbox(town.app.store, MessageFilters(states=("sent",)), tz=town.app.tz, limit=None).lines
    return max(found, key=lambda one: sum("id" in link for link in one.links))


def links_in(mail: MessageLine, town: BusyTown, address: str) -> list[str]:
    key = town.app.link_key
    carried = [link for link in mail.links if "id" in link]
    assert carried
    return [f"{address}/t/{token_of(key, link['assignment'], link['serial'], link.get('reader', ''))}" for link in carried]


def scan(page: Page, first: list[str], *, most: int) -> Iterator[str]:
    """Open the links, and whatever the pages behind them lead to on the same server; gives each address that was opened."""
    wanted, known = list(first), set(first)
    while wanted and most:
        most -= 1
        address = wanted.pop(0)
        page.goto(address)
        page.mouse.move(100, 100)
        yield address
        found = page.evaluate("Array.from(document.querySelectorAll('[href], [src]'), (one) => one.href || one.src)")
        for one in (urldefrag(link).url for link in found):
            if one not in known and urlsplit(one).netloc == urlsplit(address).netloc and "/static/" not in one:
                known.add(one)
                wanted.append(one)


@pytest.fixture
def address(busy: BusyTown) -> Iterator[str]:
    """A server of its own: so many looks use up what a link allows in a minute."""
    with served(busy.app) as there:
        yield there


def test_a_scanner_that_follows_every_link_a_thousand_times_changes_no_row(
    busy: BusyTown, address: str, browser: Browser
) -> None:
    links = links_in(longest_mail(busy), busy, address)
    before = digests(busy.app.store)
    context, page, complaints = new_page(browser)
    opened = list(scan(page, links, most=PAGES))
    assert len(opened) >= len(links) + 5
    assert [one for one in complaints if "status of" not in one] == []
    held = {one["name"]: one["value"] for one in context.cookies()}
    context.close()
    statuses = set()
    with httpx.Client(cookies=held, trust_env=False) as client:
        for turn in range(REQUESTS - len(opened)):
            statuses.add(client.get(opened[turn % len(opened)]).status_code)
    assert max(statuses) < 500
    assert changed(before, digests(busy.app.store)) == []
