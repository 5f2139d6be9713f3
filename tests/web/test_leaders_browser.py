"""The leaders' pages in a real Chromium: chips and Back, and what comes out of the printer."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.chromium import come_in, new_page

pytestmark = pytest.mark.browser

A4, A3 = (595, 842), (842, 1191)  # points
_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


def printed(page: Page, address: str) -> list[tuple[int, int]]:
    """The size of each sheet, in points, as a printer that obeys the page gets it."""
    page.goto(address)
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    return [(round(float(width)), round(float(height))) for width, height in _BOX.findall(pdf)]


def test_a_filter_goes_into_the_address_a_chip_takes_it_out_and_back_brings_it_back(
    town: Any, address: str, browser: Browser
) -> None:
    context, page, complaints = new_page(browser)
    come_in(context, address, town)
    page.goto(f"{address}/list?unit=caohui")
    page.get_by_label("状态").select_option("overdue")
    expect(page.locator(".chips")).to_contain_text("状态：逾期")
    page.wait_for_url(f"{address}/list?unit=caohui&state=overdue")  # short, though a form sends its empty fields too
    page.get_by_label("到期时间").select_option("2026-Q1")
    page.wait_for_url(f"{address}/list?unit=caohui&state=overdue&when=2026-Q1")
    shown = page.locator("#ledger").inner_text()
    page.reload()
    assert page.locator("#ledger").inner_text() == shown
    page.get_by_role("link", name="状态：逾期").click()
    page.wait_for_url(f"{address}/list?unit=caohui&when=2026-Q1")
    expect(page.get_by_label("状态")).to_have_value("")
    page.go_back()
    assert page.url == f"{address}/list?unit=caohui&state=overdue&when=2026-Q1"
    assert page.locator("#ledger").inner_text() == shown
    expect(page.get_by_label("状态")).to_have_value("overdue")
    assert complaints == []
    context.close()


def test_the_span_of_days_and_the_order_work_without_a_script(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390, script=False)
    come_in(context, address, town)
    page.goto(f"{address}/list")
    page.get_by_text("起止日期和排序").click()
    page.get_by_label("到期不早于").fill("2026-03-01")
    page.get_by_label("到期不晚于").fill("2026-03-31")
    page.get_by_label("排序").select_option("unit")
    page.get_by_role("button", name="查找").click()
    page.wait_for_url(f"{address}/list?since=2026-03-01&until=2026-03-31&order=unit")
    expect(page.locator(".chips li")).to_have_count(3)  # two days, and the way back to everything
    expect(page.get_by_label("排序")).to_be_visible()
    context.close()


def test_a_figure_is_pressed_and_shows_its_rows(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390)
    come_in(context, address, town)
    page.goto(address)
    tile = page.locator(".figures li", has_text="逾期未办")
    number = tile.locator("b").inner_text()
    tile.click()  # anywhere on it
    expect(page.locator("#ledger")).to_contain_text(f"共 {number} 项")
    context.close()


def test_pages_come_out_of_the_printer_on_their_sheets(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser)
    come_in(context, address, town)
    overview = printed(page, address)
    assert set(overview) == {A4}
    assert len(overview) <= 2
    assert printed(page, f"{address}/year/2026") == [A3[::-1]]
    assert printed(page, f"{address}/year/2027") == [A3[::-1]]  # with the notice that its days are provisional
    whole = printed(page, f"{address}/list?whole=1")
    assert set(whole) == {A4[::-1]}
    assert len(whole) > 1
    page.emulate_media(media="print")
    looks = page.locator("table.rows thead").evaluate("one => getComputedStyle(one).display")
    assert looks == "table-header-group"  # what makes a browser repeat the headings on each sheet
    expect(page.locator(".filters").first).to_be_hidden()
    expect(page.get_by_text("完成记录：")).to_be_visible()
    context.close()
