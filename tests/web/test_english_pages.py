"""In English nothing Chinese is left on any page but what says that it is Chinese: the switch, and messages as they go out.

The pages are those of tests/web/every_page.py, on a town that has no Chinese word of its own (tests/web/home_en).
"""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest

from cli import demo_year
from tests.web import busy_town as busy_town_module
from tests.web import every_press
from tests.web.busy_town import BusyTown, busy_town
from tests.web.every_page import Look, every_look
from tests.web.every_press import PRESSES, Press
from tests.web.filled_form import forms_of
from web.app import create_app
from web.languages import COOKIE

HOME = Path(__file__).parent / "home_en"

_CHINESE = re.compile("[\u3400-\u9fff]")
"""Full-width brackets may stand around the town's own words."""

_ORDER = {"text": "Summary of the year", "due": "2026-11-06", "step": "read"}
_READ = {**_ORDER, "owner": "person:wangmin"}
_NEW = Look("", "/items/new")
_CONFIRM = Press(_NEW, "/items/new", {"step": "confirm"}, "new_item_done.html")

PLAIN_PRESSES = (
    *(press for press in PRESSES if isinstance(press.typed, Mapping) and press.page.path != _NEW.path),
    Press(_NEW, "/items/new", _ORDER, "new_item.html", 409),
    Press(_NEW, "/items/new", _READ, "new_item_seen.html"),
    Press(_NEW, "/items/new", _READ, "new_item_seen.html", then=_CONFIRM),
)
"""Those whose forms need no script; an order given in Chinese is read with its Chinese words, so others are given here."""

_SAID = {"title", "placeholder", "aria-label", "data-name", "data-say-kind", "data-say-size", "data-say-count", "alt", "content"}
_EMPTY = {"input", "br", "meta", "link", "img", "hr", "path", "rect", "circle"}


class Reader(HTMLParser):
    """Texts and attributes that a reader meets; apart, those of parts that say that they are Chinese, or were typed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.chinese: list[str] = []
        self.open: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        chinese = given.get("lang") == "zh-CN" or tag == "textarea"
        if not self._inside_chinese and not chinese:
            self.found += [value for name, value in attrs if name in _SAID and value]
        if tag not in _EMPTY:
            self.open.append((tag, chinese))

    def handle_endtag(self, tag: str) -> None:
        if tag in {name for name, _ in self.open}:
            while self.open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip():
            (self.chinese if self._inside_chinese else self.found).append(data.strip())

    @property
    def _inside_chinese(self) -> bool:
        return any(chinese for _, chinese in self.open)


def typed_words() -> list[str]:
    """What people of the played town said, the longest first."""
    sources = (Path(str(module.__file__)).read_text("utf-8") for module in (busy_town_module, demo_year, every_press))
    words = {
        node.value.rstrip("。")
        for source in sources
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _CHINESE.search(node.value)
    }
    return sorted(words, key=len, reverse=True)


def left_in_chinese(page: str) -> list[str]:
    reader = Reader()
    reader.feed(page)
    known = re.compile("|".join(map(re.escape, [*reader.chinese, *typed_words()])))  # a message's subject is the title too
    return sorted({text for text in reader.found if _CHINESE.search(known.sub("", text))})


@pytest.fixture(scope="module")
def english_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusyTown]:
    made = busy_town(tmp_path_factory.mktemp("english") / "home", files=HOME)
    yield made
    made.app.close()


@dataclass
class Browser:
    """Of somebody who reads English and runs no script."""

    client: httpx.AsyncClient
    town: BusyTown

    async def open(self, look: Look) -> httpx.Response:
        if look.first:
            await self.client.get(self.town.fill(look.first))
        return await self.client.get(self.town.fill(look.path))

    async def press(self, press: Press) -> httpx.Response:
        """The page after the last press; a step is left out that the page before it does not offer."""
        answer, step = await self.open(press.page), press
        while step is not None:
            form = next((one for one in forms_of(answer) if one.action.endswith(step.form)), None)
            if form is None:
                break
            if step.cookies_lost:
                self.client.cookies = httpx.Cookies({COOKIE: "en"})
            assert isinstance(step.typed, Mapping)
            answer = await self.client.post(form.action, data={**form.fields, **step.typed}, follow_redirects=True)
            step = step.then
        return answer


@pytest.fixture(scope="module")
def seen(english_town: BusyTown) -> Callable[[Look | Press], httpx.Response]:
    """What somebody who reads English is shown."""
    application = create_app(english_town.app)
    held = {who: english_town.cookies(who) for who in busy_town_module.PEOPLE}

    async def see(wanted: Look | Press) -> httpx.Response:
        who = wanted.who if isinstance(wanted, Look) else wanted.page.who
        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        client = httpx.AsyncClient(
            transport=transport,
            base_url=english_town.app.settings.base_url,
            cookies={**held.get(who, {}), COOKIE: "en"},
            headers={"Origin": english_town.app.settings.base_url},
        )
        async with client:
            browser = Browser(client, english_town)
            return await (browser.open(wanted) if isinstance(wanted, Look) else browser.press(wanted))

    return lambda wanted: asyncio.run(see(wanted))


@pytest.mark.parametrize("look", every_look(), ids=lambda look: look.name)
def test_nothing_chinese_is_left_on_an_english_page(seen: Callable[[Look], httpx.Response], look: Look) -> None:
    answer = seen(look)
    assert answer.status_code == look.status
    assert '<html lang="en">' in answer.text
    assert left_in_chinese(answer.text) == []


@pytest.mark.parametrize("press", PLAIN_PRESSES, ids=lambda press: press.name)
def test_nothing_chinese_is_left_on_what_answers_a_press(seen: Callable[[Press], httpx.Response], press: Press) -> None:
    answer = seen(press)
    assert answer.status_code == press.last.status
    assert '<html lang="en">' in answer.text
    assert left_in_chinese(answer.text) == []
