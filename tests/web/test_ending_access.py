"""When somebody goes, loses his phone, or gets other rights: what of browser, key, feed and link still opens a page."""

from __future__ import annotations

import re
from typing import Any

import pytest

from config.security_log import SecurityLog
from planning.access import AccountRole, TokenKind
from reports.accounts import live_tokens
from services.accounts import set_rights
from services.links import token_of
from services.tokens import make_token
from tests.web.conftest import PASSWORD
from tests.web.staff_hands import STUDY, part, stands_in

ALL = {"browser", "key", "feed", "unit's feed", "link"}


class Access:
    """All by which 陈霞 comes in: tried with her own browser, her calendar, the county's platform, a mail of hers."""

    def __init__(self, town: Any) -> None:
        self.town = town
        town.sign_in("chenxia", AccountRole.OFFICE, scope="sifasuo")
        self.cookies = dict(town.client.cookies.items())
        self.key = self.token(TokenKind.PROGRAM, "chenxia", by="zhangwei")
        self.feed = self.token(TokenKind.PERSON_FEED, "chenxia")
        self.units_feed = self.token(TokenKind.UNIT_FEED, "sifasuo")
        self.link = town.link(STUDY, "chenxia")
        town.sign_in()

    def token(self, kind: TokenKind, subject: str, by: str = "chenxia") -> str:
        return make_token(self.town.app.store, kind, subject, note="县级平台", by=by, now=self.town.clock.now)

    def opens(self) -> set[str]:
        town = self.town
        town.sign_out()
        for name, value in self.cookies.items():
            town.client.cookies.set(name, value, domain="town.example", path="/")
        found = {
            "browser": town.get("/list").status_code == 200,
            "key": town.get("/api/v1/occurrences", headers={"Authorization": f"Bearer {self.key}"}).status_code == 200,
            "feed": town.get(f"/ics/{self.feed}.ics").status_code == 200,
            "unit's feed": town.get(f"/ics/{self.units_feed}.ics").status_code == 200,
            "link": town.get(f"/t/{self.link}").status_code == 303,
        }
        town.sign_in()
        return {name for name, opens in found.items() if opens}


@pytest.fixture
def access(town: Any) -> Access:
    made = Access(town)
    assert made.opens() == ALL
    return made


def press(town: Any, change: str, **typed: str) -> Any:
    return town.post(f"/accounts/chenxia/{change}", data={"code": town.form_code(), **typed})


def people(town: Any, before: str, after: str) -> None:
    path = town.app.home / "people.yaml"
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_a_disabled_account_opens_nothing_and_the_page_says_what_ended_and_what_goes_on(town: Any, access: Access) -> None:
    page = press(town, "disable").text
    assert access.opens() == set()
    assert "账号已停用。一起失效的：登录着的浏览器1个、接口密钥1个、日历订阅2个、已发出的提醒链接1个。" in page
    assert re.search(r"其名下还有\d+件在办，以后的提醒仍带办理链接", page)
    assert "接口密钥和日历订阅要重新生成" in press(town, "enable").text
    assert access.opens() == set()


def test_who_left_opens_nothing_from_that_day_on(town: Any, access: Access) -> None:
    people(town, "{key: chenxia,", "{key: chenxia, left_on: 2026-04-09,")
    assert access.opens() == ALL
    people(town, "left_on: 2026-04-09", "left_on: 2026-04-08")
    assert access.opens() == set()
    said = town.get(f"/t/{access.link}")
    assert said.status_code == 410
    assert "陈霞已离任，链接已停用。这项工作由谁接手，请与管理员联系。" in said.text


def test_who_is_no_longer_in_the_file_opens_nothing_and_a_slip_of_the_pen_ends_nobody(town: Any, access: Access) -> None:
    line = next(one for one in (town.app.home / "people.yaml").read_text("utf-8").splitlines() if "{key: chenxia," in one)
    people(town, line, "  - {key: chenxia}")  # half a line: the file has a fault now
    assert access.opens() == ALL
    people(town, "  - {key: chenxia}\n", "")
    people(town, "head: chenxia, ", "")
    calendar = town.app.home / "calendar" / "all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("person:chenxia", "person:wangmin"), "utf-8")
    assert access.opens() == set()


