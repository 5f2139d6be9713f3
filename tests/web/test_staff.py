"""The page behind a reminder's link: looking changes nothing, one press records, and nothing typed is lost."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from models.occurrence import occurrences
from models.record import completions, evidence, log_entries

STUDY = "study-law:2026-Q2"
PDF = ("签到表.pdf", b"%PDF-1.4 " + b"x" * 100, "application/pdf")


def opened(town: Any, ref: str = STUDY, person: str = "chenxia", role: str = "owner") -> str:
    """Open the link and give the clean address; the client keeps the cookie."""
    answer = town.get(f"/t/{town.link(ref, person, role)}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def code(page: httpx.Response) -> str:
    found = re.search(r'name="code" value="([0-9a-f]+)"', page.text)
    assert found, page.text
    return found[1]


def press(town: Any, address: str, form: str = "done", *, files: Any = None, **typed: str) -> httpx.Response:
    page = town.get(address)
    data = {"code": code(page), **typed}
    answer: httpx.Response = town.post(f"{address}/{form}", data=data, files=files)
    return answer


def row(town: Any, ref: str = STUDY) -> Any:
    key, period = ref.split(":")
    with town.app.store.read() as db:
        wanted = select(occurrences).where(occurrences.c.duty_key == key, occurrences.c.period == period)
        return db.execute(wanted).one()


def test_the_link_leads_to_a_clean_address_and_only_shows(town: Any) -> None:
    token = town.link(STUDY, "chenxia")
    answer = town.get(f"/t/{token}")
    assert (answer.status_code, answer.headers["x-robots-tag"]) == (303, "noindex, nofollow")
    assert answer.headers["referrer-policy"] == "no-referrer"
    page = town.get(answer.headers["location"])
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert "中心组法治专题学习" in page.text
    left = town.app.workdays.between(town.app.today(), row(town).due_on)
    assert f"还剩 {left} 个工作日" in page.text
    assert token not in page.text
    assert row(town).state == "open"


def test_a_look_at_the_head_gets_no_cookie(town: Any) -> None:
    answer = town.head(f"/t/{town.link(STUDY, 'chenxia')}")
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers


def test_one_press_records_who_when_and_how_many_with_the_evidence(town: Any) -> None:
    address = opened(town)
    answer = press(town, address, done_on="2026-04-07", note="学习民法典", **{"m-0": "1", "m-1": "36"}, files={"files": PDF})
    assert answer.status_code == 303
    page = town.get(address).text
    for word in ("已办结", "陈霞", "36", "学习民法典", "签到表.pdf"):
        assert word in page
    with town.app.store.read() as db:
        done = db.execute(select(completions)).one()
        proof = db.execute(select(evidence)).one()
    assert (done.by, done.via, done.done_on, done.measures) == ("chenxia", "link", date(2026, 4, 7), {"场次": 1, "人次": 36})
    assert (town.app.evidence_folder / proof.stored_as).read_bytes() == PDF[1]
    assert row(town).proved


def test_the_evidence_comes_back_as_a_download_with_its_own_name(town: Any) -> None:
    press(town, opened(town), done_on="2026-04-07", **{"m-0": "1"}, files={"files": PDF})
    answer = town.get(f"/o/{STUDY}/evidence/1")
    assert answer.content == PDF[1]
    disposition = answer.headers["content-disposition"]
    assert (disposition.startswith("attachment; "), "filename*=UTF-8''%E7%AD%BE" in disposition) == (True, True)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_double_click_gives_the_same_friendly_answer_and_one_record(town: Any) -> None:
    address = opened(town)
    data = {"code": code(town.get(address)), "done_on": "2026-04-07", "m-0": "1"}
    answers = [town.post(f"{address}/done", data=data) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert "不用再登记" in town.get(address).text
    with town.app.store.read() as db:
        assert len(db.execute(select(completions)).all()) == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(town: Any) -> None:
    answer = press(town, opened(town), done_on="2026-04-07", note="写了很久的一段话", **{"m-1": "36"})
    assert answer.status_code == 409
    assert "场次" in answer.text
    assert "写了很久的一段话" in answer.text
    assert 'value="36"' in answer.text
    assert row(town).state == "open"


@pytest.mark.parametrize(("done_on", "said"), [("2026-04-09", "还没有到"), ("明天", "请填写办理日期"), ("", "请填写办理日期")])
def test_a_day_that_cannot_be_is_refused(town: Any, done_on: str, said: str) -> None:
    answer = press(town, opened(town), done_on=done_on, **{"m-0": "1"})
    assert answer.status_code == 409
    assert said in answer.text


def test_a_file_that_is_not_what_its_name_says_is_refused(town: Any) -> None:
    bad = ("照片.jpg", b"MZ this is a program", "image/jpeg")
    answer = press(town, opened(town), done_on="2026-04-07", note="留住", **{"m-0": "1"}, files={"files": bad})
    assert answer.status_code == 409
    assert "照片.jpg" in answer.text
    assert "留住" in answer.text


def test_a_locked_database_is_said_plainly_and_nothing_typed_is_lost(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr("web.pages.item_acts.complete", locked)
    answer = press(town, opened(town), done_on="2026-04-07", note="留住这句话", **{"m-0": "7"})
    assert answer.status_code == 503
    assert "数据库正忙" in answer.text
    assert "留住这句话" in answer.text
    assert 'value="7"' in answer.text


def test_without_the_forms_code_nothing_is_recorded(town: Any) -> None:
    address = opened(town)
    for sent in ({}, {"code": "0" * 64}):
        answer = town.post(f"{address}/done", data={"done_on": "2026-04-07", "m-0": "1", **sent})
        assert answer.status_code == 403
    assert row(town).state == "open"


def test_without_the_cookie_the_clean_address_shows_nothing(town: Any) -> None:
    address = opened(town)
    town.client.cookies.clear()
    assert town.get(address).status_code == 410
    assert "陈霞" not in town.get(address).text
    assert town.post(f"{address}/done", data={}).status_code == 410


def test_one_persons_cookie_does_not_open_anothers_page(town: Any) -> None:
    mine, other = opened(town), opened(town, "report:2026", "zhangwei")
    cookies = {cookie.path: cookie.value for cookie in town.client.cookies.jar if cookie.name == "suishi-link"}
    town.client.cookies.clear()
    answer = town.get(other, headers={"cookie": f"suishi-link={cookies[mine]}"})
    assert answer.status_code == 410


def test_another_sites_page_cannot_press_the_button(town: Any) -> None:
    address = opened(town)
    data = {"code": code(town.get(address)), "done_on": "2026-04-07", "m-0": "1"}
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"sec-purpose": "prefetch"},
    ):
        assert town.post(f"{address}/done", data=data, headers=headers).status_code == 403
    assert row(town).state == "open"
    own = {"origin": "http://town.example", "sec-fetch-site": "same-origin"}
    assert town.post(f"{address}/done", data=data, headers=own).status_code == 303


def test_a_wrong_an_expired_and_a_revoked_link_say_what_to_do(town: Any) -> None:
    from services.links import revoke_link

    assert "链接无效" in town.get("/t/" + "a" * 26).text
    token = town.link(STUDY, "chenxia")
    address = town.get(f"/t/{token}").headers["location"]
    town.clock.now += timedelta(days=200)
    expired = town.get(f"/t/{token}")
    assert (expired.status_code, "过期" in expired.text) == (410, True)
    town.clock.now -= timedelta(days=200)
    with town.app.store.write() as db:
        revoke_link(db, int(address.rpartition("/")[2]), now=town.clock.now)
    revoked = town.get(f"/t/{token}")
    assert (revoked.status_code, "停用" in revoked.text) == (410, True)
    assert town.get(address).status_code == 410


def test_nothing_to_report_is_one_press(town: Any) -> None:
    address = opened(town, "safe:2026-04", "wangmin")
    assert "本期无" in town.get(address).text
    assert press(town, address, done_on="2026-04-08", nothing="1").status_code == 303
    assert "本期无" in town.get(address).text
    assert row(town, "safe:2026-04").state == "done"


def test_a_wrong_press_can_be_taken_back_for_ten_minutes_in_the_same_browser(town: Any) -> None:
    address = opened(town)
    press(town, address, done_on="2026-04-07", **{"m-0": "1"})
    assert "撤销（10 分钟内）" in town.get(address).text
    town.clock.now += timedelta(minutes=5)
    answer = press(town, address, "undo", reason="点错了")
    assert answer.status_code == 303
    assert row(town).state == "open"
    assert "已撤销，可重新登记" in town.get(answer.headers["location"]).text
    assert "已撤销" not in town.get(address).text
    with town.app.store.read() as db:
        kinds = db.execute(select(log_entries.c.kind).order_by(log_entries.c.seq)).scalars().all()
    assert kinds[-2:] == ["done", "reopened"]


def test_after_ten_minutes_or_in_another_browser_only_the_admin_can(town: Any) -> None:
    address = opened(town)
    press(town, address, done_on="2026-04-07", **{"m-0": "1"})
    sent = code(town.get(address))
    town.clock.now += timedelta(minutes=11)
    assert "撤销（10 分钟内）" not in town.get(address).text
    assert town.post(f"{address}/undo", data={"code": sent, "reason": "点错了"}).status_code == 409
    town.client.cookies.clear()
    town.clock.now -= timedelta(minutes=10)
    assert "撤销（10 分钟内）" not in town.get(opened(town)).text
    assert row(town).state == "done"


def test_an_extension_keeps_the_first_day_and_needs_a_reason(town: Any) -> None:
    address = opened(town)
    assert press(town, address, "extend", to="2026-07-10", reason=" ").status_code == 409
    answer = press(town, address, "extend", to="2026-07-10", reason="讲课老师出差")
    assert "时限改为 2026-07-10" in answer.text
    assert (row(town).due_on, row(town).original_due_on) == (date(2026, 7, 10), date(2026, 6, 30))
    assert "延期 1 次" in town.get(address).text


def test_a_hand_over_tells_who_does_it_now_and_ends_the_link(town: Any) -> None:
    address = opened(town)
    refused = press(town, address, "hand-over", to="nobody", reason="休假")
    assert (refused.status_code, "请选择转交给谁" in refused.text, "休假" in refused.text) == (409, True, True)
    answer = press(town, address, "hand-over", to="wangmin", reason="休假")
    assert "已转交王敏" in answer.text
    gone = town.post(f"{address}/hand-over", data={"to": "wangmin", "reason": "休假"})  # a double click
    assert (gone.status_code, "已不由陈霞承办，现由王敏承办" in gone.text) == (410, True)
    assert town.get(address).status_code == 410
    assert "王敏" in town.get(f"/o/{STUDY}").text


def test_a_leaders_link_shows_and_lets_nobody_tick_off(town: Any) -> None:
    address = opened(town, STUDY, "zhangjun", "overseer")
    page = town.get(address).text
    assert "只供查看" in page
    assert "/done" not in page
    assert 'name="code"' not in page


def test_the_verifier_signs_off_what_somebody_else_has_done(town: Any) -> None:
    ref = "fix:整改-007"
    verifier = opened(town, ref, "chenxia", "verifier")
    assert "验收合格" not in town.get(verifier).text
    assert press(town, opened(town, ref, "wangmin"), done_on="2026-04-08").status_code == 303
    assert "验收合格" not in town.get(opened(town, ref, "wangmin")).text
    assert press(town, verifier, "sign-off", note="现场看过").status_code == 303
    assert row(town, ref).signed_off_at is not None
    assert "已销号" in town.get(verifier).text


def test_what_goes_on_for_ever_is_reviewed_and_not_done(town: Any) -> None:
    ref = "discipline:2026"
    address = opened(town, ref, "zhangwei")
    assert "已复核，提交" in town.get(address).text
    assert press(town, address, done_on="2026-04-07", note="").status_code == 409
    answer = press(town, address, done_on="2026-04-07", note="全年无违规决策")
    assert "已登记复核。" in town.get(answer.headers["location"]).text
    assert "已复核" in town.get(address).text


def test_a_withdrawn_or_waived_item_says_that_there_is_nothing_to_do(town: Any) -> None:
    from services.change import waive

    address = opened(town)
    waive(town.app.store, STUDY, by="zhangjun", reason="已并入他项", via="cli", now=town.clock.now)
    assert "不用办理" in town.get(address).text or town.get(address).status_code == 410


def test_a_link_that_is_opened_like_mad_is_slowed_down(town: Any) -> None:
    token = town.link(STUDY, "chenxia")
    codes = [town.get(f"/t/{token}").status_code for _ in range(31)]
    assert codes[:30] == [303] * 30
    assert codes[30] == 429


def test_who_tries_tokens_is_shut_out_and_good_links_open_all_the_same(town: Any) -> None:
    codes = [town.get(f"/t/{number:026}").status_code for number in range(61)]
    assert codes == [410] * 60 + [429]
    address = opened(town)  # from the same address, as behind a proxy
    assert town.get(address).status_code == 200


def test_old_links_do_not_count_as_guessing(town: Any) -> None:
    tokens = [town.link(STUDY, "chenxia"), town.link("safe:2026-04", "wangmin")]
    town.clock.now += timedelta(days=200)
    for number in range(62):
        assert "过期" in town.get(f"/t/{tokens[number % 2]}").text
    assert "链接无效" in town.get("/t/" + "a" * 26).text


def good_code(town: Any, address: str) -> str:
    """The form's code as the page would carry it, for pages that show no form."""
    from web.staff_cookie import Held, StaffCookie

    value = next(one.value for one in town.client.cookies.jar if (one.name, one.path) == ("suishi-link", address))
    token, _, browser = value.rpartition(".")
    cookie = StaffCookie(town.app.link_key, secure=False)
    return cookie.form_code(Held(token, browser), link_id=int(address.rpartition("/")[2]))


