"""我的事项: everything that is somebody's, behind a session to act on, behind a link only to read."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from planning.access import AccountRole
from tests.web.staff_hands import FIX, STUDY, opened, press, set_up, signed_in, stands_in

STAFF, LEADER = AccountRole.STAFF, AccountRole.LEADER


def groups(text: str) -> dict[str, list[str]]:
    """Heading -> the titles under it, as the page shows them."""
    found = {}
    for section in text.split("<section")[1:]:
        heading = re.search(r"<h2>([^<]+) <small>", section)
        if heading:
            rows = re.findall(r"<td>(?:<a [^>]+>)?([^<]+?)(?:</a>)?\s*<span class=\"\w+\">([^<]*)</span>", section)
            found[heading[1]] = [f"{title} {period}" for title, period in rows]
    return found


def test_what_is_overdue_due_today_and_coming_stands_in_that_order(town: Any) -> None:
    for month in ("01", "02", "03"):
        town.done(f"safe:2026-{month}", date(2026, int(month), 20), by="wangmin", name="王敏")
        town.done(f"theme:2026-{month}", date(2026, int(month), 27), by="wangmin", name="王敏")
    town.clock.now = datetime(2026, 4, 28, 1, 0, tzinfo=UTC)
    town.sign_in("wangmin", STAFF)
    page = town.get("/me").text
    assert list(groups(page).items()) == [("逾期", ["重点人员排查 2026年4月"]), ("今天到期", ["一月一主题普法 2026年4月"])]
    assert "两周以后还有" in page
    town.clock.now = datetime(2026, 4, 15, 1, 0, tzinfo=UTC)
    town.sign_in("wangmin", STAFF)
    assert groups(town.get("/me").text) == {"两周之内": ["重点人员排查 2026年4月", "一月一主题普法 2026年4月"]}


def test_each_line_opens_the_items_own_page(town: Any) -> None:
    town.sign_in("wangmin", STAFF)
    links = re.findall(r'href="(/me/items/[^"]+)"', town.get("/me").text)
    assert links
    assert {town.get(link).status_code for link in links} == {200}


def test_what_was_asked_for_and_what_is_to_be_signed_off_waits_on_both_sides(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    press(town, signed_in(town, "chenxia", STUDY, role=STAFF), "extend", to="2026-07-10", reason="讲课老师出差")
    press(town, signed_in(town, "wangmin", FIX, role=STAFF), done_on="2026-04-08")
    town.sign_in("chenxia", STAFF)
    assert groups(town.get("/me").text) == {
        "等您批复或销号": ["整改反馈问题 整改-007"],
        "逾期": ["中心组法治专题学习 2026年第一季度"],
        "等别人批复或销号": ["中心组法治专题学习 2026年第二季度"],
    }
    town.sign_in("zhangjun", LEADER)
    page = town.get("/me").text
    assert groups(page) == {"等您批复或销号": ["中心组法治专题学习 2026年第二季度"]}
    assert "陈霞申请延至 2026-07-10，等您批复" in page
    town.sign_in("wangmin", STAFF)
    assert groups(town.get("/me").text)["等别人批复或销号"] == ["整改反馈问题 整改-007"]


def test_a_stand_in_sees_what_he_stands_in_for_and_in_whose_place(town: Any) -> None:
    stands_in(town, "wangmin", "fenggang")
    town.sign_in("fenggang", STAFF)
    page = town.get("/me").text
    assert "代王敏办理" in page
    town.clock.now = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
    town.sign_in("fenggang", STAFF)
    assert "现在没有要您办理的事项" in town.get("/me").text


def test_behind_a_link_the_list_tells_titles_and_days_and_opens_nothing(town: Any) -> None:
    town.sign_out()
    address = opened(town, "safe:2026-04", "wangmin")
    answer = town.get(f"{address}/mine")
    assert (answer.status_code, answer.headers["x-robots-tag"]) == (200, "noindex, nofollow")
    assert "重点人员排查 2026年4月" in groups(answer.text)["两周之内"]
    assert "一个链接只能办一件事" in answer.text
    assert "中心组法治专题学习" not in answer.text  # somebody else's
    assert set(re.findall(r'href="(/(?:me|o|s|t|outbox)/[^"]*)"', answer.text)) == {address}
    assert "<form" not in answer.text
    assert f'href="{address}/mine"' in town.get(address).text


def test_the_list_behind_a_link_needs_that_links_cookie(town: Any) -> None:
    town.sign_out()
    mine, other = opened(town, "safe:2026-04", "wangmin"), opened(town, STUDY, "chenxia")
    cookies = {cookie.path: cookie.value for cookie in town.client.cookies.jar if cookie.name == "suishi-link"}
    town.client.cookies.clear()
    assert town.get(f"{mine}/mine").status_code == 410
    answer = town.get(f"{other}/mine", headers={"cookie": f"suishi-link={cookies[mine]}"})
    assert (answer.status_code, "重点人员排查" in answer.text) == (410, False)


def test_the_list_behind_a_stand_ins_link_is_the_stand_ins_own(town: Any) -> None:
    town.sign_out()
    stands_in(town, "chenxia", "fenggang")
    page = town.get(f"{opened(town, reader='fenggang')}/mine").text
    assert "我的事项 <small>冯刚</small>" in page
    assert "代陈霞办理" in page


@pytest.mark.parametrize(
    ("person", "role", "first"),
    [
        ("wangmin", STAFF, ["/me", "/"]),
        ("zhangjun", LEADER, ["/", "/me"]),
        ("zhangwei", AccountRole.ADMIN, ["/", "/me"]),
    ],
)
def test_staff_find_their_own_items_first_in_the_menu(town: Any, person: str, role: AccountRole, first: list[str]) -> None:
    town.sign_in(person, role)
    menu = re.search(r"<nav[^>]*>(.*?)</nav>", town.get("/me").text, re.DOTALL)
    assert menu is not None
    assert re.findall(r'href="([^"]+)"', menu[1])[:2] == first
    assert 'href="/me" aria-current="page"' in menu[1]


def test_an_auditor_has_nothing_of_his_own_to_do(town: Any) -> None:
    town.sign_in("zhangwei", AccountRole.AUDITOR)
    assert 'href="/me"' not in town.get("/").text
