"""The whole life of an item in a real Chromium: by links and signed in, on a phone and at a desk, with a script and without."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from planning.access import AccountRole
from tests.web.chromium import WIDTHS, come_in, new_page, too_wide
from tests.web.staff_hands import STUDY, add_duty, done_rows, entries, row, set_up

pytestmark = pytest.mark.browser

REF = "mend:整改-009"
MEND = (
    "{key: mend, kind: rectification, title: 综治中心人员不足整改, owner: person:wangmin, overseer: role:分管领导, "
    "verifier: person:chenxia, sign_off: true, evidence: [现场照片], measures: [{name: 整改点位, unit: 处, required: true}], "
    "period: 整改-009, rule: {on: 2026-05-15}}"
)


@pytest.fixture
def mending(town: Any) -> Any:
    """The town with a rectification that somebody oversees and somebody else signs off; a later day needs a yes."""
    set_up(town, "extension_approval: overseer")
    add_duty(town, MEND)
    return town


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    held = io.BytesIO()
    Image.new("RGB", (64, 48), "#3a7").save(held, "JPEG")
    path = tmp_path / "现场照片.jpg"
    path.write_bytes(held.getvalue())
    return path


def open_link(page: Page, town: Any, address: str, person: str, role: str) -> None:
    page.goto(f"{address}/t/{town.link(REF, person, role)}")
    assert re.fullmatch(rf"{address}/s/\d+", page.url)


def record_done(page: Page, photo: Path) -> None:
    page.get_by_label("整改点位").fill("12")
    page.get_by_label("办理情况").fill("人员已到岗")
    page.set_input_files("#files", str(photo))
    page.get_by_role("button", name="已办结，提交").click()
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_the_whole_life_of_an_item(
    mending: Any, address: str, browser: Browser, photo: Path, *, width: int, script: bool
) -> None:
    owner_context, owner, complaints = new_page(browser, width=width, script=script)
    open_link(owner, mending, address, "wangmin", "owner")
    owner.get_by_role("button", name="收到").click()
    expect(owner.get_by_role("alert")).to_contain_text("已记下：收到")

    owner.get_by_text("办不完？提交延期申请").click()
    asking = owner.locator("details[open]")
    asking.get_by_label("延期到").fill("2026-06-30")
    asking.get_by_label("原因").fill("编制未批")
    asking.get_by_role("button", name="提交延期申请").click()
    expect(owner.get_by_role("alert")).to_contain_text("已提交延期申请，拟延至 2026-06-30")

    overseer_context, overseer, their_complaints = new_page(browser, width=width, script=script)
    open_link(overseer, mending, address, "zhangjun", "overseer")
    expect(overseer.get_by_text("编制未批")).to_be_visible()
    overseer.get_by_role("button", name="批准", exact=True).click()
    expect(overseer.get_by_role("alert")).to_contain_text("已批准延期到 2026-06-30")

    open_link(owner, mending, address, "wangmin", "owner")
    assert too_wide(owner) == 0
    record_done(owner, photo)
    owner.get_by_text("记错了？").click()
    owner.get_by_label("撤销原因").fill("点错了")
    owner.get_by_role("button", name="撤销办结").click()
    expect(owner.get_by_role("alert")).to_contain_text("已撤销，可重新登记")
    record_done(owner, photo)

    verifier_context, verifier, still = new_page(browser, width=width, script=script)
    open_link(verifier, mending, address, "chenxia", "verifier")
    expect(verifier.get_by_text("现场照片.jpg").first).to_be_visible()
    verifier.get_by_label("验收意见").fill("现场看过")
    verifier.get_by_role("button", name="验收合格，销号").click()
    expect(verifier.get_by_text("已销号")).to_be_visible()

    kinds = [one.kind for one in entries(mending, REF)]
    assert kinds == ["acknowledged", "extension_asked", "extended", "done", "reopened", "done", "signed_off"]
    assert [(done.by, done.measures) for done in done_rows(mending)] == [("wangmin", {"整改点位": 12})] * 2
    assert (complaints, their_complaints, still) == ([], [], [])
    for context in (owner_context, overseer_context, verifier_context):
        context.close()


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_clerk_records_for_a_colleague_from_her_own_list(
    mending: Any, address: str, browser: Browser, photo: Path, *, script: bool
) -> None:
    mending.sign_in("wangmin", AccountRole.STAFF)
    context, page, complaints = new_page(browser, width=390, script=script)
    come_in(context, address, mending)
    page.goto(f"{address}/me")
    page.get_by_role("link", name="重点人员排查").last.click()
    expect(page.get_by_role("button", name="本期无，报平安")).to_be_visible()
    assert too_wide(page) == 0
    context.close()
    mending.sign_in("zhangwei", AccountRole.OFFICE)
    context, page, more = new_page(browser, width=390, script=script)
    come_in(context, address, mending)
    page.goto(f"{address}/me/items/{REF}")
    expect(page.get_by_text("由您代为登记").first).to_be_visible()
    record_done(page, photo)
    expect(page.get_by_text("张伟（由您代为登记）")).to_be_visible()
    [done] = done_rows(mending)
    assert (done.by, done.recorded_by, done.via) == ("wangmin", "zhangwei", "page")
    assert (complaints, more) == ([], [])
    context.close()


def test_a_double_click_on_the_button_is_one_record(mending: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390)
    open_link(page, mending, address, "wangmin", "owner")
    page.get_by_label("整改点位").fill("12")
    page.get_by_role("button", name="已办结，提交").dblclick()
    expect(page.get_by_role("heading", name="已办结")).to_be_visible()
    assert len(done_rows(mending)) == 1
    context.close()


def test_a_refused_form_keeps_the_colleague_that_was_chosen(town: Any, address: str, browser: Browser) -> None:
    context, page, _ = new_page(browser, width=390, script=False)
    page.goto(f"{address}/t/{town.link(STUDY, 'chenxia')}")
    page.get_by_text("转交同事").click()
    page.get_by_label("交给").select_option("wangmin")
    page.locator("form[action$=hand-over]").get_by_label("原因").fill(" ")
    page.get_by_role("button", name="转交").click()
    expect(page.get_by_role("alert")).to_contain_text("请写明移交的原因")
    expect(page.get_by_label("交给")).to_have_value("wangmin")
    assert row(town).state == "open"
    context.close()


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS.keys())
def test_no_page_of_the_staff_scrolls_sideways_asks_elsewhere_or_shuts_somebody_out(
    mending: Any, address: str, browser: Browser, width: int
) -> None:
    mending.sign_in()
    context, page, complaints = new_page(browser, width=width)
    come_in(context, address, mending)
    page.goto(f"{address}/feedback?ref={REF}")
    page.get_by_label("对这件事项的异议").fill("这件事应由综治中心办" * 20)
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("status")).to_contain_text("已收到，谢谢")
    open_link(page, mending, address, "wangmin", "owner")
    mine = f"{page.url}/mine"
    for path in ("/me", f"/me/items/{REF}", "/feedback", "/feedback/list", mine.removeprefix(address), "/t/" + "a" * 26):
        page.goto(address + path)
        assert too_wide(page) == 0, path
        assert [(one["id"], one["help"]) for one in Axe().run(page).response["violations"]] == [], path
    # Chromium itself tells of the one page that answers 410.
    assert [said for said in complaints if "410" not in said] == []
    context.close()
