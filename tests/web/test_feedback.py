"""意见建议: an entry on every page, no name demanded, nothing typed lost, and an answer for who signed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from models.gathering import feedback
from planning.access import AccountRole
from reports.problems import open_problems
from tests.web.staff_hands import STUDY, opened

STAFF, LEADER, OFFICE, AUDITOR = AccountRole.STAFF, AccountRole.LEADER, AccountRole.OFFICE, AccountRole.AUDITOR


def rows(town: Any) -> list[Any]:
    with town.app.store.read() as db:
        return list(db.execute(select(feedback).order_by(feedback.c.id)))


def test_every_page_has_the_entry_also_for_who_has_not_signed_in(town: Any) -> None:
    town.sign_out()
    for path in ("/sign-in", "/feedback", "/nothing-here", "/t/" + "a" * 26, opened(town)):
        assert '<a href="/feedback">意见建议</a>' in town.get(path).text, path
    town.sign_in()
    for path in ("/", "/list", "/year/2026", f"/o/{STUDY}", "/me", f"/me/items/{STUDY}", "/feedback/list"):
        assert '<a href="/feedback">意见建议</a>' in town.get(path).text, path


def test_anybody_says_something_without_a_name(town: Any) -> None:
    town.sign_out()
    page = town.get("/feedback").text
    assert ("（可不填）" in page, 'name="signed"' in page) == (True, False)
    answer = town.post("/feedback", data={"text": "提醒太多"})
    assert (answer.status_code, "已收到，谢谢。编号 1" in answer.text) == (200, True)
    [row] = rows(town)
    assert (row.text, row.name, row.contact, row.by, row.ref) == ("提醒太多", "", "", "", "")
    assert "有1条意见或异议还没有答复" in open_problems(town.app.store)[0].text


def test_from_an_items_page_the_objection_names_the_item(town: Any) -> None:
    town.sign_out()
    found = re.search(r'href="(/feedback\?ref=[^"]+)">对这件事项有异议', town.get(opened(town)).text)
    assert found
    page = town.get(found[1]).text
    assert ("对这件事项的异议" in page, f'name="ref" maxlength="100" value="{STUDY}"' in page) == (True, True)
    town.post("/feedback", data={"text": "不该由我们办", "ref": STUDY, "name": "陈霞", "contact": "23456"})
    town.sign_in()
    page = town.get("/feedback/list").text
    for words in ("不该由我们办", "陈霞", "23456", "中心组法治专题学习"):
        assert words in page


def test_who_signed_in_stays_anonymous_unless_he_signs(town: Any) -> None:
    town.sign_in("wangmin", STAFF)
    assert "不勾就是匿名" in town.get("/feedback").text
    town.post("/feedback", data={"text": "一"})
    town.post("/feedback", data={"text": "二", "signed": "1"})
    assert [row.by for row in rows(town)] == ["", "wangmin"]
    town.sign_out()
    town.post("/feedback", data={"text": "三", "signed": "1"})
    assert rows(town)[-1].by == ""


def test_a_look_at_the_form_keeps_nothing(town: Any) -> None:
    town.get("/feedback?ref=x&text=y")
    town.head("/feedback")
    assert rows(town) == []


def test_a_refusal_keeps_what_was_typed(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = {"text": " ", "name": "王敏", "contact": "23456", "ref": STUDY}
    answer = town.post("/feedback", data=typed)
    assert (answer.status_code, "请写明意见" in answer.text) == (409, True)
    for kept in ("王敏", "23456", STUDY):
        assert f'value="{kept}"' in answer.text

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr("web.pages.feedback.give_feedback", locked)
    answer = town.post("/feedback", data={**typed, "text": "留住这句话"})
    assert (answer.status_code, "数据库正忙" in answer.text, "留住这句话" in answer.text) == (503, True, True)


def test_a_double_click_is_one_opinion_and_a_flood_is_slowed_down(town: Any) -> None:
    answers = [town.post("/feedback", data={"text": "提醒太多"}).text for _ in range(2)]
    assert all("编号 1" in answer for answer in answers)
    assert len(rows(town)) == 1
    codes = [town.post("/feedback", data={"text": f"第{number}条"}).status_code for number in range(9)]
    assert codes == [200] * 8 + [429]
    last = town.post("/feedback", data={"text": "写了很久"})
    assert (last.status_code, "写了很久" in last.text) == (429, True)


def test_another_sites_page_says_nothing_here(town: Any) -> None:
    answer = town.post("/feedback", data={"text": "广告"}, headers={"origin": "http://evil.example"})
    assert (answer.status_code, rows(town)) == (403, [])


@pytest.mark.parametrize(
    ("role", "scope", "sees", "answers"),
    [
        (AccountRole.ADMIN, None, 200, 303),
        (LEADER, None, 200, 403),
        (OFFICE, None, 200, 403),
        (AUDITOR, None, 200, 403),
        (OFFICE, "sifasuo", 403, 403),
        (STAFF, None, 403, 403),
    ],
)
def test_who_reads_and_who_answers(town: Any, role: AccountRole, scope: str | None, sees: int, answers: int) -> None:
    town.post("/feedback", data={"text": "提醒太多"})
    town.sign_in("wangmin", role, scope)
    assert town.get("/feedback/list").status_code == sees
    assert ('href="/feedback/list"' in town.get("/feedback").text) == (sees == 200)
    sent = {"code": town.form_code("wangmin"), "answer": "已改"}
    assert town.post("/feedback/1/answer", data=sent).status_code == answers


def test_the_answer_is_kept_the_problem_ends_and_who_signed_reads_it(town: Any) -> None:
    town.sign_in("wangmin", STAFF)
    town.post("/feedback", data={"text": "提醒太多", "signed": "1"})
    town.sign_in()
    empty = town.post("/feedback/1/answer", data={"code": town.form_code(), "answer": " "})
    assert (empty.status_code, "请写明答复" in empty.text) == (409, True)
    assert town.post("/feedback/1/answer", data={"code": town.form_code(), "answer": "已合成一封。"}).status_code == 303
    assert [one.kind for one in open_problems(town.app.store)] == []
    again = town.post("/feedback/1/answer", data={"code": town.form_code(), "answer": "写了很久的另一个答复"})
    assert (again.status_code, "已经答复过" in again.text, "写了很久的另一个答复" in again.text) == (409, True, True)
    town.sign_in("wangmin", STAFF)
    assert "张伟答复：已合成一封。" in town.get("/me").text


def test_no_answer_without_the_forms_code(town: Any) -> None:
    town.post("/feedback", data={"text": "提醒太多"})
    assert town.post("/feedback/1/answer", data={"answer": "已改"}).status_code == 403
    assert rows(town)[0].answered_at is None


def test_a_long_list_has_pages(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.feedback.PAGE_SIZE", 2)
    for number in range(3):
        town.post("/feedback", data={"text": f"第{number}条"})
    assert "第 1/2 页" in town.get("/feedback/list").text
    assert "第2条" in town.get("/feedback/list?page=2").text
    assert town.get("/feedback/list?page=x").status_code == 200


def test_what_somebody_wrote_stays_as_it_was_written_in_english_too(town: Any) -> None:
    town.post("/feedback", data={"text": "已办结"})
    town.get("/language/en")
    page = town.get("/feedback/list").text
    assert "已办结" in page
    assert '<html lang="en">' in page
