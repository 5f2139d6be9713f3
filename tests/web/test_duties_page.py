"""事项: a duty is changed in a page; what the preview says is what the plan does, and the file keeps its comments."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

import config
from config.editing.own_files import KEPT
from config.editing.trial import try_rule
from config.office import read_office
from models.occurrence import occurrences
from planning.access import AccountRole
from planning.duty import Measure
from planning.rules import Before
from tests.web.chromium import come_in, new_page, too_wide
from tests.web.filled_form import form_at
from web.pages.rule_words import RULE_WORDS, SHIFT_WORDS

FILE = "calendar/all.yaml"
PACK = Path(config.__file__).parent / "packs/township_law"
REPORT = """\
  # 每年的报告，县里催得紧
  - key: report
    kind: routine
    title: 法治政府建设年度报告        # 全称
    basis: 督察工作规定
    basis_mark: 记                      # 请核对
    owner: person:zhangwei
    rule: 3月1日前
"""


@pytest.fixture
def calendar(town: Any) -> Path:
    """The town's duties as people write them."""
    path: Path = town.app.home / FILE
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(REPORT if "key: report" in line else line for line in lines), "utf-8")
    town.app.reload()
    assert town.app.office.problems == ()
    return path


def changed(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


def due_days(town: Any, key: str) -> dict[str, date]:
    wanted = select(occurrences.c.period, occurrences.c.due_on).where(occurrences.c.duty_key == key)
    with town.app.store.read() as db:
        return {row.period: row.due_on for row in db.execute(wanted.where(occurrences.c.state != "withdrawn"))}


def counts(page: httpx.Response) -> list[int]:
    """新增, 改期, 撤回, 更新, 通知: as the page says."""
    found = re.search(
        r"新增 <b>(\d+)</b> 项，改期 <b>(\d+)</b> 项，撤回 <b>(\d+)</b> 项，其他更新 <b>(\d+)</b> 项.*?<b>(\d+)</b> 份", page.text
    )
    assert found, page.text
    return [int(number) for number in found.groups()]


def moves(page: httpx.Response) -> list[tuple[str, str]]:
    return re.findall(r'data-name="原定">(\S+) \S+</td><td[^>]*data-name="改为">(\S+) ', page.text)


def test_duties_stand_by_kind_with_their_next_day(town: Any, calendar: Path) -> None:
    page = town.get("/duties").text

    assert page.index(">学习 ") < page.index(">普法 ") < page.index(">整改 ") < page.index(">常规 ")
    assert re.search(r"中心组法治专题学习</a>.*?陈霞.*?每季度至少1次.*?2026-06-30 周二", page, re.DOTALL)
    assert page.count("默认值，请核对") == 2


def test_a_rule_is_changed_and_the_plan_moves_as_the_preview_said(town: Any, calendar: Path) -> None:
    before = calendar.read_text("utf-8")
    form = form_at(town.get("/duties/report"), "/duties/report")
    assert form.fields["rule"] == "3月1日前"

    preview = form.send(town, "preview", rule_kind="text", rule="{by: 03-31}", basis_mark="")
    assert (due_days(town, "report")["2027"], calendar.read_text("utf-8")) == (date(2027, 2, 26), before)
    done = form_at(preview, "/duties/report").send(town, "confirm")

    assert moves(preview) == moves(done) == [("2027-02-26", "2027-03-31")]
    assert counts(preview) == counts(done)
    assert due_days(town, "report")["2027"] == date(2027, 3, 31)
    gone, come = changed(before, calendar.read_text("utf-8"))
    assert gone == ["    basis_mark: 记                      # 请核对", "    rule: 3月1日前"]
    assert come == ["    rule: {by: 03-31}"]
    assert "-    rule: 3月1日前" in preview.text
    assert "+    rule: {by: 03-31}" in preview.text
    (old,) = (town.app.home / KEPT).iterdir()
    assert old.read_text("utf-8") == before
    assert read_office(town.app.home, environ={}).errors == ()
    again = form_at(town.get("/replan"), "/replan").send(town, "preview")
    assert "保存以后，计划不变。" in again.text


def test_every_field_reaches_the_file(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/report"), "/duties/report")
    typed = {
        "title": "年度报告",
        "owner": "unit:sifasuo",
        "overseer": "role:分管领导",
        "leader": "role:主要领导",
        "verifier": "person:chenxia",
        "partner_0": "person:wangmin",
        "shift": "none",
        "note": "第一行\r\n第二行 ",
        "ladder_kind": "text",
        "ladder": "- {at: T-7, to: [owner], say: 请起草}\r\n- {at: T0, to: [owner]}",
        "evidence": "报告\r\n\r\n公布页链接",
        "measure_0_name": "份数",
        "measure_0_unit": "份",
        "measure_0_required": "1",
        "themes": "Q1：开头\n3 三月",
        "login_required": "1",
        "sign_off": "1",
        "from_year": "2025",
        "until_year": "2030",
        "basis_mark": "见",
    }

    preview = form.send(town, "preview", **typed)
    done = form_at(preview, "/duties/report").send(town, "confirm")

    assert done.status_code == 200, done.text
    duty = next(one for one in town.app.office.calendar.duties if one.key == "report")
    assert (duty.title, duty.note, duty.evidence) == ("年度报告", "第一行\n第二行", ("报告", "公布页链接"))
    assert (duty.owner.unit, duty.partners[0].person, duty.verifier and duty.verifier.person) == ("sifasuo", "wangmin", "chenxia")
    assert [(step.name, step.say) for step in duty.ladder] == [("T-7", "请起草"), ("T0", "")]
    assert duty.measures == (Measure("份数", "份", required=True),)
    assert duty.period_titles == {"Q1": "开头", "03": "三月"}
    assert (duty.login_required, duty.sign_off, duty.from_year, duty.until_year) == (True, True, 2025, 2030)
    assert duty.shift.value == "none"
    assert duty.rule == Before(3, 1, inclusive=False)
    assert "# 每年的报告，县里催得紧" in calendar.read_text("utf-8")

    preview = form_at(town.get("/duties/report"), "/duties/report").send(
        town,
        "preview",
        measure_0_name="",
        measure_0_unit="",
        partner_0="",
        themes="",
        ladder_kind="usual",
        login_required="",
        sign_off="",
    )
    form_at(preview, "/duties/report").send(town, "confirm")
    duty = next(one for one in town.app.office.calendar.duties if one.key == "report")
    assert (duty.measures, duty.partners, duty.period_titles, duty.login_required, duty.sign_off) == ((), (), None, False, False)
    assert "ladder" not in calendar.read_text("utf-8").partition("key: report")[2].partition("- {key")[0]


def test_a_form_sent_as_it_is_changes_nothing_whatever_stands_in_the_file(town: Any) -> None:
    """All duties of the township's pack, with all forms of rules, ladders and measures."""
    home = town.app.home
    for path in [PACK / "people.yaml", *(PACK / "calendar").iterdir()]:
        (home / path.relative_to(PACK)).write_bytes(path.read_bytes())
    (home / FILE).unlink()
    settings = (PACK / "suishi.yaml").read_text("utf-8").replace("{silent_before}", "2026-01-01")
    (home / "suishi.yaml").write_text(settings, "utf-8")
    town.app.reload()
    duties = town.app.office.calendar.duties
    assert len(duties) > 60
    for duty in duties:
        answer = form_at(town.get(f"/duties/{duty.key}"), f"/duties/{duty.key}").send(town, "preview")
        assert (answer.status_code, "没有改动" in answer.text) == (409, True), duty.key
    answer = form_at(town.get("/settings"), "/settings").send(town, "preview")
    assert (answer.status_code, "没有改动" in answer.text) == (409, True)


def test_the_next_days_of_a_rule_are_tried_while_it_is_typed(town: Any, calendar: Path) -> None:
    before = calendar.read_text("utf-8")
    form = form_at(town.get("/duties/report"), "/duties/report")

    tried = form.send(town, "try", rule_kind="text", rule="{nth_weekday: 3, weekday: sunday, months: [5, 9]}", title="改了一半")
    odd = form.send(town, "try", rule_kind="text", rule="尽快")
    open_bracket = form.send(town, "try", rule_kind="text", rule="{by: 03-31")

    shown = re.findall(r'<li><span class="day">(\S+) (\S+)</span>', tried.text)
    assert shown[:3] == [("2026-05-17", "周日"), ("2026-09-20", "周日"), ("2027-05-16", "周日")]
    assert len(shown) == 8
    assert tried.text.count("暂定") == 6
    assert form_at(tried, "/duties/report").fields["title"] == "改了一半"
    assert "看不出是什么时限" in odd.text
    assert "没有写对" in open_bracket.text
    assert calendar.read_text("utf-8") == before


def test_a_rule_is_picked_and_filled_in_without_knowing_how_files_write_it(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/report"), "/duties/report")
    assert (form.fields["rule_kind"], form.fields["rule"]) == ("text", "3月1日前")
    filled = {"rule_kind": "monthly", "rule_monthly_day": "20", "rule-monthly-month-3": "1", "rule-monthly-month-9": "1"}
    filled["rule-monthly-day"] = filled.pop("rule_monthly_day")

    tried = form.send(town, "try", **filled)
    preview = form_at(tried, "/duties/report").send(town, "preview")
    form_at(preview, "/duties/report").send(town, "confirm")

    assert "每年3月、9月的20日，遇休息日提前。接下来是：" in tried.text
    assert "rule: {day: 20, months: [3, 9]}" in calendar.read_text("utf-8")
    again = form_at(town.get("/duties/report"), "/duties/report").fields
    assert (again["rule_kind"], again["rule-monthly-day"]) == ("monthly", "20")
    assert [name for name in again if name.startswith("rule-monthly-month")] == ["rule-monthly-month-3", "rule-monthly-month-9"]
    assert "每年3月、9月的20日，遇休息日提前" in town.get("/duties").text


def test_reminders_are_set_row_by_row(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/report"), "/duties/report")
    assert form.fields["ladder_kind"] == "usual"
    rows = {"step_0_when": "before", "step_0_days": "10", "step_0_to_owner": "1", "step_0_say": "请收集材料"}

    preview = form.send(town, "preview", ladder_kind="own", **rows, step_1_when="due", step_2_when="after", step_2_days="2")
    form_at(preview, "/duties/report").send(town, "confirm")
    named = form_at(town.get("/duties/report"), "/duties/report").send(
        town, "preview", ladder_kind="named", ladder_name="standard"
    )

    duty = next(one for one in town.app.office.calendar.duties if one.key == "report")
    assert [(step.name, step.say) for step in duty.ladder] == [("T-10", "请收集材料"), ("T0", ""), ("T+2", "")]
    assert [role.value for role in duty.ladder[2].audience] == ["owner", "overseer"]
    assert "+    ladder: standard" in named.text


@pytest.mark.parametrize("example", [example for _, example in RULE_WORDS])
def test_every_example_on_the_page_is_a_rule(town: Any, example: str) -> None:
    from config.editing.field_text import from_typed

    rule = from_typed(example, what="时限规则")
    for shift in SHIFT_WORDS:
        tried = try_rule(rule, shift, workdays=town.app.workdays, years=(2026, 2027), on=date(2026, 1, 1), count=8)
        assert tried.problems == ()
        assert tried.dues


def test_a_duty_that_ends_keeps_what_was(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/theme"), "/duties/theme")

    preview = form.send(town, "preview", until_year="2026")
    done = form_at(preview, "/duties/theme").send(town, "confirm")

    assert counts(preview) == counts(done)
    assert counts(done)[2] == 12
    assert max(due_days(town, "theme").values()).year == 2026
    assert "办到 2026 年" in town.get("/duties").text


def test_more_than_anybody_changes_on_purpose_takes_a_second_tick(town: Any, calendar: Path) -> None:
    before = calendar.read_text("utf-8")
    path = "/duties/theme"
    preview = form_at(town.get(path), path).send(town, "preview", rule_kind="text", rule="{weekly: 周五}")

    without = form_at(preview, path).send(town, "confirm")

    assert "核对过了，确实要这样改" in preview.text
    assert (without.status_code, calendar.read_text("utf-8")) == (409, before)
    assert "勾选确认" in without.text
    done = form_at(without, path).send(town, "confirm", many="1")
    assert done.status_code == 200
    assert counts(done) == counts(preview)
    assert calendar.read_text("utf-8") != before


def test_a_duty_is_added_below_the_one_it_was_copied_from(town: Any, calendar: Path) -> None:
    page = town.get("/new/duty?copy=report")
    form = form_at(page, "/new/duty")
    assert (form.fields["title"], form.fields["rule"], form.fields["key"]) == ("法治政府建设年度报告", "3月1日前", "")

    kindless = form.send(town, "preview", kind="")
    taken = form.send(town, "preview", key="safe")
    preview = form.send(town, "preview", key="report-half", title="半年小结", rule_kind="text", rule="上半年")
    done = form_at(preview, "/new/duty").send(town, "confirm")

    assert (kindless.status_code, taken.status_code, done.status_code) == (409, 409, 200)
    assert "已经有了" in taken.text
    keys = [one.key for one in town.app.office.calendar.duties]
    assert keys[keys.index("report") + 1] == "report-half"
    assert counts(preview) == counts(done)
    assert due_days(town, "report-half") == {"2026": date(2026, 6, 30), "2027": date(2027, 6, 30)}
    assert "# 每年的报告，县里催得紧" in calendar.read_text("utf-8")
    assert town.app.office.errors == ()


def test_a_duty_without_a_key_is_numbered_and_no_number_comes_twice(town: Any, calendar: Path) -> None:
    new = {"kind": "study", "title": "新增学习", "owner": "unit:sifasuo", "rule_kind": "weekly", "rule-weekly-weekday": "3"}

    for _ in range(2):
        preview = form_at(town.get("/new/duty"), "/new/duty").send(town, "preview", **new)
        assert form_at(preview, "/new/duty").send(town, "confirm").status_code == 200
    keys = [one.key for one in town.app.office.calendar.duties]
    assert keys[-2:] == ["study-01", "study-02"]
    text = calendar.read_text("utf-8")
    calendar.write_text(text[: text.rindex("\n", 0, text.index("key: study-02")) + 1], "utf-8")
    town.app.reload()
    preview = form_at(town.get("/new/duty"), "/new/duty").send(town, "preview", **new)

    assert "key: study-03" in preview.text


def test_a_new_duty_is_written_beside_those_of_its_kind(town: Any, calendar: Path) -> None:
    other = calendar.with_name("20-check.yaml")
    other.write_text(
        "duties:\n"
        + "".join(f"  - {{key: c{n}, kind: inspection, title: 检查{n}, owner: unit:sifasuo, rule: 6月底}}\n" for n in range(3)),
        "utf-8",
    )
    town.app.reload()
    new = {"kind": "inspection", "title": "新增检查", "owner": "unit:sifasuo", "rule_kind": "text", "rule": "9月底"}

    preview = form_at(town.get("/new/duty"), "/new/duty").send(town, "preview", **new)
    form_at(preview, "/new/duty").send(town, "confirm")

    assert ("新增检查" in other.read_text("utf-8"), "新增检查" in calendar.read_text("utf-8")) == (True, False)


def test_what_is_wrong_stands_beside_the_form_with_file_and_line(town: Any, calendar: Path) -> None:
    before = calendar.read_text("utf-8")
    form = form_at(town.get("/duties/report"), "/duties/report")

    answer = form.send(town, "preview", owner="role:没有这个岗位", rule_kind="text", rule="尽快", note="写了很久")

    assert answer.status_code == 409
    assert re.search(r'calendar/all\.yaml:\d+</span> <span lang="zh-CN">事项 report 的 rule 「尽快」', answer.text)
    assert "没有人担任这个职务或岗位" in answer.text
    again = form_at(answer, "/duties/report").fields
    assert (again["owner"], again["rule"], again["note"]) == ("role:没有这个岗位", "尽快", "写了很久")
    assert calendar.read_text("utf-8") == before


def test_words_that_cannot_be_read_into_a_field_come_back(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/theme"), "/duties/theme")

    for typed in ({"themes": "三月就是这个"}, {"themes": "3：甲\n3：乙"}, {"ladder": "- {at: T-7"}, {"until_year": "明年"}):
        answer = form.send(town, "preview", **typed, ladder_kind="text" if "ladder" in typed else "usual")
        assert answer.status_code == 409
        ((name, value),) = typed.items()
        assert form_at(answer, "/duties/theme").fields[name].replace("\r\n", "\n") == value


def test_another_hand_in_the_duty_is_shown_and_nothing_of_it_is_lost(town: Any, calendar: Path) -> None:
    form = form_at(town.get("/duties/report"), "/duties/report")
    calendar.write_text(calendar.read_text("utf-8").replace("basis: 督察工作规定", "basis: 新的规定"), "utf-8")

    answer = form.send(town, "preview", note="报县里")

    assert answer.status_code == 409
    assert "basis: 新的规定" in answer.text
    assert form_at(answer, "/duties/report").fields["note"] == "报县里"
    assert "报县里" not in calendar.read_text("utf-8")


def test_another_hand_elsewhere_in_the_file_after_the_preview_is_not_overwritten(town: Any, calendar: Path) -> None:
    preview = form_at(town.get("/duties/report"), "/duties/report").send(town, "preview", note="报县里")
    calendar.write_text(calendar.read_text("utf-8").replace("title: 重点人员排查", "title: 重点人员大排查"), "utf-8")

    answer = form_at(preview, "/duties/report").send(town, "confirm")

    assert (answer.status_code, "报县里" in calendar.read_text("utf-8")) == (409, False)
    done = form_at(answer, "/duties/report").send(town, "confirm")
    assert done.status_code == 200
    assert "重点人员大排查" in calendar.read_text("utf-8")
    assert "note: 报县里" in calendar.read_text("utf-8")


def test_a_duty_with_a_fault_is_listed_and_can_be_mended(town: Any, calendar: Path) -> None:
    calendar.write_text(calendar.read_text("utf-8").replace("rule: 3月1日前", "rule: 三月的时候"), "utf-8")
    town.app.reload()
    assert "写错了，没有采用" in town.get("/duties").text

    preview = form_at(town.get("/duties/report"), "/duties/report").send(town, "preview", rule_kind="text", rule="3月1日前")
    done = form_at(preview, "/duties/report").send(town, "confirm")

    assert done.status_code == 200
    assert town.app.office.errors == ()


def test_a_file_that_cannot_be_read_hides_only_its_own(town: Any, calendar: Path) -> None:
    (town.app.home / "calendar/99-broken.yaml").write_text("duties: [\n", "utf-8")

    page = town.get("/duties")

    assert page.status_code == 200
    assert "calendar/99-broken.yaml" in page.text
    assert "法治政府建设年度报告" in page.text


@pytest.mark.parametrize(
    ("role", "scope"),
    [(AccountRole.STAFF, None), (AccountRole.LEADER, None), (AccountRole.AUDITOR, None), (AccountRole.OFFICE, "sifasuo")],
)
def test_who_may_not_sees_and_changes_nothing(town: Any, calendar: Path, role: AccountRole, scope: str | None) -> None:
    before = calendar.read_text("utf-8")
    town.sign_in("chenxia", role, scope)

    assert [town.get(path).status_code for path in ("/duties", "/duties/report", "/new/duty")] == [403] * 3
    typed = {"code": town.form_code("chenxia"), "title": "x", "step": "confirm"}
    assert [town.post(path, data=typed).status_code for path in ("/duties/report", "/new/duty")] == [403] * 2
    assert calendar.read_text("utf-8") == before


@pytest.mark.browser
def test_a_duty_is_changed_in_a_browser_without_scripts(town: Any, calendar: Path, address: str, browser: Browser) -> None:
    context, page, complaints = new_page(browser, width=390, script=False)
    come_in(context, address, town)
    page.goto(f"{address}/duties")
    page.get_by_role("link", name="法治政府建设年度报告").click()
    page.get_by_text("每年某一天", exact=True).click()
    page.get_by_label("每年", exact=True).fill("3月31日")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_text("每年最迟3月31日，遇休息日提前。接下来是：")).to_be_visible()
    expect(page.get_by_text("2027-03-31 周三")).to_be_visible()
    assert too_wide(page) == 0
    page.get_by_text("自己定", exact=True).click()
    assert too_wide(page) == 0
    page.get_by_text("照常用的", exact=True).click()
    page.get_by_role("button", name="预览").click()
    expect(page.get_by_role("heading", name="预览")).to_be_visible()
    assert too_wide(page) == 0
    page.get_by_role("button", name="确定保存").click()
    expect(page.get_by_role("heading", name="已保存")).to_be_visible()
    assert "rule: {by: 03-31}" in calendar.read_text("utf-8")
    assert "ladder" not in calendar.read_text("utf-8").partition("key: report")[2].partition("- {key")[0]
    assert complaints == []
    context.close()


@pytest.mark.browser
def test_a_rule_is_tried_beside_the_form_and_only_what_is_picked_is_asked(
    town: Any, calendar: Path, address: str, browser: Browser
) -> None:
    before = calendar.read_text("utf-8")
    context, page, complaints = new_page(browser)
    come_in(context, address, town)
    page.goto(f"{address}/duties/report")
    page.get_by_label("标题", exact=True).fill("改了一半的标题")
    expect(page.get_by_label("每周", exact=True)).to_have_count(1)

    for kind in page.locator("input[name=rule_kind]").all():
        page.locator(f"label[for={kind.get_attribute('id')}]").click()
        assert page.locator(".kinds").first.locator(".blanks:visible").count() == 1
    page.get_by_text("第几个星期几", exact=True).click()
    page.get_by_role("combobox", name="第几个").select_option("最后一个")
    page.get_by_role("combobox", name="星期几").select_option("周一")
    page.get_by_label("5月", exact=True).locator("visible=true").check()
    page.get_by_role("button", name="试算").click()

    expect(page.get_by_text("每年5月的最后一个周一。接下来是：")).to_be_visible()
    expect(page.get_by_text("2026-05-25 周一")).to_be_visible()
    assert page.get_by_label("标题", exact=True).input_value() == "改了一半的标题"
    assert page.url == f"{address}/duties/report"
    assert (calendar.read_text("utf-8"), complaints) == (before, [])
    context.close()
