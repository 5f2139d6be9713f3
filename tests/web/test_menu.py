"""The menu says where one is, and every page below 管理 leads back to it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planning.access import AccountRole

CRUMB = '<p class="crumbs"><a href="/manage">管理</a>'
ROOMS = (
    *("/people", "/people/wangmin", "/units/sifasuo", "/new/person", "/duties", "/new/duty", "/items/new", "/holidays"),
    *("/settings", "/accounts", "/programs", "/coming", "/security", "/feedback/list", "/replan"),
)


def lit(page: str) -> list[str]:
    return re.findall(r'<a href="[^"]+" aria-current="page">([^<]+)</a>', page[page.index("<nav") : page.index("</nav>")])


@pytest.mark.parametrize("path", ROOMS)
def test_a_room_lights_the_hub_in_the_menu_and_leads_back_to_it(town: Any, path: str) -> None:
    page = town.get(path).text

    assert lit(page) == ["管理"]
    assert CRUMB in page


@pytest.mark.parametrize(("path", "name"), [("/", "总览"), ("/manage", "管理"), ("/year/2026", "年历"), ("/outbox", "发件箱")])
def test_an_entry_is_lit_on_its_own_page_and_those_below(town: Any, path: str, name: str) -> None:
    assert lit(town.get(path).text) == [name]


def test_nothing_is_lit_on_a_page_that_no_entry_leads_to(town: Any) -> None:
    assert lit(town.get("/feedback").text) == []


def test_who_may_not_see_the_hub_has_no_way_to_it(town: Any) -> None:
    town.sign_in("wangmin", AccountRole.OFFICE, scope="sifasuo")
    page = town.get("/items/new")

    assert page.status_code == 200
    assert "/manage" not in page.text
