"""放假安排 and 设置: a pasted notice, local days and the start date; which days move is seen before they do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from config.editing.journal import locked
from config.editing.own_files import KEPT
from config.holidays import write_table
from config.security_log import SecurityLog
from models.occurrence import occurrences
from planning.access import AccountRole
from planning.notice import parse_notice
from planning.workdays import DayNote
from services.plan import plan
from tests.planning.conftest import INVENTED_NOTICE_2027
from tests.web.filled_form import form_at
from web import file_change
from web.pages import change_steps

PATH, DAYS, REMOVE = "/holidays", "/holidays/days", "/holidays/days/remove"


def counts(page: httpx.Response) -> list[int]:
    found = re.search(
        r"新增 <b>(\d+)</b> 项，改期 <b>(\d+)</b> 项，撤回 <b>(\d+)</b> 项，其他更新 <b>(\d+)</b> 项.*?<b>(\d+)</b> 份", page.text
    )
    assert found, page.text
    return [int(number) for number in found.groups()]


def moves(page: httpx.Response) -> list[tuple[str, str]]:
    return re.findall(r'data-name="原定">(\S+) \S+</td><td[^>]*data-name="改为">(\S+) ', page.text)


def due_days(town: Any) -> set[date]:
    with town.app.store.read() as db:
        wanted = select(occurrences.c.due_on).where(occurrences.c.state == "open")
        return set(db.execute(wanted).scalars())


def provisional(town: Any) -> int:
    with town.app.store.read() as db:
        return len(db.execute(select(occurrences.c.id).where(occurrences.c.provisional, occurrences.c.state == "open")).all())


def test_this_years_table_stands_there_and_next_years_is_missing(town: Any) -> None:
    page = town.get(PATH).text

    assert "国庆节 10月1日—7日 放假7天，9月20日（周日）、10月10日（周六）上班" in page
    assert "2027 年" in page
    assert "还没有导入" in page


def test_a_pasted_notice_is_read_looked_at_and_taken_in(town: Any) -> None:
    table: Path = town.app.home / "holidays/2027.json"
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("{day: 20}", "{day: 7}"), "utf-8")
    plan(town.app.store, town.app.plan_basis(), now=town.clock.now, yes_many=True)
    assert provisional(town) > 0

    preview = form_at(town.get(PATH), PATH).send(town, "preview", notice=INVENTED_NOTICE_2027)
    assert not table.exists()
    assert [line for line in parse_notice(INVENTED_NOTICE_2027).lines if line not in preview.text] == []
    done = form_at(preview, PATH).send(town, "confirm")

    assert done.status_code == 200
    assert json.loads(table.read_text("utf-8"))["year"] == 2027
    assert counts(preview) == counts(done)
    assert moves(preview) == moves(done)
    assert ("2027-10-07", "2027-09-30") in moves(done)
    assert {date.fromisoformat(new) for _, new in moves(done)} <= due_days(town)
    assert provisional(town) == 0
    assert "holidays/2027.json" in done.text
    (event,) = SecurityLog(town.app.home / "logs").newest(1)
    assert (event.event, event.about) == ("files", "holidays 2027 holidays/2027.json")
    assert "还没有导入" not in town.get(PATH).text


@pytest.mark.parametrize(
    ("notice", "said"),
    [
        (INVENTED_NOTICE_2027.replace("共8天", "共9天").replace("共7天", "共9天"), "共9天"),
        ("今天天气很好", "不像国务院办公厅的放假通知"),
        (" ", "请粘贴放假通知的全文"),
    ],
)
def test_a_text_that_does_not_add_up_is_refused_with_the_reason(town: Any, notice: str, said: str) -> None:
    answer = form_at(town.get(PATH), PATH).send(town, "preview", notice=notice)

    assert (answer.status_code, said in answer.text.partition("<textarea")[0]) == (409, True)
    assert form_at(answer, PATH).fields["notice"].strip() == notice.strip()
    assert not (town.app.home / "holidays/2027.json").exists()


def test_a_notice_with_a_slip_comes_back_with_what_was_read_of_it(town: Any) -> None:
    slip = form_at(town.get(PATH), PATH).send(town, "preview", notice=INVENTED_NOTICE_2027.replace("共7天", "共8天", 1))
    unread = form_at(slip, PATH).send(town, "preview", notice="元旦：1月33日放假1天。2027年")

    assert slip.status_code == unread.status_code == 409
    assert "读懂了，但天数或日期对不上，什么也没有改动。" in slip.text
    assert "写明共8天，但列出的放假日期有7天" in slip.text
    assert "<li>春节 2月5日—11日 放假7天，2月14日（周日）上班</li>" in slip.text
    assert "没有读懂，什么也没有改动。" in unread.text
    assert "读到的是" not in unread.text


def test_each_moved_day_is_shown_with_its_period(town: Any) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("{day: 20}", "{day: 7}"), "utf-8")

    page = form_at(town.get("/replan"), "/replan").send(town, "preview").text

    rows = re.findall(r'<td><a href="/o/[^":]+%3A([^"]+)">[^<]+</a> <span class="soft">([^<]+)</span></td>', page)
    assert len(rows) > 1
    assert [period for ref, period in rows if ref != period] == []


def test_a_table_that_somebody_else_brings_meanwhile_is_not_overwritten_unseen(town: Any) -> None:
    preview = form_at(town.get(PATH), PATH).send(town, "preview", notice=INVENTED_NOTICE_2027)
    table = write_table(town.app.home, parse_notice(INVENTED_NOTICE_2027).table)
    other = table.read_text("utf-8").replace("元旦", "新年")
    table.write_text(other, "utf-8")

    answer = form_at(preview, PATH).send(town, "confirm")

    assert (answer.status_code, table.read_text("utf-8")) == (409, other)
    assert "被别人改过" in answer.text
    assert form_at(answer, PATH).send(town, "confirm").status_code == 200
    assert (town.app.home / "holidays/2027.json.bak").read_text("utf-8") == other


def test_nobody_else_writes_between_the_last_look_at_a_table_and_its_writing(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    change = file_change.TableChange(town.app, parse_notice(INVENTED_NOTICE_2027))
    let_in: list[bool] = []

    def watched(usual: Callable[..., Any]) -> Callable[..., Any]:
        def step(*args: Any) -> Any:
            with locked(town.app.home, wait=False) as held:
                let_in.append(held)
            return usual(*args)

        return step

    for name in ("fingerprint_of", "write_table"):
        monkeypatch.setattr(file_change, name, watched(getattr(file_change, name)))
    change.write()

    assert let_in == [False, False]
    with locked(town.app.home, wait=False) as held:
        assert held


def test_a_local_day_moves_what_falls_on_it_and_is_taken_back(town: Any) -> None:
    assert date(2026, 4, 20) in due_days(town)  # 重点人员排查, a Monday
    form = form_at(town.get(PATH), DAYS)

    preview = form.send(town, "preview", day="2026-04-20", off="off", reason="停工令")
    done = form_at(preview, DAYS).send(town, "confirm")

    assert moves(preview) == moves(done) == [("2026-04-20", "2026-04-17")]
    assert date(2026, 4, 20) not in due_days(town)
    assert town.app.office.holidays.overrides == {date(2026, 4, 20): DayNote("停工令", off=True)}
    again = form_at(town.get(PATH), DAYS).send(town, "preview", day="2026-04-20", off="on", reason="不停了")
    assert "已经写过了" in again.text

    preview = form_at(town.get(PATH), REMOVE).send(town, "preview")
    done = form_at(preview, REMOVE).send(town, "confirm")

    assert moves(done) == [("2026-04-17", "2026-04-20")]
    assert town.app.office.holidays.overrides == {}
    assert town.app.office.errors == ()


def test_a_local_day_needs_a_day_and_a_reason(town: Any) -> None:
    form = form_at(town.get(PATH), DAYS)

    answers = [
        form.send(town, "preview", day=day, reason=reason)
        for day, reason in (("", "停工令"), ("某天", "停工令"), ("2026-04-20", " "))
    ]

    assert [answer.status_code for answer in answers] == [409] * 3
    assert form_at(answers[1], DAYS).fields["reason"] == "停工令"


def test_comments_in_the_file_of_local_days_stay(town: Any) -> None:
    path: Path = town.app.home / "holidays/local.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text("# 县里的通知夹在文件柜第二层\n- {date: 2026-08-10, off: true, reason: 停工令}  # 一天\n", "utf-8")

    preview = form_at(town.get(PATH), DAYS).send(town, "preview", day="2026-08-11", reason="停工令")
    path.write_text(path.read_text("utf-8").replace("一天", "只有一天"), "utf-8")
    meanwhile = form_at(preview, DAYS).send(town, "confirm")
    form_at(meanwhile, DAYS).send(town, "confirm")

    assert meanwhile.status_code == 409
    assert path.read_text("utf-8") == (
        "# 县里的通知夹在文件柜第二层\n"
        "- {date: 2026-08-10, off: true, reason: 停工令}  # 只有一天\n"
        "- {date: 2026-08-11, off: true, reason: 停工令}\n"
    )


def test_the_start_date_and_other_settings_are_changed_and_no_other_line(town: Any) -> None:
    path: Path = town.app.home / "suishi.yaml"
    path.write_text(path.read_text("utf-8").replace("title: 法治工作提醒", "title: 法治工作提醒   # 标题"), "utf-8")
    before = path.read_text("utf-8")

    preview = form_at(town.get("/settings"), "/settings").send(
        town, "preview", silent_before="2026-04-01", extension_approval="overseer", windows="09:00-11:30\r\n"
    )
    assert counts(preview)[3] > 0  # what was due before is silent from now on
    done = form_at(preview, "/settings").send(town, "confirm")

    assert done.status_code == 200
    assert counts(preview) == counts(done)
    settings = town.app.settings
    assert (settings.silent_before, settings.extension_approval) == (date(2026, 4, 1), "overseer")
    assert [str(window) for window in settings.windows] == ["09:00-11:30"]
    after = path.read_text("utf-8")
    assert [line for line in before.splitlines() if line not in after.splitlines()] == ["silent_before: 2026-01-01"]
    assert (town.app.home / KEPT).exists()


def test_a_fault_in_a_field_of_the_form_is_told_by_the_name_that_the_form_has_for_it(town: Any) -> None:
    form = form_at(town.get("/settings"), "/settings")
    for typed, label, fault in (
        ({"admin": ""}, "管理员", "没有填写"),
        ({"windows": "22:00-08:00"}, "发送时段", "结束时间应晚于开始时间"),
        ({"remind_at": "九点"}, "每天提醒的时刻", "不是一个时间"),
    ):
        answer = form.send(town, "preview", **typed)
        assert answer.status_code == 409
        told = answer.text.partition('role="alert"')[2].partition("</div>")[0]
        assert f"<b>{label}</b>" in told
        first, _, second = told.partition("<br>")
        assert fault in first
        assert "请在下面改正这一栏" in first
        assert "suishi.yaml" not in first
        assert "suishi.yaml:" in second  # for whoever looks after the files


def test_a_ladder_is_changed_and_one_added(town: Any) -> None:
    path: Path = town.app.home / "suishi.yaml"
    path.write_text(path.read_text("utf-8") + 'ladders:\n  standard: "T-3 T0 T+1"   # 平时用\n', "utf-8")
    form = form_at(town.get("/settings"), "/settings")

    assert [form.fields[f"ladder-standard-{at}-when"] for at in range(4)] == ["before", "due", "after", ""]
    sent = {"ladder_standard_0_days": "5", "new_ladder_name": "quick", "new_ladder_0_when": "before", "new_ladder_0_days": "1"}
    told = {"new_ladder_1_when": "due", "new_ladder_1_to_owner": "1", "new_ladder_1_to_leader": "1"}

    preview = form.send(town, "preview", **sent, **told)
    form_at(preview, "/settings").send(town, "confirm")
    wrong = form_at(town.get("/settings"), "/settings").send(town, "preview", ladder_quick_0_days="每天")
    twice = form_at(town.get("/settings"), "/settings").send(town, "preview", new_ladder_name="quick", new_ladder_0_when="due")

    assert {name: len(steps) for name, steps in town.app.settings.ladders.items()} == {"standard": 3, "quick": 2}
    assert 'standard: "T-5 T0 T+1"   # 平时用' in path.read_text("utf-8")
    assert "quick: T-1 T0=owner,leader" in path.read_text("utf-8")
    assert "# 平时用" in path.read_text("utf-8")
    assert (wrong.status_code, "suishi.yaml:" in wrong.text) == (409, True)
    assert (twice.status_code, "已经有了" in twice.text) == (409, True)


def test_what_no_page_may_change_is_neither_shown_nor_taken(town: Any) -> None:
    path: Path = town.app.home / "suishi.yaml"
    path.write_text(path.read_text("utf-8") + "ping_url: ${file:secrets/ping}\n", "utf-8")
    page = town.get("/settings")
    assert "ping" not in page.text

    preview = form_at(page, "/settings").send(
        town, "preview", title="提醒", base_url="http://elsewhere.example", database_url="sqlite:///x", ping_url="http://x"
    )

    assert "ping_url" not in preview.text.partition("<form")[0]
    form_at(preview, "/settings").send(town, "confirm")
    after = path.read_text("utf-8")
    assert ("elsewhere" in after, "sqlite" in after, "title: 提醒" in after) == (False, False, True)
    assert after.endswith("ping_url: ${file:secrets/ping}\n")


@pytest.mark.parametrize(
    ("role", "scope"),
    [(AccountRole.STAFF, None), (AccountRole.LEADER, None), (AccountRole.AUDITOR, None), (AccountRole.OFFICE, "sifasuo")],
)
def test_who_may_not_sees_and_changes_nothing(town: Any, role: AccountRole, scope: str | None) -> None:
    town.sign_in("chenxia", role, scope)

    assert [town.get(path).status_code for path in (PATH, "/settings")] == [403, 403]
    typed = {
        "code": town.form_code("chenxia"),
        "notice": INVENTED_NOTICE_2027,
        "day": "2026-04-20",
        "reason": "x",
        "step": "confirm",
    }
    assert [town.post(path, data=typed).status_code for path in (PATH, DAYS, REMOVE, "/settings")] == [403] * 4
    assert not (town.app.home / "holidays/2027.json").exists()


def test_a_start_date_moved_back_says_what_will_be_told_and_which_of_it_is_overdue(town: Any) -> None:
    preview = form_at(town.get("/settings"), "/settings").send(town, "preview", silent_before="2026-04-01")
    form_at(preview, "/settings").send(town, "confirm")
    preview = form_at(town.get("/settings"), "/settings").send(town, "preview", silent_before="2026-01-01")
    [said] = re.findall(r"<summary>(不再静默[^<]*)</summary>", preview.text)
    assert re.fullmatch(r"不再静默 \d+ 项，其中已过期 \d+ 项", said)


def test_every_moved_day_can_be_looked_at_before_it_moves(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calendar = town.app.home / "calendar/all.yaml"
    calendar.write_text(calendar.read_text("utf-8").replace("{day: 20}", "{day: 7}"), "utf-8")
    plan(town.app.store, town.app.plan_basis(), now=town.clock.now, yes_many=True)
    monkeypatch.setattr(change_steps, "LISTED", 1)
    preview = form_at(town.get(PATH), PATH).send(town, "preview", notice=INVENTED_NOTICE_2027)
    moved = counts(preview)[1]
    assert moved > 1
    assert len(moves(preview)) == moved
    assert f"<summary>另有 {moved - 1} 项改期</summary>" in preview.text