def test_what_was_typed_behind_a_link_that_ended_meanwhile_is_not_lost(town: Any, access: Access) -> None:
    address = town.get(f"/t/{access.link}").headers["location"]
    people(town, "{key: chenxia,", "{key: chenxia, left_on: 2026-04-08,")
    answer = town.post(f"{address}/done", data={"note": "第二季度学习已经开展"})
    assert answer.status_code == 410
    assert "第二季度学习已经开展" in answer.text


def test_who_stands_in_for_one_who_left_still_opens_her_own_link(town: Any) -> None:
    stands_in(town, "chenxia", "wangmin")
    town.link(STUDY, "chenxia")
    in_her_place = token_of(town.app.link_key, part(town, STUDY, "chenxia", "owner").id, 0, "wangmin")
    assert town.get(f"/t/{in_her_place}").status_code == 303
    people(town, "{key: wangmin,", "{key: wangmin, left_on: 2026-04-08,")
    assert "王敏已离任，链接已停用" in town.get(f"/t/{in_her_place}").text


def test_a_new_code_ends_all_unless_the_box_says_that_it_was_only_forgotten(town: Any, access: Access) -> None:
    form = town.get("/accounts").text
    assert "接口密钥：县级平台。" in form  # named before the button is pressed
    assert "日历订阅：2 个。" in form
    press(town, "renew", keep="1")
    assert access.opens() == ALL - {"browser"}
    assert "接口密钥1个、日历订阅2个、已发出的提醒链接1个" in press(town, "renew").text
    assert access.opens() == set()
    noted = [one.about for one in SecurityLog(town.app.home / "logs").newest(9) if one.event == "account"]
    assert noted == ["renew chenxia", "renew_keep chenxia"]
    assert "<td>重新生成激活码（密钥和订阅照旧） 陈霞</td>" in town.get("/security").text


def test_whoever_fears_for_the_password_ends_his_own_keys_and_feeds_with_it(town: Any, access: Access) -> None:
    def change(old: str, new: str, **more: str) -> str:
        town.sign_in("chenxia", AccountRole.OFFICE, scope="sifasuo")
        access.cookies = dict(town.client.cookies.items())
        typed = {"code": town.form_code("chenxia"), "old": old, "password": new, "again": new, **more}
        return str(town.post("/me/password", data=typed).text)

    assert "密码已修改，其他浏览器都已退出登录。" in change(PASSWORD, "Lan-Tian-47")
    assert access.opens() == ALL
    said = change("Lan-Tian-47", "Bai-Yun-63x", end_all="1")
    assert "接口密钥1个、日历订阅2个、已发出的提醒链接1个" in said
    assert access.opens() == {"browser"}


def test_other_rights_reach_keys_and_feeds_at_once(town: Any, access: Access) -> None:
    set_rights(town.app.store, "chenxia", role=AccountRole.STAFF, scope="huilong", now=town.clock.now)
    assert access.opens() == {"key", "feed", "link"}  # her own days are hers; the other unit's are none of hers
    asked = {"Authorization": f"Bearer {access.key}"}
    assert town.get("/api/v1/occurrences/safe:2026-04", headers=asked).status_code == 403
    set_rights(town.app.store, "chenxia", role=AccountRole.STAFF, scope="sifasuo", now=town.clock.now)
    assert access.opens() == {"key", "feed", "unit's feed", "link"}
    assert town.get("/api/v1/occurrences/safe:2026-04", headers=asked).status_code == 200


def test_a_unit_that_moved_out_of_the_makers_scope_is_followed_no_more(town: Any, access: Access) -> None:
    set_rights(town.app.store, "chenxia", role=AccountRole.OFFICE, scope="caohui", now=town.clock.now)
    assert "unit's feed" in access.opens()
    people(town, "kind: office, parent: caohui, head: chenxia", "kind: office, head: chenxia")
    assert "unit's feed" not in access.opens()


def test_a_key_that_its_maker_may_have_taken_along_is_marked(town: Any, access: Access) -> None:
    town.sign_in("zhangjun", AccountRole.ADMIN)
    assert "请停用，重新生成一个" not in town.get("/programs").text
    people(town, "{key: zhangwei,", "{key: zhangwei, left_on: 2026-04-08,")
    assert "生成的人已离任或停用，可能还留着它：请停用，重新生成一个" in town.get("/programs").text
    people(town, "{key: chenxia,", "{key: chenxia, left_on: 2026-04-08,")
    assert "所代表的人已离任或停用，这个密钥用不了" in town.get("/programs").text
    assert len(live_tokens(town.app.store, now=town.clock.now)) == 3  # who comes back has them again