FORMS: dict[str, dict[str, str]] = {
    "done": {"done_on": "2026-04-08", "m-0": "1"},
    "undo": {"reason": "点错了"},
    "extend": {"to": "2026-07-31", "reason": "来不及"},
    "hand-over": {"to": "zhangwei", "reason": "休假"},
    "sign-off": {"note": "现场看过"},
    "send-back": {"reason": "照片不清楚"},
    "void": {"file": "1", "reason": "传错了"},
    "withdraw": {},
    "decide": {"verdict": "approve", "to": "2026-07-31", "answer": ""},
    "snooze": {"until": "2026-04-09"},
    "acknowledge": {},
    "reopen": {"reason": "点错了"},
    "waive": {"reason": "不用办了"},
}


@pytest.mark.parametrize(
    ("ref", "person", "role", "forms"),
    [
        ("fix:整改-007", "chenxia", "verifier", set(FORMS) - {"sign-off", "send-back", "snooze"}),
        (STUDY, "zhangjun", "overseer", set(FORMS) - {"decide"}),
        (STUDY, "liguoqiang", "leader", set(FORMS) - {"decide"}),
        (STUDY, "chenxia", "owner", {"sign-off", "send-back", "decide", "reopen", "waive"}),
    ],
)
def test_nobody_can_send_a_form_that_is_not_for_his_part(
    town: Any, monkeypatch: pytest.MonkeyPatch, *, ref: str, person: str, role: str, forms: set[str]
) -> None:
    monkeypatch.setattr("web.pages.staff_link.monotonic", itertools.count(0, 60).__next__)  # a minute from form to form
    address = opened(town, ref, person, role)
    before = row(town, ref)
    assert good_code(town, address)
    for form in sorted(forms):
        answer = town.post(f"{address}/{form}", data={"code": good_code(town, address), **FORMS[form]})
        assert (answer.status_code, "没有保存" in answer.text, "不能在这里办这一步" in answer.text) == (403, True, True), form
        assert row(town, ref) == before, form


