"""Pages that only a press of a button shows are looked at like all others; and no template is left out."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from config.app import open_app
from tests.web.busy_town import BusyTown, reopened
from tests.web.every_page import Look, every_look
from tests.web.every_press import PRESSES, Press
from tests.web.looking import Eyes
from tests.web.serving import served
from web.shell import STATIC, Shell

pytestmark = pytest.mark.browser

TEMPLATES = STATIC.parent / "templates"
NAMED = re.compile(r"'([a-z_]+\.html)'")


@pytest.fixture(scope="module")
def rendered() -> Iterator[list[str]]:
    """The names of the templates in the order in which they were filled."""
    names: list[str] = []
    page = Shell.page

    def remembering(shell: Shell, request: Any, template: str, **more: Any) -> Any:
        names.append(template)
        return page(shell, request, template, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shell, "page", remembering)
        yield names


@pytest.fixture(scope="module")
def pressing(made_busy: BusyTown, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Eyes]:
    """A copy of the busy town that may be written into."""
    town = reopened(made_busy, shutil.copytree(made_busy.app.home, tmp_path_factory.mktemp("pressed") / "home"))
    with served(town.app) as address:
        eyes = Eyes(browser, town, address)
        yield eyes
        eyes.close()
    town.app.close()


@pytest.mark.parametrize("press", PRESSES, ids=lambda press: press.name)
def test_what_answers_a_press_is_as_good_as_any_page(pressing: Eyes, rendered: list[str], press: Press) -> None:
    seen = pressing.press(press)
    assert (rendered[-1], seen.status) == (press.last.template, press.last.status)
    assert seen.axe == []
    assert seen.complaints == []
    assert seen.elsewhere == []
    page = seen.page
    assert [page[fault] for fault in ("unlabelled", "inline", "deadForms", "violations") if page[fault]] == []
    assert (page["skip"], page["feedback"], len(page["headings"])) == (True, ["意见建议"], 1)
    assert max(seen.too_wide.values()) <= 0


def test_the_first_page_of_a_new_office_is_as_good(town_home: Path, browser: Browser, rendered: list[str], clock: Any) -> None:
    for old in (town_home / "data").glob("suishi.db*"):
        old.unlink()
    app = open_app(town_home, environ={}, clock=clock)
    with served(app) as address:
        eyes = Eyes(browser, BusyTown(app, clock), address)
        seen = eyes.look(Look("/set-up", "/set-up", "nobody"))
        eyes.close()
    app.close()
    assert rendered[-1] == "set_up.html"
    assert (seen.status, seen.axe, seen.complaints, seen.page["deadForms"]) == (200, [], [], [])


def test_no_template_is_left_out(busy: BusyTown, busy_address: str, rendered: list[str]) -> None:
    """What the looks fill, what the presses fill, and the parts of which those are made."""
    rendered.clear()
    held = {"nobody": {}} | {look.who: busy.cookies(look.who) for look in every_look() if look.who != "nobody"}
    for look in every_look():
        with httpx.Client(base_url=busy_address, cookies=held[look.who], trust_env=False, follow_redirects=True) as client:
            for path in filter(None, (look.first, look.path)):
                client.get(busy.fill(path))
    every = {path.name: path.read_text("utf-8") for path in TEMPLATES.glob("*.html")}
    parts = {name for text in every.values() for name in NAMED.findall(text)}
    pressed = {step.template for press in PRESSES for step in (press, press.last)}
    assert sorted(set(every) - parts - set(rendered) - pressed - {"set_up.html"}) == []
