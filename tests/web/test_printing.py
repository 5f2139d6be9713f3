"""What leaders print or save as a file: the figures on A4, the list across, the year on one sheet for the wall."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.busy_town import BusyTown
from tests.web.printed import Sheet, sheets

pytestmark = pytest.mark.browser

A4, A4_ACROSS, A3_ACROSS = (210, 297), (297, 210), (420, 297)
HEADS = "事项责任单位责任人截止完成状态"


@pytest.fixture(scope="module")
def page(busy: BusyTown, busy_address: str, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=busy_address, locale="zh-CN")
    held = busy.cookies("leader")
    context.add_cookies([{"name": name, "value": value, "url": busy_address} for name, value in held.items()])
    yield context.new_page()
    context.close()


def printed(page: Page, path: str) -> list[Sheet]:
    page.goto(path)
    return sheets(page.pdf(prefer_css_page_size=True))


def sizes(found: list[Sheet]) -> set[tuple[int, int]]:
    return {(sheet.width, sheet.height) for sheet in found}


@pytest.mark.parametrize("year", [2025, 2026, 2027, 2028, 2029])
def test_the_year_is_one_sheet_of_a3_for_the_wall(page: Page, year: int) -> None:
    """2028: months of six weeks in every row, and the note that its holidays are not known."""
    found = printed(page, f"/year/{year}")
    assert (len(found), sizes(found)) == (1, {A3_ACROSS})
    assert f"{year}年工作年历" in found[0].text
    assert "12月" in found[0].text


def test_the_figures_are_on_a4_upright_without_menu_and_buttons(page: Page) -> None:
    found = printed(page, "/")
    assert sizes(found) == {A4}
    assert len(found) <= 3
    assert "2026年工作完成情况" in found[0].text
    assert found[0].text.startswith("曹回镇")
    whole = "".join(sheet.text for sheet in found)
    assert [word for word in ("跳到正文", "意见建议", "我的事项", "个问题需要处理") if word in whole] == []


def test_the_list_is_on_a4_across_and_its_heads_stand_on_every_sheet(page: Page) -> None:
    found = printed(page, "/list?when=2026-10&whole=1")
    assert sizes(found) == {A4_ACROSS}
    assert len(found) >= 2
    assert [sheet.text.count(HEADS) for sheet in found] == [1] * len(found)
    assert "2026年10月" in found[0].text
