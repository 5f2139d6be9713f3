"""日历订阅: an address of one's own, shown once, that a calendar follows until it is ended."""

from __future__ import annotations

import re
from typing import Any

from planning.access import AccountRole


def make(town: Any, person: str = "zhangwei", **typed: str) -> str:
    answer = town.post("/me/feeds", data={"code": town.form_code(person), **typed})
    found = re.search(r"http://town\.example(/ics/[a-z2-7]+\.ics)", answer.text)
    assert found, answer.text
    return found[1]


def test_the_address_is_shown_once_and_gives_the_persons_days_without_a_sign_in(town: Any) -> None:
    town.sign_in("chenxia", AccountRole.STAFF, scope="sifasuo")
    address = make(town, "chenxia")
    assert address not in town.get("/me/feeds").text
    town.sign_out()
    feed = town.get(address)
    assert feed.status_code == 200
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert "中心组法治专题学习" in feed.text
    assert "重点人员排查" not in feed.text  # 王敏 does that
    again = town.get(address, headers={"If-None-Match": feed.headers["etag"]})
    assert (again.status_code, again.text) == (304, "")


def test_a_new_address_ends_the_old_one_and_one_may_be_ended_by_hand(town: Any) -> None:
    old = make(town)
    new = make(town)
    assert (town.get(old).status_code, town.get(new).status_code) == (404, 200)
    number = re.search(r'name="id" value="(\d+)"', town.get("/me/feeds").text)
    assert number
    assert town.post("/me/feeds/revoke", data={"code": town.form_code(), "id": number[1]}).status_code == 303
    assert town.get(new).status_code == 404


def test_a_units_calendar_is_for_who_may_see_its_rows(town: Any) -> None:
    assert "重点人员排查" in town.get(make(town, unit="sifasuo")).text
    town.sign_in("fenggang", AccountRole.STAFF, scope="huilong")
    refused = town.post("/me/feeds", data={"code": town.form_code("fenggang"), "unit": "sifasuo"})
    assert refused.status_code == 409
    assert "不在您的范围里" in refused.text


def test_nobody_ends_another_persons_address(town: Any) -> None:
    address = make(town)
    number = re.search(r'name="id" value="(\d+)"', town.get("/me/feeds").text)
    assert number
    town.sign_in("wangmin", AccountRole.STAFF)
    town.post("/me/feeds/revoke", data={"code": town.form_code("wangmin"), "id": number[1]})
    assert town.get(address).status_code == 200


def test_who_guesses_addresses_is_soon_told_to_wait_and_a_good_one_still_opens(town: Any) -> None:
    address = make(town)
    answers = [town.get(f"/ics/{'a' * 31}{'abcdefgh'[n % 8]}.ics").status_code for n in range(62)]
    assert answers[:60] == [404] * 60
    assert answers[61] == 429
    assert town.get(address).status_code == 200


def test_the_log_of_requests_holds_no_address(town: Any, caplog: Any) -> None:
    caplog.set_level("INFO", logger="suishi.web.access")
    address = make(town)
    town.get(address)
    assert "/ics/…" in caplog.text
    assert address.removeprefix("/ics/").removesuffix(".ics") not in caplog.text
