"""What a county platform needs to show the same as the pages: the same rows, to the same eyes, and no more."""

from __future__ import annotations

import re
from typing import Any

import pytest

from planning.access import AccountRole
from services.problems import report_problem
from services.tick import tick
from tests.web.county_platform import Platform
from tests.web.staff_hands import FIX, STUDY, set_up

ADMIN, OFFICE, STAFF, LEADER, AUDITOR = (
    AccountRole.ADMIN,
    AccountRole.OFFICE,
    AccountRole.STAFF,
    AccountRole.LEADER,
    AccountRole.AUDITOR,
)
ADDRESSES = re.compile(r"@caohui\.example")


def refs(answer: Any) -> list[str]:
    return [one["ref"] for one in answer.json()["items"]]


@pytest.fixture
def told(town: Any) -> Any:
    """Whatever is due has been sent."""
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)
    return town


def test_units_and_people_are_those_of_the_list_and_no_address_is_among_them(town: Any) -> None:
    whole = Platform(town, "liguoqiang", AUDITOR)
    units, people = whole.get("/units").json()["items"], whole.get("/people").json()["items"]
    assert [(one["key"], one["parent"]) for one in units] == [
        ("caohui", None),
        ("dangzhengban", "caohui"),
        ("sifasuo", "caohui"),
        ("huilong", "caohui"),
    ]
    assert [one["name"] for one in people] == ["李国强", "张军", "张伟", "陈霞", "王敏", "冯刚"]
    assert set(people[0]) == {"key", "name", "unit", "unit_name"}
    assert not ADDRESSES.search(whole.get("/people").text)
    part = Platform(town, "chenxia", OFFICE, "sifasuo")
    assert part.get("/units").json()["items"] == [{"key": "sifasuo", "name": "司法所", "parent": None}]
    assert [one["key"] for one in part.get("/people").json()["items"]] == ["chenxia", "wangmin"]
    town.sign_in("chenxia", OFFICE, "sifasuo")
    shown = town.get("/list?when=2026").text
    assert [f'value="{one["key"]}"' in shown for one in people] == [False, False, False, True, True, False]


def test_of_somebody_with_two_posts_the_one_is_named_that_may_be_seen(town: Any) -> None:
    path = town.app.home / "people.yaml"
    two = "posts: [{unit: sifasuo, title: 司法助理员}, {unit: huilong, title: 驻村干部}]"
    path.write_text(path.read_text("utf-8").replace("posts: [{unit: sifasuo, title: 司法助理员}]", two), "utf-8")
    town.app.reload()
    village = Platform(town, "fenggang", OFFICE, "huilong")
    assert [(one["key"], one["unit"]) for one in village.get("/people").json()["items"]] == [
        ("wangmin", "huilong"),
        ("fenggang", "huilong"),
    ]


def test_duties_are_those_of_which_something_may_be_seen(town: Any) -> None:
    whole = Platform(town, "wangmin", OFFICE).get("/duties").json()["items"]
    assert {one["key"]: one["rule"] for one in whole}["study-law"] == "每季度至少1次"
    assert [one["key"] for one in whole] == ["study-law", "report", "safe", "theme", "fix", "discipline"]
    study = whole[0]
    assert (study["kind"], study["next_due_on"]) == ("study", "2026-06-30")
    assert study["measures"][0] == {"name": "场次", "unit": "场", "required": True}
    part = Platform(town, "zhangwei", OFFICE, "dangzhengban").get("/duties").json()["items"]
    assert [(one["key"], one["next_due_on"]) for one in part] == [("report", "2027-02-26"), ("discipline", "2026-12-15")]
    assert Platform(town, "fenggang", STAFF, "huilong").get("/duties").json()["items"] == []


def test_the_calendar_says_what_the_year_page_says(town: Any) -> None:
    office = Platform(town, "wangmin", OFFICE)
    year = office.get("/calendar", year=2026).json()
    days = {day["day"]: day for month in year["months"] for day in month["days"]}
    assert (len(days), year["provisional"]) == (365, False)
    assert (days["2026-01-01"]["workday"], days["2026-01-01"]["mark"], days["2026-01-01"]["note"]) == (False, "休", "元旦")
    assert (days["2026-01-04"]["workday"], days["2026-01-04"]["mark"]) == (True, "班")
    assert days["2026-06-30"]["due"] == 2
    assert year["months"][2]["theme"] == "消费者权益保护"
    assert office.get("/calendar", year=2027).json()["provisional"] is True
    town.sign_in()
    assert "6月30日周二，到期2项" in town.get("/year/2026").text
    part = Platform(town, "zhangwei", OFFICE, "dangzhengban").get("/calendar").json()
    assert sum(day["due"] for month in part["months"] for day in month["days"]) == 2


