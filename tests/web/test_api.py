"""A county platform reads the township's ledger and records into it, with the rights of one account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from config.security_log import SecurityLog
from planning.access import AccountRole
from services.accounts import disable
from tests.web.county_platform import API, Platform
from tests.web.staff_hands import STUDY


@pytest.fixture
def office(town: Any) -> Platform:
    return Platform(town, "wangmin", AccountRole.OFFICE)


def test_the_list_the_history_and_the_figures_say_what_the_pages_say(town: Any, office: Platform) -> None:
    page = office.get("/occurrences", kind="study", due_from="2026-01-01", due_to="2026-12-31").json()
    assert page["total"] == 4
    assert [one["ref"] for one in page["items"]] == [f"study-law:2026-Q{n}" for n in (1, 2, 3, 4)]
    seen = office.get(f"/occurrences/{STUDY}").json()
    assert seen["occurrence"]["title"] == "中心组法治专题学习"
    assert {one["person"] for one in seen["assignments"]} >= {"chenxia", "zhangjun"}
    figures = office.get("/figures", year=2026).json()
    town.sign_in()
    shown = re.sub(r"<[^>]+>", "", town.get("/?year=2026").text)
    assert f"全年共 {figures['whole']['total']} 项" in shown


def test_what_a_program_records_names_the_doer_and_the_account_behind_it(office: Platform) -> None:
    said = {"by": "chenxia", "done_on": "2026-04-07", "measures": {"场次": 1, "人次": 30}, "note": "已开展"}
    written = office.post(f"/occurrences/{STUDY}/done", **said)
    assert written.status_code == 200, written.text
    done = office.get(f"/occurrences/{STUDY}").json()
    completion = done["completions"][0]
    assert (completion["by"], completion["recorded_by"], completion["via"]) == ("chenxia", "wangmin", "program")
    assert done["entries"][-1]["seq"] == written.json()["seq"]
    assert done["entries"][-1]["code"] == written.json()["code"]


def test_the_same_call_twice_records_once_and_says_who_did_it(office: Platform) -> None:
    said = {"by": "chenxia", "done_on": "2026-04-07", "measures": {"场次": 1}}
    assert office.post(f"/occurrences/{STUDY}/done", **said).status_code == 200
    again = office.post(f"/occurrences/{STUDY}/done", **said)
    assert (again.status_code, again.json()["code"]) == (409, "already_done")
    assert "陈霞" in again.json()["message"]
    assert "suishi " not in again.json()["message"]
    assert len(office.get(f"/occurrences/{STUDY}").json()["completions"]) == 1


def test_every_write_has_its_answer(office: Platform) -> None:
    extended = office.post(f"/occurrences/{STUDY}/extend", by="chenxia", to="2026-07-10", reason="领导出差")
    assert extended.status_code == 200, extended.text
    handed = office.post(f"/occurrences/{STUDY}/hand-over", to="wangmin", reason="分工调整")
    assert handed.status_code == 200, handed.text
    assert office.post(f"/occurrences/{STUDY}/waive", reason="上级取消").status_code == 200
    assert office.post(f"/occurrences/{STUDY}/reopen", reason="又恢复了").status_code == 200
    kinds = [one["kind"] for one in office.get(f"/occurrences/{STUDY}").json()["entries"]]
    assert kinds[-4:] == ["extended", "handed_over", "waived", "reopened"]


def test_a_program_does_what_its_account_may_and_no_more(town: Any) -> None:
    village = Platform(town, "fenggang", AccountRole.OFFICE, scope="huilong")
    assert village.get("/occurrences").json()["total"] == 0
    assert village.get(f"/occurrences/{STUDY}").status_code == 403
    assert village.post(f"/occurrences/{STUDY}/done", by="chenxia", done_on="2026-04-07").status_code == 403
    assert village.get("/log").status_code == 403
    auditor = Platform(town, "liguoqiang", AccountRole.AUDITOR)
    assert auditor.get("/log").status_code == 200
    assert auditor.post(f"/occurrences/{STUDY}/waive", reason="x").status_code == 403
    staff = Platform(town, "chenxia", AccountRole.STAFF)
    assert staff.post(f"/occurrences/{STUDY}/done", by="wangmin", done_on="2026-04-07").status_code == 403
    assert staff.post(f"/occurrences/{STUDY}/done", by="chenxia", done_on="2026-04-07", measures={"场次": 1}).status_code == 200


def test_what_a_program_is_refused_stands_in_the_security_log_as_a_persons_refusals_do(town: Any) -> None:
    Platform(town, "liguoqiang", AccountRole.AUDITOR).post(f"/occurrences/{STUDY}/waive", reason="x")
    Platform(town, "fenggang", AccountRole.STAFF, "huilong").get(f"/occurrences/{STUDY}")
    found = SecurityLog(town.app.home / "logs").newest(2)
    assert [(one.event, one.outcome, one.actor) for one in found] == [
        ("refused", "not_allowed", "fenggang"),
        ("refused", "not_allowed", "liguoqiang"),
    ]
    assert found[1].about == f"{API}/occurrences/{STUDY}/waive"


def test_no_token_a_wrong_one_one_that_is_over_and_one_of_an_ended_account_open_nothing(town: Any, office: Platform) -> None:
    assert town.get(f"{API}/occurrences").status_code == 401
    assert town.get(f"{API}/occurrences", headers={"Authorization": "Bearer nothing"}).status_code == 401
    assert town.get(f"{API}/occurrences", headers={"Authorization": f"Basic {office.token}"}).status_code == 401
    disable(town.app.store, "wangmin", now=town.clock.now)
    assert office.get("/occurrences").status_code == 401
    other = Platform(town, "liguoqiang", AccountRole.AUDITOR)
    town.clock.now += timedelta(days=91)
    assert other.get("/occurrences").status_code == 401


def test_a_session_of_a_browser_opens_no_call_and_a_token_opens_no_page(town: Any, office: Platform) -> None:
    town.sign_in()
    assert town.get(f"{API}/occurrences").status_code == 401
    town.sign_out()
    assert town.get("/list", headers={"Authorization": f"Bearer {office.token}"}).status_code == 303


def test_what_cannot_be_read_is_told_with_its_place(office: Platform) -> None:
    strange = office.post(f"/occurrences/{STUDY}/done", by="chenxia", done_on="morgen", more="x")
    assert strange.status_code == 422
    assert "done_on" in strange.json()["message"]
    assert "more" in strange.json()["message"]
    assert office.get("/occurrences", state="lost").json()["code"] == "unknown_state"
    assert office.get("/occurrences/nothing:2026").json()["code"] == "unknown_occurrence"
    assert office.get("/nothing").status_code == 404


def test_the_description_lists_every_call_and_what_it_may_answer(town: Any) -> None:
    described = town.get(f"{API}/openapi.json").json()
    assert len(described["paths"]) == 33
    assert set(described["paths"]["/occurrences/{ref}/done"]["post"]["requestBody"]["content"]) == {
        "application/json",
        "multipart/form-data",
    }
    for path, calls in described["paths"].items():
        for call in calls.values():
            assert {"200", "401", "403", "404", "422", "429", "503"} <= set(call["responses"]), path


def test_keys_are_made_and_ended_on_a_page_and_shown_once(town: Any) -> None:
    sent = {"code": town.form_code(), "person": "zhangwei", "note": "县级平台", "lasts": "90"}
    page = town.post("/programs", data=sent).text
    token = page.partition('密钥（只显示这一次）：</p><p class="code">')[2].partition("<")[0]
    assert len(token) == 32
    asked = {"Authorization": f"Bearer {token}"}
    assert town.get(f"{API}/figures", headers=asked).status_code == 200
    listed = town.get("/programs").text
    assert "县级平台" in listed
    assert token not in listed
    number = listed.partition('name="id" value="')[2].partition('"')[0]
    town.post("/programs/revoke", data={"code": town.form_code(), "id": number})
    assert town.get(f"{API}/figures", headers=asked).status_code == 401


def test_having_a_part_in_it_is_not_to_do_it(town: Any) -> None:
    """What the page offers each role is what its program may do: nobody grows by having a key."""
    overseer = Platform(town, "zhangjun", AccountRole.STAFF)
    assert overseer.post(f"/occurrences/{STUDY}/extend", by="zhangjun", to="2026-07-10", reason="x").status_code == 403
    assert overseer.post(f"/occurrences/{STUDY}/hand-over", to="zhangjun", reason="x").status_code == 403
    verifier = Platform(town, "chenxia", AccountRole.STAFF)
    assert verifier.post("/occurrences/fix:整改-007/done", by="chenxia", done_on="2026-04-07").status_code == 403
    elsewhere = Platform(town, "zhangjun", AccountRole.OFFICE, scope="huilong")  # he oversees it, and it is none of his units'
    assert elsewhere.post(f"/occurrences/{STUDY}/waive", reason="x").status_code == 403
    assert elsewhere.post(f"/occurrences/{STUDY}/done", by="fenggang", done_on="2026-04-07").status_code == 403


def test_whose_part_has_ended_takes_it_back_no_more(town: Any) -> None:
    holder = Platform(town, "chenxia", AccountRole.STAFF)
    assert holder.post(f"/occurrences/{STUDY}/hand-over", to="wangmin", reason="分工调整").status_code == 200
    assert holder.post(f"/occurrences/{STUDY}/hand-over", to="chenxia", reason="又要回来").status_code == 403


def test_nothing_goes_to_who_has_left(town: Any, office: Platform) -> None:
    path = town.app.home / "people.yaml"
    left = path.read_text(encoding="utf-8").replace("key: fenggang,", "key: fenggang, left_on: 2026-03-01,")
    path.write_text(left, encoding="utf-8")
    town.app.reload()
    refused = office.post(f"/occurrences/{STUDY}/hand-over", to="fenggang", reason="分工调整")
    assert (refused.status_code, refused.json()["code"]) == (409, "person_left")


def test_a_stranger_may_not_fill_the_memory(town: Any) -> None:
    flood = '{"by":[' + "[]," * 40_000 + "[]]}"
    answer = town.post(f"{API}/occurrences/{STUDY}/done", content=flood, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_much")


def test_what_nobody_sees_is_refused_before_the_database_is_asked(office: Platform) -> None:
    for path, field in (("/occurrences", "text"), ("/occurrences", "person"), ("/occurrences", "unit"), ("/messages", "person")):
        refused = office.get(path, **{field: "chen\0xia"})
        assert (refused.status_code, field in refused.json()["message"]) == (422, True)
    assert office.get("/occurrences/study-law%00:2026-Q2").json()["code"] == "unknown_occurrence"
    assert office.post("/occurrences/study-law%00:2026-Q2/reopen", reason="x").json()["code"] == "unknown_occurrence"