def test_every_form_of_the_staff_page_says_whose_it_is() -> None:
    from web.pages.staff_acts import DO
    from web.pages.staff_visit import FORMS as KNOWN

    assert KNOWN.keys() == DO.keys() == {name.replace("-", "_") for name in FORMS}


def test_on_the_due_day_itself_an_extension_can_still_be_asked_for(town: Any) -> None:
    town.clock.now = datetime(2026, 6, 30, 6, 0, tzinfo=UTC)
    address = opened(town)
    assert "登记延期" in town.get(address).text
    assert "时限改为 2026-07-10" in press(town, address, "extend", to="2026-07-10", reason="讲课老师出差").text


def test_after_the_due_day_no_extension_is_offered_and_no_command_line_is_named(town: Any) -> None:
    address = opened(town)
    town.clock.now = datetime(2026, 7, 1, 6, 0, tzinfo=UTC)
    assert "登记延期" not in town.get(address).text
    answer = press(town, address, "extend", to="2026-07-10", reason="讲课老师出差")
    assert (answer.status_code, "延期须在到期前申请" in answer.text) == (409, True)
    for page in (answer, town.get(address), town.get(f"/o/{STUDY}")):
        assert "suishi " not in page.text
    assert row(town).due_on == date(2026, 6, 30)


def test_the_colleagues_of_ones_own_unit_come_first(town: Any) -> None:
    offered = re.findall(r'<option value="(\w+)">([^<]+)</option>', town.get(opened(town)).text)
    assert offered[0] == ("wangmin", "王敏（司法助理员）")
    assert [key for key, _ in offered[1:]] == ["liguoqiang", "zhangjun", "zhangwei", "fenggang"]