def test_wishes_that_wait_are_seen_by_whoever_sees_the_item(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    Platform(town, "chenxia", STAFF).act(STUDY, "extend", by="chenxia", to="2026-07-10", reason="讲课老师出差")
    for person, role, scope, seen in (
        ("wangmin", STAFF, "sifasuo", True),
        ("zhangjun", LEADER, "huilong", True),  # he oversees it, whatever his scope
        ("liguoqiang", AUDITOR, None, True),
        ("wangmin", OFFICE, "dangzhengban", False),
        ("fenggang", STAFF, "huilong", False),
    ):
        program = Platform(town, person, role, scope)
        assert refs(program.get("/extension-requests")) == ([STUDY] if seen else []), person
        assert (program.get(f"/occurrences/{STUDY}").status_code == 200) is seen, person


def test_a_person_reads_what_waits_for_him(told: Any) -> None:
    mine = Platform(told, "chenxia", STAFF).get("/mine").json()
    assert mine["person"] == "chenxia"
    assert [one["occurrence"]["ref"] for one in mine["overdue"]] == ["study-law:2026-Q1"]
    told.sign_in("chenxia", STAFF)
    assert "逾期 <small>1 项" in told.get("/me").text
    Platform(told, "wangmin", STAFF).act(FIX, "done", by="wangmin", done_on="2026-04-07")
    assert [one["occurrence"]["ref"] for one in Platform(told, "chenxia", STAFF).get("/mine").json()["deciding"]] == [FIX]


UPKEEP = ("/problems", "/coming", "/today", "/feedback", "/log")


@pytest.mark.parametrize(
    ("role", "scope", "status"),
    [(STAFF, None, 403), (OFFICE, "sifasuo", 403), (AUDITOR, "sifasuo", 403), (OFFICE, None, 200), (AUDITOR, None, 200)],
)
def test_how_it_runs_is_for_who_sees_the_whole_office(town: Any, role: AccountRole, scope: str | None, status: int) -> None:
    program = Platform(town, "wangmin", role, scope)
    assert [program.get(path).status_code for path in UPKEEP] == [status] * len(UPKEEP)


def test_problems_are_those_of_the_page(town: Any) -> None:
    with town.app.store.write() as db:
        report_problem(db, key="channel:mail", kind="channel", text="邮件渠道连续失败。", now=town.clock.now)
    [found] = Platform(town, "wangmin", OFFICE).get("/problems").json()["items"]
    assert (found["key"], found["text"], found["count"], found["advice"]) == ("channel:mail", "邮件渠道连续失败。", 1, False)
    town.sign_in()
    assert found["text"] in town.get("/problems").text


def test_what_comes_is_said_with_its_text_and_without_the_secret_of_its_links(town: Any) -> None:
    coming = Platform(town, "wangmin", OFFICE).get("/coming").json()
    assert (coming["until"], coming["total"]) == ("2026-04-15", len(coming["items"]))
    first = coming["items"][0]
    assert (first["person"], first["channel"]) == ("chenxia", "outbox")
    links = [link for one in coming["items"] for link in re.findall(r"/t/(\S+)", one["text"])]
    assert set(links) == {"……"}
    assert not ADDRESSES.search(str(coming))
    town.sign_in()
    assert first["subject"] in town.get("/coming").text


def test_what_has_gone_is_filtered_by_its_state_and_read_one_by_one(told: Any) -> None:
    office = Platform(told, "wangmin", OFFICE)
    sent = office.get("/messages", state="sent").json()
    assert sent["total"] == len(sent["items"]) > 0
    assert office.get("/messages", state="failed").json()["total"] == 0
    assert office.get("/messages", state="lost").json()["code"] == "unknown_state"
    number = next(one["ref"] for one in sent["items"] if one["person"] == "chenxia")
    message = office.get(f"/messages/{number}").json()
    assert "study-law:2026-Q1" in message["about"]
    assert "中心组法治专题学习" in message["text"]
    assert "{link:" not in message["text"]
    assert not ADDRESSES.search(str(message))
    assert office.get("/messages/T9901-000001").json()["code"] == "unknown_message"
    today = office.get("/today").json()
    assert (today["last_tick"] is not None, today["failed"], today["waiting"]) == (True, [], [])
    assert [(one["channel"], one["condition"]) for one in today["channels"]] == [("outbox", "open")]


def test_of_another_persons_message_the_history_says_only_that_it_went(told: Any) -> None:
    """As on the page: who may read his own messages learns of a colleague's that it was sent, not what it spoke of."""
    ref = "study-law:2026-Q1"
    both = {}
    for person, role in (("wangmin", STAFF), ("chenxia", STAFF), ("zhangwei", ADMIN)):
        found = Platform(told, person, role).get(f"/occurrences/{ref}").json()["messages"]
        both[person] = next(one for one in found if one["person"] == "chenxia")
    assert (both["wangmin"]["subject"], both["wangmin"]["about"]) == ("", [])
    assert both["wangmin"]["attempts"] == both["chenxia"]["attempts"] != []
    assert both["chenxia"]["subject"].startswith("【法治工作提醒】")
    assert both["chenxia"] == both["zhangwei"]
    number = both["chenxia"]["ref"]
    assert Platform(told, "wangmin", STAFF).get(f"/messages/{number}").status_code == 404
    told.sign_in("wangmin", STAFF)
    page = told.get(f"/o/{ref}").text
    assert (number in page, f"/outbox/{number}" in page, both["chenxia"]["subject"] in page) == (True, False, False)


def test_the_whole_of_one_item_is_there(told: Any) -> None:
    seen = Platform(told, "wangmin", OFFICE).get("/occurrences/study-law:2026-Q1").json()
    assert {one["state"] for one in seen["reminders"]} >= {"sent"}
    assert seen["occurrence"]["overdue"] is True
    assert (seen["occurrence"]["stagnant"], seen["occurrence"]["standing"], seen["occurrence"]["silent"]) == (False, False, False)
    figures = Platform(told, "wangmin", OFFICE).get("/figures", year=2026).json()["whole"]
    assert {"stagnant", "extension_pending", "provisional"} <= set(figures)
