"""An extension that somebody has to approve, a reminder put off, and who stands in for whom, on the reminder's page."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from models.occurrence import assignments, extension_requests, occurrences
from models.record import completions, log_entries
from models.reminder import reminders
from services.links import token_of

STUDY = "study-law:2026-Q2"


@pytest.fixture
def careful(town: Any) -> Any:
    """The town, where an extension needs the overseer's word."""
    settings = town.app.home / "suishi.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "extension_approval: overseer\n", encoding="utf-8")
    town.app.reload()
    assert town.app.settings.extension_approval == "overseer"
    return town


def opened(town: Any, ref: str = STUDY, person: str = "chenxia", role: str = "owner", *, reader: str = "") -> str:
    token = town.link(ref, person, role)
    if reader:
        token = token_of(town.app.link_key, part(town, ref, person, role).id, 0, reader)
    answer = town.get(f"/t/{token}")
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def press(town: Any, address: str, form: str, **typed: str) -> httpx.Response:
    found = re.search(r'name="code" value="([0-9a-f]+)"', town.get(address).text)
    assert found
    answer: httpx.Response = town.post(f"{address}/{form}", data={"code": found[1], **typed})
    return answer


def row(town: Any, ref: str = STUDY) -> Any:
    key, period = ref.split(":")
    with town.app.store.read() as db:
        return db.execute(select(occurrences).where(occurrences.c.duty_key == key, occurrences.c.period == period)).one()


def part(town: Any, ref: str, person: str, role: str) -> Any:
    mine = select(assignments).where(assignments.c.occurrence_id == row(town, ref).id, assignments.c.person == person)
    with town.app.store.read() as db:
        return db.execute(mine.where(assignments.c.role == role)).one()


def entries(town: Any) -> list[Any]:
    with town.app.store.read() as db:
        return list(db.execute(select(log_entries).order_by(log_entries.c.seq)))


