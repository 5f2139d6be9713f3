"""A study session in the hall: the wall shows a code, phones sign in, the sheet fills."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from models.gathering import attendances
from planning.access import AccountRole
from reports.attendance import sign_in_sheet
from reports.log import head
from services.attendance import wall_code
from services.change import reopen

STUDY = "study-law:2026-Q2"


def occurrence_id(town: Any) -> int:
    sheet = sign_in_sheet(town.app.store, STUDY)
    assert sheet
    return sheet.occurrence_id


def code_of(town: Any) -> str:
    return f"/in/{wall_code(town.app.link_key, occurrence_id(town), now=town.clock.now)}"


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_phone_signs_in_with_the_code_on_the_wall_and_the_sheet_fills(town: Any) -> None:
    wall = town.get(f"/gather/{STUDY}/wall")
    assert "<svg" in wall.text
    assert 'http-equiv="refresh"' in wall.text
    town.sign_out()  # somebody's phone
    page = town.get(code_of(town))
    assert "中心组法治专题学习" in page.text
    sent = {"ticket": hidden(page.text, "ticket"), "person": "wangmin"}
    assert "王敏，已签到" in town.post(f"/in/{occurrence_id(town)}/sign", data=sent).text
    assert "您已经签过到了" in town.post(f"/in/{occurrence_id(town)}/sign", data=sent).text
    guest = {"ticket": sent["ticket"], "person": "", "name": "李四", "unit_name": "某公司"}
    assert "李四，已签到" in town.post(f"/in/{occurrence_id(town)}/sign", data=guest).text
    town.sign_in()
    sheet = town.get(f"/gather/{STUDY}").text
    assert "共 <b>2</b> 人" in sheet
    assert sheet.index("王敏") < sheet.index("李四")


def test_a_photograph_of_the_wall_is_worth_nothing_after_four_minutes(town: Any) -> None:
    code = code_of(town)
    town.clock.now += timedelta(minutes=5)
    late = town.get(code)
    assert late.status_code == 410
    assert "再扫一次" in late.text


def test_a_form_left_open_is_refused_and_a_name_left_out_is_asked_for(town: Any) -> None:
    page = town.get(code_of(town)).text
    number = occurrence_id(town)
    unnamed = town.post(f"/in/{number}/sign", data={"ticket": hidden(page, "ticket"), "unit_name": "某公司"})
    assert unnamed.status_code == 409
    assert 'value="某公司"' in unnamed.text
    town.clock.now += timedelta(minutes=20)
    assert town.post(f"/in/{number}/sign", data={"ticket": hidden(page, "ticket"), "person": "wangmin"}).status_code == 410


def test_a_strangers_bad_tickets_slow_him_down_and_keep_nobody_else_out(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.pages.gathering.monotonic", lambda: 0.0)
    page = town.get(code_of(town)).text
    town.sign_out()
    path = f"/in/{occurrence_id(town)}/sign"
    codes = [town.post(path, data={"ticket": "1-x", "person": "wangmin"}).status_code for _ in range(242)]
    assert codes == [410] * 240 + [429] * 2
    assert "王敏，已签到" in town.post(path, data={"ticket": hidden(page, "ticket"), "person": "wangmin"}).text


def test_who_has_no_phone_is_written_down_and_a_slip_is_taken_off(town: Any) -> None:
    typed = {"code": town.form_code(), "person": "chenxia"}
    assert town.post(f"/gather/{STUDY}", data=typed).status_code == 303
    sheet = town.get(f"/gather/{STUDY}").text
    assert "代为登记</td>" in sheet
    number = re.search(r'name="off" value="(\d+)"', sheet)
    assert number
    assert town.post(f"/gather/{STUDY}", data={"code": town.form_code(), "off": number[1]}).status_code == 303
    assert "还没有人签到" in town.get(f"/gather/{STUDY}").text


def test_only_who_may_record_the_session_shows_its_code(town: Any) -> None:
    town.sign_in("fenggang", AccountRole.STAFF, scope="huilong")
    assert town.get(f"/gather/{STUDY}/wall").status_code == 403
    town.sign_in("chenxia", AccountRole.STAFF, scope="sifasuo")  # she holds it
    assert town.get(f"/gather/{STUDY}/wall").status_code == 200
    assert town.get("/gather/nothing:2026/wall").status_code == 404


def test_who_signed_in_is_counted_where_the_form_asks_how_many_came(town: Any) -> None:
    for person in ("chenxia", "wangmin", "zhangwei"):
        town.post(f"/gather/{STUDY}", data={"code": town.form_code(), "person": person})
    form = town.get(f"/me/items/{STUDY}").text
    assert re.search(r'name="m-1"[^>]* value="3"', form)  # 人次
    assert re.search(r'name="m-0"[^>]* value=""', form)  # 场次


def test_when_the_session_is_recorded_nobody_signs_in_any_more(town: Any) -> None:
    code = code_of(town)
    town.done(STUDY, date(2026, 4, 8), measures={"场次": 1, "人次": 2})
    closed = town.get(code)
    assert closed.status_code == 410
    assert "已经登记办结" in closed.text
    assert "签到结束" in town.get(f"/gather/{STUDY}/wall").text


def test_a_recorded_sheet_names_the_entry_that_tells_it_and_whether_they_still_agree(town: Any) -> None:
    town.post(f"/gather/{STUDY}", data={"code": town.form_code(), "person": "chenxia"})
    assert "完成记录" not in town.get(f"/gather/{STUDY}").text
    town.done(STUDY, date(2026, 4, 8), measures={"场次": 1, "人次": 1})
    newest = head(town.app.store)
    agrees = f'与完成记录第 {newest.seq} 条一致（1 人）。校验码 <span class="code">{newest.code}</span>'
    assert agrees in town.get(f"/gather/{STUDY}").text
    assert "，签到表上1人" in town.get(f"/o/{STUDY}").text
    with town.app.store.write() as db:
        db.execute(delete(attendances))
    assert f"签到表与完成记录第 {newest.seq} 条不一致：那时有 1 人" in town.get(f"/gather/{STUDY}").text
    assert f"“{STUDY}”的签到表与第{newest.seq}条不一致：记录的是1人，现在有0人。" in town.get("/log?verify=1").text


def test_who_is_written_down_after_the_record_was_taken_back_stands_in_the_log(town: Any) -> None:
    town.done(STUDY, date(2026, 4, 8), measures={"场次": 1, "人次": 1})
    reopen(town.app.store, STUDY, by="zhangwei", reason="漏了一人", via="page", now=town.clock.now)
    town.post(f"/gather/{STUDY}", data={"code": town.form_code(), "person": "", "name": "李四", "unit_name": "某公司"})
    number = re.search(r'name="off" value="(\d+)"', town.get(f"/gather/{STUDY}").text)
    assert number
    town.post(f"/gather/{STUDY}", data={"code": town.form_code(), "off": number[1]})
    told = town.get(f"/o/{STUDY}").text
    assert "张伟登记补签到（网页）：李四（某公司），签到表上1人。" in told
    assert "张伟登记去掉签到（网页）：李四（某公司）。" in told
    page = town.get("/log").text
    assert "补签到" in page
    assert "去掉签到" in page
