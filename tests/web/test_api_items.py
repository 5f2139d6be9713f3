"""临时交办 by a program: the fields come one by one, the file stays the source, and the plan has it at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from config.editing.adhoc import FILE
from config.office import read_office
from config.security_log import SecurityLog
from planning.access import AccountRole
from services.plan import plan
from tests.web.county_platform import API, Platform

OFFICE, STAFF, LEADER, AUDITOR = AccountRole.OFFICE, AccountRole.STAFF, AccountRole.LEADER, AccountRole.AUDITOR
ITEM = {"title": "报送排查表", "owner": "person:wangmin", "due_on": "2026-04-20"}


def written(town: Any) -> int:
    """Items in the file."""
    path = town.app.home / FILE
    return path.read_text("utf-8").count("key: adhoc-") if path.exists() else 0


@pytest.fixture
def office(town: Any) -> Platform:
    return Platform(town, "chenxia", OFFICE)


def test_an_item_is_in_the_file_and_in_the_plan_and_its_people_are_named(town: Any, office: Platform) -> None:
    answer = office.post(
        "/items", **ITEM, partners=["person:chenxia", "person:chenxia"], source="县委依法治县办", note="按附件填\n两份"
    )
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert (said["file"], said["key"], said["ref"]) == (FILE, "adhoc-2026-001", "adhoc-2026-001:临时-2026-001")
    assert (said["owners"], said["partners"], said["overseer"]) == (["王敏"], ["person:chenxia"], "role:分管领导")
    assert (said["due_on"], said["workdays_left"], said["planned"], said["again"]) == ("2026-04-20", 8, True, False)
    assert read_office(town.app.home, environ={}).problems == ()
    seen = office.get(f"/occurrences/{said['ref']}").json()
    assert {(one["person"], one["role"]) for one in seen["assignments"]} == {
        ("wangmin", "owner"),
        ("chenxia", "partner"),
        ("zhangjun", "overseer"),
    }
    assert (seen["duty"]["basis"], seen["duty"]["note"]) == ("县委依法治县办", "按附件填\n两份")
    newest = SecurityLog(town.app.home / "logs").newest(1)[0]
    assert (newest.event, newest.outcome, newest.actor) == ("files", "ok", "chenxia")


def test_the_same_item_again_is_the_one_that_is_there(town: Any, office: Platform) -> None:
    first, again = office.post("/items", **ITEM).json(), office.post("/items", **ITEM, note="又说了一遍").json()
    assert (again["ref"], again["again"]) == (first["ref"], True)
    assert written(town) == 1


def test_a_deadline_in_the_papers_words_is_read_as_a_page_reads_it(office: Platform) -> None:
    said = office.post("/items", title="整理台账", owner="unit:sifasuo", due="4月20日前").json()
    assert (said["due_on"], said["owners"]) == ("2026-04-17", ["王敏"])
    assert "不含4月20日当天" in said["explanation"]


@pytest.mark.parametrize(("overseer", "named"), [("", ""), ("role:分管领导", "role:分管领导"), (None, "role:分管领导")])
def test_who_is_told_when_it_is_overdue_is_said_or_the_usual_one(office: Platform, overseer: str | None, named: str) -> None:
    assert office.post("/items", **ITEM, overseer=overseer).json()["overseer"] == named


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"due_on": "2026-04-07"}, "due_past"),
        ({"due_on": None, "due": "昨天下班前"}, "due_unreadable"),
        ({"due_on": None, "due": "尽快"}, "due_unreadable"),
        ({"owner": "person:nobody"}, "unknown_party"),
        ({"owner": "unit:each"}, "unknown_party"),
        ({"partners": ["role:没有这个岗位"]}, "unknown_party"),
        ({"overseer": "person:fenggang"}, "unknown_party"),
        ({"title": " \u200b "}, "text_missing"),
    ],
)
def test_what_a_page_would_not_take_is_refused_and_nothing_is_written(
    town: Any, office: Platform, changed: dict[str, Any], code: str
) -> None:
    refused = office.post("/items", **(ITEM | changed))
    assert (refused.status_code, refused.json()["code"]) == (409, code)
    assert not (town.app.home / FILE).exists()


def test_one_deadline_is_given_and_not_two_or_none(office: Platform) -> None:
    for wrong in ({"due": "周五"}, {"due_on": None}, {"due_on": "20日"}, {"owner": "王敏"}, {"kind": "study"}):
        assert office.post("/items", **(ITEM | wrong)).status_code == 422, wrong


def test_an_office_gives_work_to_its_own_only_and_a_leader_to_anybody(town: Any) -> None:
    clerk = Platform(town, "chenxia", OFFICE, "sifasuo")
    for owner in ("person:fenggang", "unit:huilong", "role:主要领导"):
        refused = clerk.post("/items", **(ITEM | {"owner": owner}))
        assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed"), owner
    assert clerk.post("/items", **ITEM, partners=["person:fenggang"]).status_code == 403
    assert written(town) == 0
    assert clerk.post("/items", **ITEM).status_code == 200
    assert Platform(town, "liguoqiang", LEADER).post("/items", **(ITEM | {"owner": "person:fenggang"})).status_code == 200


@pytest.mark.parametrize("role", [STAFF, AUDITOR])
def test_who_may_not_add_an_item_is_refused(town: Any, role: AccountRole) -> None:
    refused = Platform(town, "wangmin", role).post("/items", **ITEM)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert written(town) == 0


def test_an_item_of_a_later_year_is_written_and_comes_into_the_plan_when_its_year_does(town: Any, office: Platform) -> None:
    said = office.post("/items", **(ITEM | {"due_on": "2028-03-06"})).json()
    assert (said["planned"], written(town)) == (False, 1)
    assert office.get(f"/occurrences/{said['ref']}").status_code == 404


def test_what_the_plan_could_not_take_is_taken_by_the_same_call_again(
    town: Any, office: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*town_and_basis: Any, **how: Any) -> Any:
        if how.get("dry_run"):
            return plan(*town_and_basis, **how)
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    with monkeypatch.context() as patch:
        patch.setattr("web.file_change.plan", busy)
        first = office.post("/items", **ITEM)
    assert (first.status_code, first.json()["code"]) == (503, "not_planned")
    assert "已经写进文件" in first.json()["message"]
    second = office.post("/items", **ITEM)
    assert (second.status_code, second.json()["again"], written(town)) == (200, False, 1)
    assert office.get(f"/occurrences/{second.json()['ref']}").status_code == 200


def test_a_big_change_that_waits_in_the_files_is_not_made_by_the_way(town: Any, office: Platform) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("rule: {day: 28}", "rule: {weekly: 周五}"), "utf-8")
    refused = office.post("/items", **ITEM)
    assert (refused.status_code, refused.json()["code"], written(town)) == (409, "many_changes", 0)


def test_files_that_make_no_sense_are_said_plainly_and_stay_as_they_are(town: Any, office: Platform) -> None:
    for spoilt in ("suishi.yaml", FILE):
        path = town.app.home / spoilt
        before = path.read_text("utf-8") if path.exists() else None
        path.write_text("duties: [", "utf-8")
        refused = office.post("/items", **ITEM)
        assert refused.status_code == 409, refused.text
        assert set(refused.json()) == {"code", "message"}
        assert path.read_text("utf-8") == "duties: ["
        path.unlink() if before is None else path.write_text(before, "utf-8")
        town.app.reload()
    assert office.post("/items", **ITEM).status_code == 200


def test_an_opinion_is_handed_in_read_and_answered(town: Any) -> None:
    staff = Platform(town, "chenxia", STAFF)
    number = staff.post("/feedback", text="提醒太多", ref="study-law:2026-Q2", signed=True).json()["number"]
    assert staff.post("/feedback", text="提醒太多", ref="study-law:2026-Q2", signed=True).json()["number"] == number
    assert staff.post("/feedback", text="匿名的话").status_code == 200
    assert (staff.get("/feedback").status_code, staff.post(f"/feedback/{number}/answer", answer="x").status_code) == (403, 403)
    leader = Platform(town, "zhangjun", LEADER)
    assert leader.post(f"/feedback/{number}/answer", answer="x").status_code == 403
    listed = leader.get("/feedback").json()
    assert (listed["total"], listed["waiting"]) == (2, 2)
    assert [(one["name"], one["title"]) for one in listed["items"]] == [("陈霞", "中心组法治专题学习"), ("", "")]
    admin = Platform(town, "zhangwei", AccountRole.ADMIN)
    assert admin.post(f"/feedback/{number}/answer", answer="已减为每日一封").json() == {"number": number}
    refused = admin.post(f"/feedback/{number}/answer", answer="另一个答复")
    assert (refused.status_code, refused.json()["code"]) == (409, "already_answered")
    assert admin.post("/feedback/99/answer", answer="x").json()["code"] == "unknown_feedback"
    assert admin.get("/feedback").json()["waiting"] == 1


def test_one_account_hands_in_no_more_opinions_than_one_address_may(town: Any) -> None:
    staff = Platform(town, "chenxia", STAFF)
    given = [staff.post("/feedback", text=f"第{number}条").status_code for number in range(11)]
    assert given == [200] * 10 + [429]
    headers = {"Authorization": f"Bearer {staff.token}"}
    assert town.get(f"{API}/mine", headers=headers).status_code == 200