def stands_in(town: Any, person: str, other: str, since: str, until: str) -> None:
    """As people.yaml says it."""
    path = town.app.home / "people.yaml"
    before = f"{{key: {person}, "
    after = f"{before}stand_ins: [{{person: {other}, since: {since}, until: {until}}}], "
    path.write_text(path.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    town.app.reload()
    assert town.app.roster.people[person].stand_ins


def test_where_it_must_be_approved_the_form_asks_and_the_page_says_so(careful: Any) -> None:
    address = opened(careful)
    assert "提交延期申请" in careful.get(address).text
    assert re.search(r"到期之前可以申请，由[^。]*批复。", careful.get(address).text)
    assert "陈霞批复" not in careful.get(address).text  # whose wish it would be
    assert "登记延期" not in careful.get(address).text
    answer = press(careful, address, "extend", to="2026-07-10", reason="讲课老师出差")
    assert "已提交延期申请，拟延至 2026-07-10" in answer.text
    page = careful.get(address).text
    for words in ("延期待批", "申请人", "陈霞", "讲课老师出差", "撤回申请", "批复之前不再催办"):
        assert words in page
    assert "提交延期申请" not in page
    assert (row(careful).due_on, row(careful).extensions) == (date(2026, 6, 30), 0)


def test_what_waits_for_approval_is_never_shown_as_overdue(careful: Any) -> None:
    address = opened(careful)
    press(careful, address, "extend", to="2026-07-10", reason="讲课老师出差")
    careful.clock.now = datetime(2026, 7, 3, 1, 0, tzinfo=UTC)
    careful.sign_in()
    address = opened(careful)
    careful.sign_in()
    address = opened(careful)
    for page in (address, f"/o/{STUDY}", "/list?state=extension-pending", "/list?state=open&kind=study&when=2026-06"):
        text = careful.get(page).text
        assert "延期待批" in text, page
        assert "逾期 3 个工作日" not in text, page
    assert STUDY not in careful.get("/list?state=overdue").text
    assert "中心组法治专题学习" in careful.get("/list?state=extension-pending").text


def test_the_overseer_approves_behind_his_own_link_and_names_the_day(careful: Any) -> None:
    press(careful, opened(careful), "extend", to="2026-07-10", reason="讲课老师出差")
    address = opened(careful, STUDY, "zhangjun", "overseer")
    assert 'value="2026-07-10"' in careful.get(address).text
    answer = press(careful, address, "decide", verdict="approve", to="2026-07-08", answer="抓紧")
    assert "已批准延期到 2026-07-08" in answer.text
    assert row(careful).due_on == date(2026, 7, 8)
    last = entries(careful)[-1]
    assert (last.kind, last.actor, last.via) == ("extended", "zhangjun", "link")
    assert json.loads(last.payload)["approved_by"] == "zhangjun"
    assert "张军批准延期（提醒链接）" in careful.get(f"/o/{STUDY}").text


def test_a_refusal_needs_a_reason_and_keeps_what_was_typed(careful: Any) -> None:
    press(careful, opened(careful), "extend", to="2026-07-10", reason="讲课老师出差")
    address = opened(careful, STUDY, "zhangjun", "overseer")
    refused = press(careful, address, "decide", verdict="refuse", to="2026-07-10", answer=" ")
    assert (refused.status_code, "请写明不批准的原因" in refused.text) == (409, True)
    answer = press(careful, address, "decide", verdict="refuse", to="2026-07-10", answer="可请镇内同志讲课")
    assert "已答复不批准" in answer.text
    assert row(careful).due_on == date(2026, 6, 30)
    page = careful.get(f"/o/{STUDY}").text
    assert "张军不批准延期（提醒链接）：陈霞申请延至2026年7月10日，时限仍为2026年6月30日，原因：可请镇内同志讲课。" in page


def test_the_asker_takes_the_request_back(careful: Any) -> None:
    address = opened(careful)
    press(careful, address, "extend", to="2026-07-10", reason="讲课老师出差")
    assert "已撤回延期申请" in press(careful, address, "withdraw").text
    with careful.app.store.read() as db:
        assert db.execute(select(extension_requests.c.state)).scalars().all() == ["withdrawn"]
    assert "延期待批" not in careful.get(address).text


def test_the_reader_puts_off_to_a_day_that_is_offered(town: Any) -> None:
    town.clock.now = datetime(2026, 6, 18, 1, 30, tzinfo=UTC)
    address = opened(town)
    page = town.get(address).text
    assert "稍后提醒" in page
    offered = re.findall(r'name="until" value="([0-9-]+)">([^<]+)<', page)
    # Friday 19 June is 端午节; the weekend follows.
    assert (
        offered
        == [
            ("2026-06-22", "休息日后（6月22日周一）"),
            ("2026-06-24", "3个工作日后（6月24日周三）"),
        ]
        or offered[0][0] == "2026-06-22"
    )
    answer = press(town, address, "snooze", until="2026-06-24")
    assert "已推迟，2026-06-24 再提醒" in answer.text
    with town.app.store.read() as db:
        held = db.execute(select(reminders).where(reminders.c.held_until.is_not(None))).all()
    assert held
    assert {one.reason for one in held} <= {"按本人要求推迟到6月24日"}
    town.sign_in()
    assert "按本人要求推迟到6月24日" in town.get(f"/o/{STUDY}").text


def test_a_look_at_the_page_puts_off_nothing(town: Any) -> None:
    town.clock.now = datetime(2026, 6, 18, 1, 30, tzinfo=UTC)
    address = opened(town)
    answer = town.get(f"{address}/snooze?until=2026-06-24")
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    with town.app.store.read() as db:
        assert db.execute(select(reminders).where(reminders.c.held_until.is_not(None))).all() == []


def test_shortly_before_the_due_day_no_putting_off_is_offered(town: Any) -> None:
    town.clock.now = datetime(2026, 6, 29, 1, 30, tzinfo=UTC)
    assert "稍后提醒" not in town.get(opened(town)).text


def test_a_stand_in_records_under_the_principals_name_and_his_own(town: Any) -> None:
    stands_in(town, "chenxia", "wangmin", "2026-04-01", "2026-04-30")
    address = opened(town, reader="wangmin")
    page = town.get(address).text
    assert "王敏您好，您正在代陈霞办理" in page
    assert "此链接只给 王敏 代 陈霞 办理时使用" in page
    assert press(town, address, "done", done_on="2026-04-07", **{"m-0": "1"}).status_code == 303
    with town.app.store.read() as db:
        done = db.execute(select(completions)).one()
    assert (done.by, done.by_name, done.recorded_by, done.via) == ("chenxia", "陈霞", "wangmin", "link")
    assert entries(town)[-1].actor == "wangmin"
    assert "王敏登记办结（提醒链接）：陈霞于2026年4月7日完成" in town.get(f"/o/{STUDY}").text


def test_after_the_days_of_standing_in_the_link_only_shows(town: Any) -> None:
    stands_in(town, "chenxia", "wangmin", "2026-04-01", "2026-04-07")
    address = opened(town, reader="wangmin")
    page = town.get(address).text
    assert ("您代陈霞办理的日子已过" in page, "这里只供查看" in page, "<form" in page) == (True, True, False)
    answer = town.post(f"{address}/done", data={"done_on": "2026-04-07", "m-0": "1", "note": "写了很久"})
    assert (answer.status_code, "您代陈霞办理的日子已过" in answer.text, "没有保存" in answer.text) == (403, True, True)
    assert "写了很久" in answer.text  # the form is gone, the words are not
    assert row(town).state == "open"


def test_whoever_does_the_work_cannot_sign_it_off_in_the_verifiers_place(town: Any) -> None:
    ref = "fix:整改-007"
    stands_in(town, "chenxia", "wangmin", "2026-04-01", "2026-04-30")
    press(town, opened(town, ref, "wangmin"), "done", done_on="2026-04-08")
    address = opened(town, ref, "chenxia", "verifier", reader="wangmin")
    answer = press(town, address, "sign-off", note="现场看过")
    assert (answer.status_code, "不能由本人销号" in answer.text) == (409, True)
    assert row(town, ref).signed_off_at is None
    mine = opened(town, ref, "chenxia", "verifier")
    assert press(town, mine, "sign-off", note="现场看过").status_code == 303


def test_the_principals_own_link_still_works_and_a_strangers_token_does_not(town: Any) -> None:
    stands_in(town, "chenxia", "wangmin", "2026-04-01", "2026-04-30")
    assert "您正在代" not in town.get(opened(town)).text
    number = part(town, STUDY, "chenxia", "owner").id
    for token in (
        f"r{number}-{'a' * 26}",
        token_of(b"x" * 32, number, 0, "wangmin"),
        token_of(town.app.link_key, 10**8, 0, "wangmin"),
    ):
        assert town.get(f"/t/{token}").status_code == 410, token


def test_a_leaders_approval_is_wanted_where_the_settings_say_so(careful: Any) -> None:
    settings = careful.app.home / "suishi.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("approval: overseer", "approval: leader"), encoding="utf-8")
    careful.app.reload()
    press(careful, opened(careful), "extend", to="2026-07-10", reason="讲课老师出差")
    assert "不批准" not in careful.get(opened(careful, STUDY, "zhangjun", "overseer")).text
    leader = opened(careful, STUDY, "liguoqiang", "leader")
    assert "已批准延期到 2026-07-10" in press(careful, leader, "decide", verdict="approve", to="2026-07-10").text
    careful.clock.now += timedelta(minutes=1)
    again = careful.post(f"{leader}/decide", data={"code": "0", "verdict": "approve", "to": "2026-07-10"})
    assert again.status_code == 403
