"""The same page for who signed in: his own items, those of whom he stands in for, and records for colleagues."""

from __future__ import annotations

import errno
import re
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import OperationalError

from models.occurrence import assignments
from planning.access import AccountRole
from services.change import waive
from tests.web.staff_hands import (
    FIX,
    PDF,
    STUDY,
    add_duty,
    code,
    done_rows,
    entries,
    opened,
    part,
    press,
    row,
    said,
    set_up,
    signed_in,
    stands_in,
)

OFFICE, STAFF, LEADER, AUDITOR = AccountRole.OFFICE, AccountRole.STAFF, AccountRole.LEADER, AccountRole.AUDITOR
DONE = {"done_on": "2026-04-07", "m-0": "1"}
SECRET = (
    "{key: secret, kind: routine, title: 信访件办理, owner: person:wangmin, login_required: true, "
    "period: 信访-001, rule: {on: 2026-05-29}}"
)


def offered(town: Any, address: str) -> set[str]:
    """The forms on the page."""
    return set(re.findall(rf'action="{re.escape(address)}/([a-z-]+)"', unquote(town.get(address).text)))


def test_the_owner_records_his_own_item_without_a_link(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    answer = press(town, address, note="学习民法典", files={"files": PDF}, **DONE, **{"m-1": "36"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/items/study-law%3A2026-Q2?done=1")
    page = town.get(address).text
    assert ("已办结" in page, "学习民法典" in page, "签到表.pdf" in page, "登记人" in page) == (True, True, True, False)
    [done] = done_rows(town)
    assert (done.by, done.recorded_by, done.via, done.measures) == ("chenxia", "chenxia", "page", {"场次": 1, "人次": 36})


@pytest.mark.parametrize(
    ("person", "ref", "rights", "forms"),
    [
        ("chenxia", STUDY, {"role": STAFF}, {"done", "acknowledge", "extend", "hand-over", "snooze"}),
        ("chenxia", FIX, {"role": STAFF}, {"snooze"}),  # she signs it off when it is done
        ("zhangjun", STUDY, {"role": LEADER}, set()),
        ("wangmin", STUDY, {"role": OFFICE, "scope": "sifasuo"}, {"done", "extend", "hand-over", "waive"}),
        ("zhangwei", STUDY, {}, {"done", "extend", "hand-over", "waive"}),
    ],
)
def test_the_page_offers_what_each_may_do(town: Any, person: str, ref: str, rights: Any, forms: set[str]) -> None:
    assert offered(town, signed_in(town, person, ref, **rights)) == forms


@pytest.mark.parametrize(
    ("person", "rights"),
    [
        ("wangmin", {"role": STAFF}),  # a colleague of the owner's, nothing more
        ("fenggang", {"role": OFFICE, "scope": "huilong"}),  # another unit's clerk
        ("fenggang", {"role": LEADER}),
        ("zhangwei", {"role": AUDITOR}),
    ],
)
def test_whoever_has_no_part_and_no_right_neither_sees_nor_sends_a_form(town: Any, person: str, rights: Any) -> None:
    address = signed_in(town, person, **rights)
    assert town.get(address).status_code == 403
    before = row(town)
    for form in ("done", "acknowledge", "extend", "hand-over", "snooze", "withdraw", "decide", "sign-off", "waive", "reopen"):
        answer = town.post(f"{address}/{form}", data={"code": town.form_code(person), **DONE, "reason": "试试", "by": "chenxia"})
        assert answer.status_code == 403, form
    assert row(town) == before


def test_a_session_has_its_sign_in_sheet_one_press_away(town: Any) -> None:
    page = town.get(signed_in(town, "chenxia", role=STAFF)).text
    found = re.search(r'href="(/gather/[^"]+)">签到表', page)
    assert found
    assert town.get(found[1]).status_code == 200


def test_who_has_not_signed_in_is_sent_to_the_door_and_comes_back(town: Any) -> None:
    town.sign_out()
    answer = town.get(f"/me/items/{STUDY}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fme%2Fitems%2Fstudy-law%3A2026-Q2")


def test_what_is_no_item_is_not_found(town: Any) -> None:
    assert town.get("/me/items/nothing:2026").status_code == 404
    assert town.get("/me/items/nothing").status_code == 404


def test_without_the_forms_code_nothing_is_recorded(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    for sent in ({}, {"code": "0" * 64}, {"code": town.form_code("wangmin")}):
        assert town.post(f"{address}/done", data={**DONE, **sent}).status_code == 403
    assert row(town).state == "open"


# In the name of others


def test_the_office_records_for_a_colleague_and_both_are_named(town: Any) -> None:
    address = signed_in(town, "wangmin", role=OFFICE, scope="sifasuo")
    assert "由您代为登记" in town.get(address).text
    assert press(town, address, by="chenxia", note="陈霞电话告知", **DONE).status_code == 303
    [done] = done_rows(town)
    assert (done.by, done.by_name, done.recorded_by, done.via) == ("chenxia", "陈霞", "wangmin", "page")
    page = town.get(address).text
    assert ("登记人" in page, "王敏（由您代为登记）" in page) == (True, True)
    assert "王敏登记办结（网页）：陈霞于2026年4月7日完成" in town.get(f"/o/{STUDY}").text


def test_where_there_are_several_the_recorder_chooses_among_them_and_their_stand_ins(town: Any) -> None:
    stands_in(town, "chenxia", "fenggang")
    town.sign_in()
    press(town, f"/me/items/{STUDY}", "hand-over", to="chenxia", by="chenxia", reason="试")  # refused: she has it already
    page = town.get(f"/me/items/{STUDY}").text
    chooser = page[page.index('name="by"') : page.index("</select>")]
    assert re.findall(r'<option value="(\w*)"[^>]*>([^<]+)', chooser) == [
        ("", "请选择"),
        ("chenxia", "陈霞（承办）"),
        ("fenggang", "冯刚（代陈霞）"),
    ]
    giving = page[page.index("从谁手里转交") :]
    assert ("冯刚（代陈霞）" in giving, "陈霞" in giving) == (False, True)  # a stand-in has no part to give away
    refused = press(town, f"/me/items/{STUDY}", note="谁办的呢", **DONE)
    assert (refused.status_code, "请选择是谁办理的" in refused.text, "谁办的呢" in refused.text) == (409, True, True)
    assert press(town, f"/me/items/{STUDY}", by="fenggang", **DONE).status_code == 303
    [done] = done_rows(town)
    assert (done.by, done.by_name, done.recorded_by) == ("fenggang", "冯刚", "zhangwei")


def test_nobody_is_recorded_who_has_no_part_in_it(town: Any) -> None:
    address = signed_in(town, "zhangwei")
    for stranger in ("fenggang", "zhangwei", "zhangjun", "nobody"):  # the last but one oversees and does not do it
        assert press(town, address, by=stranger, **DONE).status_code == 409
    assert row(town).state == "open"


def test_an_owner_records_in_nobody_elses_name(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    assert press(town, address, by="wangmin", **DONE).status_code == 409
    assert row(town).state == "open"


def test_who_only_helps_is_told_whose_it_is_before_he_records(town: Any) -> None:
    help_with(town, "wangmin", "王敏")
    town.clock.now = datetime(2026, 6, 20, 1, 0, tzinfo=UTC)
    for address, mine in come_as_helper(town):
        assert "您是配合人；登记后这件事即为办结，承办人是陈霞。" in town.get(address).text
        rows = [row for row in town.get(mine).text.split("<tr>") if "中心组法治专题学习" in row]
        assert [("责任人：陈霞" in row, '<span class="tag plain">配合</span>' in row) for row in rows] == [(True, True)]
    for address in (opened(town), signed_in(town, "chenxia", role=STAFF)):
        assert "您是配合人" not in town.get(address).text


def come_as_helper(town: Any) -> Iterator[tuple[str, str]]:
    """The item's page and the list, by a link and signed in."""
    address = opened(town, STUDY, "wangmin", "partner")
    yield address, f"{address}/mine"
    yield signed_in(town, "wangmin", role=STAFF), "/me"


def help_with(town: Any, person: str, name: str) -> None:
    """Give somebody a part beside the owner's."""
    part = {"occurrence_id": row(town).id, "person": person, "name": name, "role": "partner", "active": True, "handed": False}
    with town.app.store.write() as db:
        db.execute(insert(assignments), {**part, "since": town.clock.now})


def test_the_office_hands_over_asks_for_a_later_day_and_takes_that_back_for_a_colleague(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    address = signed_in(town, "wangmin", role=OFFICE, scope="sifasuo")
    asked = press(town, address, "extend", to="2026-07-10", reason="陈霞出差", by="chenxia")
    assert "已提交延期申请，拟延至 2026-07-10" in asked.text
    assert "已撤回延期申请" in press(town, address, "withdraw", by="chenxia").text
    answer = press(town, address, "hand-over", to="fenggang", reason="陈霞休假", by="chenxia")
    assert "已转交冯刚" in answer.text
    kinds = [(one.kind, one.actor, said(one)["by"], said(one).get("recorded_by")) for one in entries(town)]
    assert kinds == [
        ("extension_asked", "wangmin", "chenxia", "wangmin"),
        ("extension_withdrawn", "wangmin", "chenxia", "wangmin"),
        ("handed_over", "wangmin", "chenxia", "wangmin"),
    ]
    assert part(town, STUDY, "fenggang", "owner").active


def test_a_clerk_puts_off_nobodys_reminders_and_receives_for_nobody(town: Any) -> None:
    address = signed_in(town, "zhangwei")
    for form, typed in (("snooze", {"until": "2026-04-09"}), ("acknowledge", {})):
        answer = press(town, address, form, by="chenxia", **typed)
        assert (answer.status_code, "不能在这里办这一步" in answer.text) == (403, True), form
    assert entries(town) == []


def test_a_stand_in_signs_in_and_does_it_in_the_others_place(town: Any) -> None:
    stands_in(town, "chenxia", "fenggang")
    address = signed_in(town, "fenggang", role=STAFF)
    assert "冯刚您好，您正在代陈霞办理" in town.get(address).text
    press(town, address, "acknowledge")
    assert press(town, address, **DONE).status_code == 303
    [done] = done_rows(town)
    assert (done.by, done.recorded_by, done.via) == ("chenxia", "fenggang", "page")
    assert [(one.kind, one.actor, said(one)["by"]) for one in entries(town)] == [
        ("acknowledged", "fenggang", "chenxia"),
        ("done", "fenggang", "chenxia"),
    ]
    town.clock.now = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)
    assert town.get(signed_in(town, "fenggang", role=STAFF)).status_code == 403


# Deciding and signing off


def test_the_overseer_decides_signed_in_as_behind_his_link(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    press(town, signed_in(town, "chenxia", role=STAFF), "extend", to="2026-07-10", reason="讲课老师出差")
    address = signed_in(town, "zhangjun", role=LEADER)
    refused = press(town, address, "decide", verdict="refuse", to="2026-07-10", answer="")
    assert (refused.status_code, "请写明不批准的原因" in refused.text) == (409, True)
    answer = press(town, address, "decide", verdict="approve", to="2026-07-08", answer="抓紧")
    assert "已批准延期到 2026-07-08" in answer.text
    assert row(town).due_on == date(2026, 7, 8)
    assert (entries(town)[-1].actor, entries(town)[-1].via) == ("zhangjun", "page")


def test_nobody_but_the_admin_decides_what_has_no_decider(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    press(town, signed_in(town, "wangmin", FIX, role=STAFF), "extend", to="2026-07-10", reason="材料未到")
    assert "decide" not in offered(town, signed_in(town, "zhangjun", FIX))  # an admin by account, not the office's admin
    address = signed_in(town, "zhangwei", FIX)
    assert "decide" in offered(town, address)
    assert "已批准延期到 2026-07-10" in press(town, address, "decide", verdict="approve", to="2026-07-10").text


def test_what_changed_while_the_page_stood_open_is_not_decided_unseen(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    owner = opened(town)
    press(town, owner, "extend", to="2026-07-10", reason="讲课老师出差")
    overseer = opened(town, STUDY, "zhangjun", "overseer")
    page = town.get(overseer)
    seen = re.findall(r'name="seen" value="(\d+)"', page.text)[0]
    press(town, owner, "withdraw")
    press(town, owner, "extend", to="2026-12-31", reason="不办了")
    sent = {"code": code(page), "seen": seen, "verdict": "approve", "to": "2026-07-10", "answer": "同意"}
    answer = town.post(f"{overseer}/decide", data=sent)
    assert (answer.status_code, "您看到的已不是最新内容" in answer.text, "不办了" in answer.text) == (409, True, True)
    assert 'value="同意"' in answer.text
    assert row(town).due_on == date(2026, 6, 30)


def test_the_verifier_signs_off_signed_in(town: Any) -> None:
    press(town, signed_in(town, "zhangwei", FIX), by="wangmin", done_on="2026-04-08")
    address = signed_in(town, "chenxia", FIX, role=STAFF)
    assert "sign-off" in offered(town, address)
    assert press(town, address, "sign-off", note="现场看过").status_code == 303
    assert "已销号" in town.get(address).text
    town.post(f"{address}/sign-off", data={"code": town.form_code("chenxia")})
    assert [one.kind for one in entries(town, FIX)] == ["done", "signed_off"]


def test_who_recorded_it_for_the_doer_does_not_sign_it_off(town: Any) -> None:
    address = signed_in(town, "chenxia", FIX, role=OFFICE, scope="sifasuo")
    assert press(town, address, by="wangmin", done_on="2026-04-08").status_code == 303
    answer = press(town, address, "sign-off", note="现场看过")
    assert (answer.status_code, "不能由本人销号" in answer.text, "现场看过" in answer.text) == (409, True, True)
    assert row(town, FIX).signed_off_at is None


def test_where_no_verifier_is_named_who_oversees_signs_off(town: Any) -> None:
    add_duty(
        town,
        "{key: mend, kind: rectification, title: 整改台账, owner: person:wangmin, overseer: role:分管领导, sign_off: true, "
        "period: 整改-008, rule: {on: 2026-06-30}}",
    )
    ref = "mend:整改-008"
    press(town, signed_in(town, "wangmin", ref, role=STAFF), done_on="2026-04-08")
    assert press(town, signed_in(town, "zhangjun", ref, role=LEADER), "sign-off").status_code == 303
    assert row(town, ref).signed_off_at is not None


# Taking back, reopening, waiving


def test_a_slip_is_taken_back_for_ten_minutes_by_who_recorded_it(town: Any) -> None:
    address = signed_in(town, "wangmin", role=OFFICE, scope="sifasuo")
    press(town, address, by="chenxia", **DONE)
    assert "撤销（10 分钟内）" in town.get(address).text
    town.clock.now += timedelta(minutes=9)
    answer = press(town, address, "undo", reason="点错了")
    assert answer.status_code == 303
    assert "已撤销，可重新登记" in town.get(answer.headers["location"]).text
    last = entries(town)[-1]
    assert (last.kind, last.actor, said(last)["by"]) == ("reopened", "wangmin", "wangmin")


def test_what_was_recorded_is_confirmed_and_a_page_opened_anew_says_the_same(town: Any) -> None:
    for come in (opened, lambda town: signed_in(town, "chenxia", role=STAFF)):
        address = come(town)
        answer = press(town, address, **DONE)
        for _ in range(2):
            page = town.get(answer.headers["location"]).text
            assert '<div class="note good" role="alert"><p>已登记办结。' in page
        assert 'name="reason" required maxlength="200" value="填错了"' in page
        assert "已登记办结。" not in town.get(address).text
        press(town, address, "undo", reason="点错了")
        assert "已登记办结。" not in town.get(answer.headers["location"]).text  # it does not stand so any more


def test_after_ten_minutes_or_by_another_it_is_not_taken_back_so(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    press(town, address, **DONE)
    town.clock.now += timedelta(minutes=11)
    assert "撤销（10 分钟内）" not in town.get(address).text
    late = town.post(f"{address}/undo", data={"code": town.form_code("chenxia"), "reason": "点错了"})
    assert (late.status_code, "已过10分钟" in late.text, "点错了" in late.text) == (409, True, True)
    town.clock.now -= timedelta(minutes=10)
    assert "undo" not in offered(town, signed_in(town, "wangmin", role=OFFICE, scope="sifasuo"))
    assert row(town).state == "done"


def test_what_happened_meanwhile_ends_the_ten_minutes(town: Any) -> None:
    press(town, signed_in(town, "wangmin", FIX, role=STAFF), done_on="2026-04-08")
    press(town, signed_in(town, "chenxia", FIX, role=STAFF), "sign-off", note="看过")
    assert "undo" not in offered(town, signed_in(town, "wangmin", FIX, role=STAFF))


def test_the_office_reopens_and_waives_with_a_reason(town: Any) -> None:
    town.done(STUDY, date(2026, 4, 7), measures={"场次": 1})
    address = signed_in(town, "wangmin", role=OFFICE, scope="sifasuo")
    assert offered(town, address) == {"reopen"}
    bare = press(town, address, "reopen", reason=" ")
    assert (bare.status_code, "请写明恢复待办的原因" in bare.text) == (409, True)
    assert "已恢复待办" in press(town, address, "reopen", reason="没有开成").text
    assert "已登记免办" in press(town, address, "waive", reason="并入他项").text
    assert "已免办，不用办理" in town.get(address).text
    assert offered(town, address) == {"reopen"}
    press(town, address, "reopen", reason="还要办")
    assert [(one.kind, one.actor, one.via) for one in entries(town)][1:] == [
        ("reopened", "wangmin", "page"),
        ("waived", "wangmin", "page"),
        ("reopened", "wangmin", "page"),
    ]


@pytest.mark.parametrize("role", [STAFF, LEADER])
def test_nobody_else_waives(town: Any, role: AccountRole) -> None:
    address = signed_in(town, "chenxia", role=role)
    for form in ("waive", "reopen"):
        answer = town.post(f"{address}/{form}", data={"code": town.form_code("chenxia"), "reason": "不想办"})
        assert answer.status_code == 403
    assert row(town).state == "open"


# 须登录后登记


def test_where_signing_in_is_asked_for_the_link_only_shows(town: Any) -> None:
    add_duty(town, SECRET)
    ref = "secret:信访-001"
    address = opened(town, ref, "wangmin")
    page = town.get(address).text
    assert ("须登录后登记" in page, "<form" in page, "信访件办理" in page) == (True, False, True)
    inside = re.search(r'href="/sign-in\?next=([^"]+)"', page)
    assert inside is not None
    assert unquote(unquote(inside[1])) == f"/me/items/{ref}"
    for form in ("done", "acknowledge", "extend", "hand-over", "snooze"):
        answer = town.post(f"{address}/{form}", data={"code": "0", "done_on": "2026-04-08", "note": "写了很久"})
        assert (answer.status_code, "须登录后登记" in answer.text, "写了很久" in answer.text) == (403, True, True), form
    assert entries(town, ref) == []
    assert press(town, signed_in(town, "wangmin", ref, role=STAFF), done_on="2026-04-08").status_code == 303


# What goes wrong, and what is done twice


def test_a_browser_that_opens_its_last_page_anew_comes_to_the_item(town: Any) -> None:
    for come in (opened, lambda town: signed_in(town, "chenxia", role=STAFF)):
        address = come(town)
        press(town, address, "snooze", until="2026-04-10")
        answer = town.get(f"{address}/snooze")
        assert (answer.status_code, unquote(answer.headers["location"])) == (303, address)


def test_a_double_click_is_one_entry_and_one_answer(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    sent = {"code": town.form_code("chenxia"), "seen": "0"}
    for form, typed, words in (
        ("acknowledge", {}, "已记下：收到"),
        ("snooze", {"until": "2026-04-10"}, "已推迟，2026-04-10 再提醒"),
        ("extend", {"to": "2026-07-10", "reason": "出差"}, "时限改为 2026-07-10"),
    ):
        answers = [town.post(f"{address}/{form}", data={**sent, **typed}) for _ in range(2)]
        assert [(answer.status_code, words in answer.text) for answer in answers] == [(200, True)] * 2, form
    done = [town.post(f"{address}/done", data={**sent, **DONE}) for _ in range(2)]
    assert [answer.status_code for answer in done] == [303, 303]
    undone = [town.post(f"{address}/undo", data={"code": sent["code"], "reason": "点错了"}) for _ in range(2)]
    assert [answer.status_code for answer in undone] == [303, 303]
    given = [town.post(f"{address}/hand-over", data={"code": sent["code"], "to": "wangmin", "reason": "休假"}) for _ in range(2)]
    assert [(answer.status_code, "已转交王敏" in answer.text) for answer in given] == [(200, True)] * 2
    kinds = [one.kind for one in entries(town)]
    assert kinds == ["acknowledged", "snoozed", "extended", "done", "reopened", "handed_over"]


def test_two_at_once_are_one_entry_and_the_second_hears_who_was_quicker(town: Any) -> None:
    link = opened(town)
    page = town.get(link)
    town.done(STUDY, date(2026, 4, 7), by="wangmin", name="王敏", measures={"场次": 1})
    answer = town.post(f"{link}/done", data={"code": code(page), "note": "我也写了很久", **DONE})
    assert (answer.status_code, "已由王敏于4月7日办结，不用再登记" in answer.text) == (409, True)
    assert "我也写了很久" in answer.text  # the form is gone, the words are not
    assert "suishi " not in answer.text
    assert len(done_rows(town)) == 1


def test_two_clicks_at_the_same_moment_are_one_entry(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    data = {"code": town.form_code("chenxia"), **DONE}
    codes: list[int] = []
    clicks = [
        threading.Thread(target=lambda: codes.append(town.post(f"{address}/done", data=data).status_code)) for _ in range(4)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert (codes, len(done_rows(town))) == ([303] * 4, 1)


def test_a_refusal_keeps_the_chosen_colleague_and_the_days(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    answer = press(town, address, "hand-over", to="wangmin", reason=" ")
    assert (answer.status_code, 'value="wangmin" selected' in answer.text) == (409, True)
    answer = press(town, address, "extend", to="2026-06-01", reason="讲课老师出差")
    assert (answer.status_code, 'value="2026-06-01"' in answer.text, "讲课老师出差" in answer.text) == (409, True, True)
    answer = press(town, address, done_on="2026-03-01", note="写了很久", **{"m-1": "36"}, files={"files": PDF})
    assert answer.status_code == 409
    for words in ("2026-03-01", "写了很久", 'value="36"', "刚才选的文件没有保存，请重新选择"):
        assert words in answer.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OperationalError("UPDATE", {}, Exception("locked")), "数据库正忙"),
        (OSError(errno.ENOSPC, "No space left on device"), "服务器磁盘已满"),
        (OSError(errno.EACCES, "Permission denied"), "服务器现在存不了文件"),
    ],
)
def test_a_locked_database_and_a_full_disk_are_said_plainly(
    town: Any, monkeypatch: pytest.MonkeyPatch, fault: Exception, words: str
) -> None:
    def failing(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr("web.pages.item_acts.complete", failing)
    for come in (opened, lambda town: signed_in(town, "chenxia", role=STAFF)):
        answer = press(town, come(town), note="留住这句话", **DONE, files={"files": PDF})
        assert (answer.status_code, words in answer.text) == (503, True)
        assert ("留住这句话" in answer.text, "请重新选择" in answer.text) == (True, True)


def test_a_database_that_cannot_even_be_read_gives_the_words_back_to_be_sent_again(
    town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    address = opened(town)
    sent = {"code": code(town.get(address)), "note": "留住这句话", **DONE}
    monkeypatch.setattr("web.pages.staff_link.find_link", gone)
    answer = town.post(f"{address}/done", data=sent)
    assert (answer.status_code, "再提交一次" in answer.text, f'action="{address}/done"' in answer.text) == (503, True, True)
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
    assert fields == sent
    monkeypatch.undo()
    assert town.post(f"{address}/done", data=fields).status_code == 303


def test_a_link_that_ended_while_somebody_wrote_gives_the_words_back(town: Any) -> None:
    address = opened(town)
    sent = {"code": code(town.get(address)), "note": "写了很久", **DONE}
    town.clock.now += timedelta(days=200)
    answer = town.post(f"{address}/done", data=sent)
    assert (answer.status_code, "过期" in answer.text, "写了很久" in answer.text) == (410, True, True)
    assert "登录" in answer.text


def test_what_was_waived_meanwhile_says_so_and_keeps_the_words(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    waive(town.app.store, STUDY, by="zhangjun", reason="并入他项", via="cli", now=town.clock.now)
    answer = town.post(f"{address}/done", data={"code": town.form_code("chenxia"), "note": "写了很久", **DONE})
    assert answer.status_code == 409
    for words in ("免办", "并入他项", "写了很久", "不用办理"):
        assert words in answer.text


def test_who_sends_like_mad_is_slowed_down(town: Any) -> None:
    address = signed_in(town, "chenxia", role=STAFF)
    data = {"code": town.form_code("chenxia"), "reason": "", "to": "2026-07-10"}
    codes = [town.post(f"{address}/extend", data=data).status_code for _ in range(31)]
    assert codes == [409] * 30 + [429]


# 收到


def test_to_say_received_is_offered_and_never_asked(town: Any) -> None:
    address = opened(town)
    page = town.get(address).text
    assert ("收到</button>" in page, "不按也行" in page) == (True, True)
    assert "已记下：收到" in press(town, address, "acknowledge").text
    page = town.get(address).text
    assert ("收到</button>" in page, "2026-04-08 09:30 已表示收到" in page) == (False, True)
    assert "陈霞表示收到（提醒链接）。" in town.get(f"/o/{STUDY}").text
    press(town, address, "extend", to="2026-07-10", reason="出差")
    assert "收到</button>" in town.get(address).text  # another day: it may be said anew


def test_received_counts_for_nothing(town: Any) -> None:
    before = row(town), re.findall(r"<b>(\d+)</b>", town.get("/").text)
    press(town, opened(town), "acknowledge")
    assert (row(town), re.findall(r"<b>(\d+)</b>", town.get("/").text)) == before
