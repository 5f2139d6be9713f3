"""The pages in a real Chromium, at an office's and at a phone's width, with JavaScript and without."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.web.chromium import WIDTHS, come_in, new_page, too_wide

pytestmark = pytest.mark.browser

STUDY = "study-law:2026-Q2"


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_no_page_scrolls_sideways_complains_or_asks_elsewhere(town: Any, address: str, browser: Browser, width: int) -> None:
    town.app.demo = True
    refs = re.findall(r'href="(/outbox/T\d+-\d+)"', town.get("/outbox").text)
    staff = f"/t/{town.link(STUDY, 'chenxia')}"
    context, page, complaints = new_page(browser, width=width)
    come_in(context, address, town)
    for path in ("/", "/year/2026", "/year/2027", "/list", "/o/" + STUDY, "/outbox", refs[0], "/log", staff):
        page.goto(address + path)
        assert too_wide(page) == 0, path
        assert complaints == [], path
    context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_staff_tick_off_with_number_and_file_and_take_it_back(
    town: Any, address: str, browser: Browser, tmp_path: Path, script: bool
) -> None:
    proof = tmp_path / "签到表.pdf"
    proof.write_bytes(b"%PDF-1.4 demo")
    context, page, complaints = new_page(browser, width=390, script=script)
    page.goto(f"{address}/t/{town.link(STUDY, 'chenxia')}")
    assert re.fullmatch(rf"{address}/s/\d+", page.url)
    page.get_by_label("场次").fill("1")
    page.get_by_label("人次").fill("36")
    page.get_by_label("办理情况").fill("学习民法典")
    page.set_input_files("#files", str(proof))
    if script:
        expect(page.locator("#chosen")).to_have_text("签到表.pdf")
    page.get_by_role("button", name="已办结，提交").click()
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    expect(page.get_by_role("link", name="签到表.pdf")).to_be_visible()
    page.get_by_text("记错了？").click()
    page.get_by_label("撤销原因").fill("点错了")
    page.get_by_role("button", name="撤销办结").click()
    expect(page.get_by_role("button", name="已办结，提交")).to_be_visible()
    assert complaints == []
    context.close()


def test_a_file_that_would_be_refused_is_told_before_anything_is_sent(
    town: Any, address: str, browser: Browser, tmp_path: Path
) -> None:
    good, odd, big = tmp_path / "签到表.PDF", tmp_path / "通知.wps", tmp_path / "现场.png"
    good.write_bytes(b"%PDF-1.4 demo")
    odd.write_bytes(b"wps")
    big.write_bytes(bytes(10 * 1024 * 1024 + 1))
    context, page, complaints = new_page(browser, width=390)
    page.goto(f"{address}/t/{town.link(STUDY, 'chenxia')}")
    page.get_by_label("场次").fill("1")
    page.get_by_label("人次").fill("36")
    page.set_input_files("#files", [str(good), str(odd), str(big)])
    expect(page.locator("#chosen")).to_have_text("签到表.PDF、通知.wps（不收这种文件，请去掉）、现场.png（超过 10 MB，请去掉）")
    page.get_by_role("button", name="已办结，提交").click()
    expect(page.get_by_label("场次")).to_have_value("1")  # still the form: nothing was sent
    page.set_input_files("#files", str(good))
    page.get_by_role("button", name="已办结，提交").click()
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    assert complaints == []
    context.close()


def test_a_refused_form_comes_back_with_what_was_typed(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390)
    page.goto(f"{address}/t/{town.link(STUDY, 'chenxia')}")
    page.get_by_label("场次").fill("1")
    page.get_by_label("办理情况").fill("写了很久")
    page.set_input_files("#files", {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"})
    page.get_by_role("button", name="已办结，提交").click()
    expect(page.get_by_role("alert")).to_contain_text("照片.jpg")
    expect(page.get_by_label("办理情况")).to_have_value("写了很久")
    context.close()


def test_filters_change_the_list_and_the_address_and_back_goes_back(town: Any, address: str, browser: Browser) -> None:
    context, page, complaints = new_page(browser)
    come_in(context, address, town)
    page.goto(f"{address}/list")
    first = page.locator("#ledger").inner_text()
    page.evaluate("document.documentElement.dataset.same = 'yes'")
    page.get_by_label("类别").select_option("rectification")
    expect(page.locator("#ledger")).to_contain_text("共 1 项")
    assert "kind=rectification" in page.url
    assert page.evaluate("document.documentElement.dataset.same") == "yes"  # only the list was fetched
    page.go_back()
    expect(page.locator("#ledger")).not_to_contain_text("共 1 项")
    assert page.locator("#ledger").inner_text() == first
    assert complaints == []
    shared = page.goto(f"{address}/list?kind=rectification")
    assert shared is not None
    expect(page.get_by_label("类别")).to_have_value("rectification")
    context.close()


def test_filters_work_without_a_script(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, script=False)
    come_in(context, address, town)
    page.goto(f"{address}/list")
    page.get_by_label("搜索").fill("年度报告")
    page.get_by_role("button", name="查找").click()
    expect(page.locator("#ledger")).to_contain_text("共 2 项")
    context.close()


def test_a_phone_shows_ten_cards_and_the_rest_when_asked(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390, script=False)
    come_in(context, address, town)
    page.goto(f"{address}/list")
    rows = page.locator("#ledger tbody tr:visible")
    expect(rows).to_have_count(10)
    page.get_by_text("更多（").click()
    expect(rows).to_have_count(30)
    context.close()
