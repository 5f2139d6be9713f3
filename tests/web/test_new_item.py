"""临时交办: an order that came in just now is an item in two presses, and the person hears of it at the next dispatch."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from config.editing.adhoc import FILE
from config.office import read_office
from config.security_log import SecurityLog
from models.message import messages
from models.occurrence import assignments, occurrences
from planning.access import AccountRole
from services.plan import plan
from services.tick import tick
from tests.web.chromium import come_in, new_page, too_wide
from tests.web.filled_form import form_at

PATH = "/items/new"
PAPER = """\
关于报送2026年矛盾纠纷排查情况的通知
各乡镇：
请于4月20日前将排查情况报县司法局，请陈霞、王敏办理。
县委依法治县办
2026年4月7日"""


def ask(town: Any, **typed: str) -> httpx.Response:
    return form_at(town.get(PATH), PATH).send(town, "read", **typed)


def confirm(town: Any, page: httpx.Response, **typed: str) -> httpx.Response:
    return form_at(page, PATH).send(town, "confirm", **typed)


def items(town: Any) -> list[tuple[str, date, set[str]]]:
    wanted = select(occurrences).where(occurrences.c.duty_key.startswith("adhoc-")).order_by(occurrences.c.id)
    with town.app.store.read() as db:
        found = []
        for row in db.execute(wanted).all():
            parts = select(assignments.c.person, assignments.c.role).where(assignments.c.occurrence_id == row.id)
            found.append((row.title, row.due_on, {f"{part.role} {part.person}" for part in db.execute(parts)}))
        return found


def test_a_sentence_is_an_item_in_two_presses(town: Any) -> None:
    seen = ask(town, text="请王敏明天下班前报送排查表")

    assert "4月9日（周四）" in seen.text
    assert "还有 1 个工作日" in seen.text
    assert items(town) == []
    assert not (town.app.home / FILE).exists()  # seeing writes nothing
    done = confirm(town, seen)

    assert done.status_code == 200
    assert "已交办" in done.text
    ((title, due_on, parts),) = items(town)
    assert (title, due_on) == ("报送排查表", date(2026, 4, 9))
    assert parts == {"owner wangmin", "overseer zhangjun"}
    (ref,) = re.findall(r'href="(/o/adhoc[^"]+)"', done.text)
    assert town.get(ref).status_code == 200
    assert read_office(town.app.home, environ={}).problems == ()


def test_each_office_does_its_own_and_what_else_is_named_is_offered_unticked(town: Any) -> None:
    seen = ask(town, text="请各办（所、中心）于4月20日前将自查表报司法所王敏处。")
    form = form_at(seen, PATH)

    assert form.fields["owner"] == "each:office"
    assert "内设机构各办一项（2 项）" in seen.text
    assert "司法所配合" in seen.text
    assert not [name for name in form.fields if name.startswith("partner")]
    done = confirm(town, seen)

    assert [(title, due_on) for title, due_on, _ in items(town)] == [("报送自查表", date(2026, 4, 17))] * 2
    assert {part for _, _, parts in items(town) for part in parts if part.startswith("owner")} == {
        "owner zhangwei",
        "owner wangmin",
    }
    assert "党政办公室、司法所，最迟2026年4月17日" in done.text
    assert town.get("/list?text=adhoc-2026-001").text.count('href="/o/adhoc-2026-001') == 2
    again = confirm(town, ask(town, text="请各办（所、中心）于4月20日前将自查表报司法所王敏处。"))
    assert "已经登记过了" in again.text
    assert len(items(town)) == 2


def test_a_kind_of_units_is_for_who_may_give_work_to_all_of_them(town: Any) -> None:
    town.sign_in("chenxia", AccountRole.OFFICE, "sifasuo")
    text = "请各办（所、中心）于4月20日前报送自查表。"

    assert "各单位分别办" not in town.get(PATH).text
    assert ask(town, text=text).status_code == 409
    assert ask(town, text=text, owner="each:office").status_code == 409
    assert items(town) == []


def test_the_day_that_before_leaves_out_is_one_press_away(town: Any) -> None:
    seen = ask(town, text="请王敏周五前报送排查表")
    assert "最迟4月9日（周四）办完" in seen.text
    assert "“前”不含4月10日当天" in seen.text

    included = form_at(seen, PATH).send(town, "include")
    confirm(town, included)

    assert "最迟4月10日（周五）办完" in included.text
    assert [due_on for _, due_on, _ in items(town)] == [date(2026, 4, 10)]


def test_an_hour_goes_along_in_the_title_as_deadlines_are_days(town: Any) -> None:
    seen = ask(town, text="请王敏4月9日上午10点前报送排查表")
    meeting = ask(town, text="4月9日下午3点召开府院联席会，请王敏参加")

    assert form_at(seen, PATH).fields["title"] == "报送排查表（10:00前）"
    assert "时限按天算，10:00 写在标题里" in seen.text
    assert form_at(meeting, PATH).fields["title"].endswith("（15:00）")
    confirm(town, seen)
    assert [title for title, _, _ in items(town)] == ["报送排查表（10:00前）"]


def test_an_order_for_today_after_work_is_pointed_out(town: Any) -> None:
    assert "已经下班" not in ask(town, text="请王敏今天下班前报送排查表").text
    town.clock.now = datetime(2026, 4, 8, 10, 0, tzinfo=UTC)  # six in the evening
    town.sign_in()
    assert "今天17:30已经下班，时限还是今天。" in ask(town, text="请王敏今天下班前报送排查表").text


def test_a_second_task_of_the_text_is_registered_after_the_first(town: Any) -> None:
    seen = ask(town, text="请王敏于4月20日前完成自查，4月24日前将整改清单报司法所。")
    assert "原文里另外还有一件" in seen.text
    first = form_at(seen, PATH).fields["title"]
    done = confirm(town, seen)

    second = form_at(done, PATH).send(town)
    confirm(town, second)

    assert form_at(second, PATH).fields["owner"] == "person:wangmin"
    assert (
        {title for title, _, _ in items(town)} == {first, form_at(second, PATH).fields["title"]} == {"报送整改清单", "完成自查"}
    )


def test_what_was_registered_can_be_changed_from_there(town: Any) -> None:
    done = confirm(town, ask(town, text="请王敏明天下班前报送排查表"))

    assert 'href="/duties/adhoc-2026-001"' in done.text
    assert town.get("/duties/adhoc-2026-001").status_code == 200


def told(town: Any, person: str) -> list[str]:
    with town.app.store.read() as db:
        return list(db.execute(select(messages.c.text).where(messages.c.person == person).order_by(messages.c.id)).scalars())


def dispatch(town: Any) -> None:
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)


def test_the_person_hears_of_it_at_the_next_dispatch(town: Any) -> None:
    done = confirm(town, ask(town, text="报送排查表", owner="person:wangmin", due="4月底"))
    town.clock.now += timedelta(minutes=10)
    dispatch(town)

    assert "下一次派发时收到" in done.text
    assert ["报送排查表" in text for text in told(town, "wangmin")] == [True]


def test_who_had_a_message_already_hears_of_it_in_the_next_half_of_the_day(town: Any) -> None:
    dispatch(town)
    done = confirm(town, ask(town, text="报送排查表", owner="person:wangmin", due="4月底"))
    assert "下半天" in done.text
    town.clock.now += timedelta(minutes=10)
    dispatch(town)
    assert [text for text in told(town, "wangmin") if "报送排查表" in text] == []
    town.clock.now = datetime(2026, 4, 8, 6, 40, tzinfo=UTC)
    dispatch(town)

    assert len([text for text in told(town, "wangmin") if "报送排查表" in text]) == 1


def test_a_forwarded_paper_proposes_everything(town: Any) -> None:
    seen = ask(town, text=PAPER)

    fields = form_at(seen, PATH).fields
    assert (fields["title"], fields["owner"]) == ("报送2026年矛盾纠纷排查情况", "person:chenxia")
    assert (fields["due"], fields["shown"]) == ("4月20日前", "2026-04-17")
    assert (fields["source"], fields["partner-0"]) == ("县委依法治县办", "person:wangmin")
    assert "不含4月20日当天" in seen.text
    assert fields["note"].replace("\r\n", "\n") == PAPER
    confirm(town, seen)

    ((_, due_on, parts),) = items(town)
    assert due_on == date(2026, 4, 17)
    assert {"owner chenxia", "partner wangmin"} <= parts
    duty = next(one for one in town.app.office.calendar.duties if one.key == "adhoc-2026-001")
    assert (duty.basis, duty.note) == ("县委依法治县办", f"{PAPER}（时限原文：4月20日前）")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"text": "报送排查表", "owner": "person:wangmin", "due": "尽快"}, "“尽快”看不懂"),
        ({"text": "报送排查表", "owner": "person:wangmin"}, "没有看出什么时候办完"),
        ({"text": "报送排查表", "owner": "person:wangmin", "due": "2026.3.5"}, "已经过去了"),
        ({"text": "报送排查表", "due": "周五"}, "请选择承办"),
        ({"text": "  ", "owner": "person:wangmin", "due": "周五"}, "请写一句要办什么"),
        ({"text": "报送排查表", "owner": "person:nobody", "due": "周五"}, "现在没有人"),
    ],
)
def test_what_cannot_be_read_is_asked_again_with_what_was_typed(town: Any, typed: dict[str, str], said: str) -> None:
    answer = ask(town, **typed)

    assert (answer.status_code, said in answer.text) == (409, True)
    again = form_at(answer, PATH).fields
    assert again["text"].strip() == typed["text"].strip()
    assert (again["due"], again["owner"]) == (typed.get("due", ""), typed.get("owner", ""))
    assert items(town) == []


def test_what_was_read_stands_there_while_the_owner_is_asked_for(town: Any) -> None:
    answer = ask(town, text="请于4月20日17时前报送排查表")

    assert answer.status_code == 409
    assert "没有看出由谁办，请选择承办。" in answer.text
    assert "<li>事项：报送排查表</li>" in answer.text
    assert "<li>时限：2026年4月20日（周一） 17:00</li>" in answer.text
    seen = form_at(answer, PATH).send(town, "read", owner="person:wangmin")
    assert form_at(seen, PATH).fields["title"] == "报送排查表（17:00前）"


def test_what_comes_along_unseen_with_a_pasted_text_is_left_behind(town: Any) -> None:
    text = "\ufeff请王敏\u200b明天下班前\t报送\u200d排查表\r\n附件：\x07\u3000无\u2028以上\x85"

    done = confirm(town, ask(town, text=text))

    assert done.status_code == 200, done.text
    duty = next(one for one in town.app.office.calendar.duties if one.key == "adhoc-2026-001")
    assert duty.note == "请王敏明天下班前 报送排查表\n附件：\u3000无\n以上（时限原文：明天下班前）"
    assert town.app.office.problems == ()


def test_the_day_is_never_another_than_the_one_that_was_seen(town: Any) -> None:
    seen = ask(town, text="请王敏明天下班前报送排查表")
    town.clock.now = datetime(2026, 4, 9, 0, 30, tzinfo=UTC)  # the next morning 明天 is another day
    town.sign_in()

    again = confirm(town, seen)
    assert (again.status_code, items(town)) == (409, [])
    assert "4月10日（周五）" in again.text
    changed = confirm(town, again, due="下周一")
    assert "4月13日（周一）" in changed.text
    confirm(town, changed)

    assert [due for _, due, _ in items(town)] == [date(2026, 4, 13)]


def test_title_owner_and_overseer_are_changed_before_it_is_written(town: Any) -> None:
    seen = ask(town, text="请王敏明天下班前报送排查表")
    done = confirm(town, seen, title="报送三资排查表", owner="unit:sifasuo", overseer="")

    assert done.status_code == 200
    ((title, _, parts),) = items(town)
    assert (title, parts) == ("报送三资排查表", {"owner wangmin"})
    refused = confirm(town, seen, title="另一件", overseer="person:fenggang")
    assert (refused.status_code, len(items(town))) == (409, 1)


def test_a_second_press_makes_no_second_item(town: Any) -> None:
    seen = ask(town, text="请王敏明天下班前报送排查表")
    confirm(town, seen)
    again = confirm(town, seen)

    assert "已经登记过了" in again.text
    assert len(items(town)) == 1
    confirm(town, ask(town, text="请王敏明天下班前报送排查表", owner="person:chenxia"))
    assert len(items(town)) == 2
    assert (town.app.home / FILE).read_text("utf-8").count("key: adhoc-") == 2


@pytest.fixture
def unplanned(town: Any, monkeypatch: pytest.MonkeyPatch) -> httpx.Response:
    """What was understood of an item that the file has and the plan has not: the database was busy at the first press."""

    def busy(*town_and_basis: Any, **how: Any) -> Any:
        if how.get("dry_run"):
            return plan(*town_and_basis, **how)
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    seen = ask(town, text="请王敏明天下班前报送排查表")
    with monkeypatch.context() as patch:
        patch.setattr("web.file_change.plan", busy)
        first = confirm(town, seen)
        again = confirm(town, seen)
    assert "下一次派发时收到" not in first.text
    for answer in (first, again):
        assert (answer.status_code, "数据库正忙" in answer.text, "已经登记过了" in answer.text) == (503, True, False)
    assert items(town) == []
    return seen


def test_an_item_that_the_plan_could_not_take_is_taken_by_the_next_press(town: Any, unplanned: httpx.Response) -> None:
    second, third = confirm(town, unplanned), confirm(town, unplanned)

    assert (second.status_code, "已交办" in second.text, "已经登记过了" in second.text) == (200, True, False)
    (ref,) = re.findall(r'href="(/o/adhoc[^"]+)"', second.text)
    assert town.get(ref).status_code == 200
    assert "已经登记过了" in third.text
    assert [title for title, _, _ in items(town)] == ["报送排查表"]
    assert (town.app.home / FILE).read_text("utf-8").count("key: adhoc-") == 1


def test_the_next_press_makes_no_big_change_by_the_way(town: Any, unplanned: httpx.Response) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("rule: {day: 28}", "rule: {weekly: 周五}"), "utf-8")

    answer = confirm(town, unplanned)

    assert (answer.status_code, "按文件重新编排" in answer.text) == (409, True)
    assert items(town) == []


def test_what_the_plan_takes_in_a_later_year_is_written_once(town: Any) -> None:
    seen = ask(town, text="报送排查表", owner="person:wangmin", due="2028-03-06")
    first, again = confirm(town, seen), confirm(town, seen)

    assert ["到前一年年初排进计划" in page.text for page in (first, again)] == [True, True]
    assert "已经登记过了" in again.text
    assert (town.app.home / FILE).read_text("utf-8").count("key: adhoc-") == 1


def test_somebody_elses_item_at_the_same_moment_is_kept(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from web.pages import order_writing

    write, others = order_writing.write_item, ["请冯刚明天下班前打扫会议室"]

    def meanwhile(app: Any, seen: Any) -> Any:
        made = write(app, seen)
        if others:
            confirm(town, ask(town, text=others.pop()))
        return made

    monkeypatch.setattr(order_writing, "write_item", meanwhile)
    done = confirm(town, ask(town, text="请王敏明天下班前报送排查表"))

    assert "已交办" in done.text
    assert sorted(title for title, _, _ in items(town)) == ["打扫会议室", "报送排查表"]
    keys = re.findall(r"key: (adhoc-\S+)", (town.app.home / FILE).read_text("utf-8"))
    assert keys == ["adhoc-2026-001", "adhoc-2026-002"]


def test_the_file_keeps_what_people_wrote_into_it(town: Any) -> None:
    confirm(town, ask(town, text="请王敏明天下班前报送排查表"))
    path: Path = town.app.home / FILE
    by_hand = path.read_text("utf-8").replace("    title: 报送排查表\n", "    title: 报送排查表   # 县里口头说的\n")
    path.write_text(by_hand, "utf-8")

    confirm(town, ask(town, text="请陈霞周五前整理台账"))

    assert path.read_text("utf-8").startswith(by_hand.rstrip("\n"))
    assert [title for title, _, _ in items(town)] == ["报送排查表", "整理台账"]


def test_a_big_change_waiting_in_the_files_is_not_made_by_the_way(town: Any) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("rule: {day: 28}", "rule: {weekly: 周五}"), "utf-8")

    answer = confirm(town, ask(town, text="请王敏明天下班前报送排查表"))

    assert answer.status_code == 409
    assert "按文件重新编排" in answer.text
    assert items(town) == []
    assert not (town.app.home / FILE).exists()


def test_an_office_gives_work_to_its_own_only(town: Any) -> None:
    town.sign_in("chenxia", AccountRole.OFFICE, scope="sifasuo")
    page = town.get(PATH).text
    assert ('value="person:wangmin"' in page, 'value="unit:sifasuo"' in page) == (True, True)
    assert not re.search(r'value="(person:fenggang|unit:huilong|role:[^"]*)"', page)

    code = {"code": town.form_code("chenxia"), "text": "报送排查表", "due": "周五"}
    for owner in ("person:fenggang", "unit:huilong", "role:主要领导"):
        for step in ("read", "confirm"):
            answer = town.post(PATH, data={**code, "owner": owner, "step": step, "shown": "2026-04-10"})
            assert answer.status_code == 403, owner
    assert items(town) == []
    named = town.post(PATH, data={**code, "text": "请冯刚、王敏周五前报送排查表", "step": "read"})
    assert form_at(named, PATH).fields["owner"] == "person:wangmin"
    assert confirm(town, named).status_code == 200
    ((_, _, parts),) = items(town)
    assert {"owner wangmin", "overseer zhangjun"} == parts


@pytest.mark.parametrize("role", [AccountRole.STAFF, AccountRole.AUDITOR])
def test_who_may_not_is_told_so_and_sees_no_way_there(town: Any, role: AccountRole) -> None:
    town.sign_in("wangmin", role)

    assert town.get(PATH).status_code == 403
    typed = {"code": town.form_code("wangmin"), "text": "x", "due": "周五", "owner": "person:wangmin", "step": "confirm"}
    assert town.post(PATH, data=typed).status_code == 403
    assert PATH not in town.get("/").text + town.get("/me").text


@pytest.mark.parametrize("role", [AccountRole.ADMIN, AccountRole.LEADER, AccountRole.OFFICE])
def test_who_may_finds_it_from_the_overview_and_from_his_own_items(town: Any, role: AccountRole) -> None:
    town.sign_in("chenxia", role)

    assert [f'href="{PATH}"' in town.get(path).text for path in ("/", "/me")] == [True, True]


def test_a_leader_gives_work_to_anybody(town: Any) -> None:
    town.sign_in("liguoqiang", AccountRole.LEADER)
    page = form_at(town.get(PATH), PATH)
    page.fields["code"] = town.form_code("liguoqiang")

    confirm(town, page.send(town, "read", text="请冯刚周五前报送排查表"))

    ((_, _, parts),) = items(town)
    assert "owner fenggang" in parts
    (event,) = SecurityLog(town.app.home / "logs").newest(1)
    assert (event.event, event.outcome, event.actor) == ("files", "ok", "liguoqiang")
    assert event.about == f"new item adhoc-2026-001 {FILE}"


@pytest.mark.browser
def test_an_item_takes_two_pages_and_two_presses_without_scripts(town: Any, address: str, browser: Browser) -> None:
    context, page, complaints = new_page(browser, width=390, script=False)
    come_in(context, address, town)
    opened: list[str] = []
    page.on("framenavigated", lambda frame: opened.append(frame.url))
    page.goto(f"{address}{PATH}")
    page.get_by_label("要办什么").fill("请王敏明天下班前报送排查表")
    assert too_wide(page) == 0
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_text("4月9日（周四）")).to_be_visible()
    assert too_wide(page) == 0
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("heading", name="已交办")).to_be_visible()
    assert too_wide(page) == 0
    assert len(opened) == 3  # the form, what was understood, and the word that it is done
    assert [title for title, _, _ in items(town)] == ["报送排查表"]
    assert complaints == []
    context.close()
