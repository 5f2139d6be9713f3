"""What each page shows of the small town."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from planning.access import AccountRole

PAGES = (
    "/",
    "/?year=2027",
    "/year/2026",
    "/year/2027",
    "/list",
    "/list?state=overdue",
    "/o/study-law:2026-Q1",
    "/outbox",
    "/coming",
    "/log",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_and_names_the_office_and_whom_to_tell(town: Any, path: str) -> None:
    answer = town.get(path)
    assert answer.status_code == 200
    assert "曹回镇人民政府" in answer.text
    assert '<a href="/feedback">意见建议</a>，或联系管理员 张伟' in answer.text


def test_admin_and_leader_read_everywhere_that_the_outbox_reaches_nobody(town: Any) -> None:
    banner = "现在只有发件箱渠道，消息只写成文件，没有人会收到"
    assert all(banner in town.get(path).text for path in PAGES)
    town.sign_in("liguoqiang", AccountRole.LEADER)
    assert banner in town.get("/").text
    town.sign_in("chenxia", AccountRole.STAFF)
    assert banner not in town.get("/mine").text
    town.sign_out()
    assert banner not in town.get("/sign-in").text
    town.sign_in()
    town.app.demo = True
    assert banner not in town.get("/").text
    town.app.demo = False
    channels = town.app.home / "channels.yaml"
    mail = "  mail: {type: mail, host: 127.0.0.1, security: none, sender: a@caohui.gov.cn}\n"
    channels.write_text(channels.read_text(encoding="utf-8") + mail, encoding="utf-8")
    town.app.reload()
    assert banner not in town.get("/").text


def test_the_overview_names_what_is_overdue_and_counts_it(town: Any) -> None:
    page = town.get("/").text
    assert "中心组法治专题学习" in page  # due on the last workday of March
    assert "逾期 5 个工作日" in page
    assert "陈霞" in page


def test_the_overview_counts_what_was_done_late_and_in_time(town: Any) -> None:
    town.done("study-law:2026-Q1", date(2026, 4, 8), measures={"场次": 1})
    town.done("report:2026", date(2026, 2, 10), by="zhangwei", name="张伟")
    figures = re.findall(r'<b><a class="n[^>]*>(\d+)</a></b>', town.get("/").text)
    due, on_time, late, overdue, stagnant, pending = [int(figure) for figure in figures]
    assert (on_time, late, stagnant) == (1, 1, 0)
    assert due == on_time + late + overdue
    assert pending > 0


def test_units_stand_in_official_order_and_never_by_merit(town: Any) -> None:
    section = town.get("/").text.partition("各单位完成情况")[2]
    assert section.index("党政办公室") < section.index("司法所")


def test_a_year_without_a_notice_says_in_words_that_its_days_are_provisional(town: Any) -> None:
    assert "2027 年放假安排的通知尚未公布" in town.get("/year/2027").text
    assert "2027 年放假安排的通知尚未公布" in town.get("/?year=2027").text
    assert "暂定" in town.get("/list?when=2027-05").text
    assert "尚未公布" not in town.get("/year/2026").text


def test_the_year_marks_rest_days_and_make_up_days_and_names_the_months_theme(town: Any) -> None:
    page = town.get("/year/2026").text
    assert page.count(">休</sup>") == 33  # the notice of 2025-11-04
    assert page.count(">班</sup>") == 6
    assert "消费者权益保护" in page
    assert "休=放假，班=调休上班；" in page
    assert "<b>2026 年</b>" in page
    assert 'href="/list?day=2026-03-31"' in page


def test_a_day_of_the_year_opens_the_list_of_that_day(town: Any) -> None:
    page = town.get("/list?day=2026-03-31").text
    assert "共 <b>1</b> 项" in page
    assert "中心组法治专题学习" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=rectification", {"fix:"}),
        ("unit=sifasuo&kind=study", {"study-law:"}),
        ("person=zhangwei&kind=routine", {"report:", "discipline:"}),
        ("text=督察工作规定", {"report:"}),
        ("text=年度+报告", {"report:"}),
        ("state=overdue&kind=publicity", {"theme:"}),
        ("kind=nonsense&page=-3&when=2026-13&state=<b>", {"study-law:", "report:", "safe:", "theme:", "fix:", "discipline:"}),
    ],
)
def test_the_list_answers_to_what_its_address_asks(town: Any, query: str, found: set[str]) -> None:
    page = town.get(f"/list?{query}").text
    refs = re.findall(r'href="/o/([a-z-]+(?::|%3A))', page)
    assert {ref.replace("%3A", ":") for ref in refs} <= found
    if query.startswith("kind=nonsense"):
        assert "共 <b>61</b> 项" in page or len(refs) == 30
    else:
        assert {ref.replace("%3A", ":") for ref in refs} == found


def test_the_list_has_pages_that_keep_the_filters(town: Any) -> None:
    page = town.get("/list?unit=sifasuo").text
    following = re.search(r'href="(/list\?[^"]*)">下一页', page)
    assert following
    second = town.get(following[1].replace("&amp;", "&"))
    assert "第 2/" in second.text
    assert "unit=sifasuo" in following[1]


def test_a_search_cannot_write_into_the_page(town: Any) -> None:
    page = town.get("/list", params={"text": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_the_history_tells_why_a_basis_must_be_checked(town: Any) -> None:
    assert "默认值，请核对" in town.get("/o/report:2026").text
    assert "默认值，请核对" in town.get("/o/theme:2026-03").text
    assert "默认值，请核对" not in town.get("/o/study-law:2026-Q1").text


def test_the_history_shows_the_deadline_as_written_and_who_answers(town: Any) -> None:
    page = town.get("/o/report:2026").text
    assert "3月1日前" in page
    page = town.get("/o/study-law:2026-Q1").text
    for name in ("陈霞", "张军", "李国强"):
        assert name in page


def test_the_history_names_the_log_entry_by_number_and_code(town: Any) -> None:
    town.done("study-law:2026-Q1", date(2026, 4, 8), measures={"场次": 2}, note="学习民法典")
    page = town.get("/o/study-law:2026-Q1").text
    assert "学习民法典" in page
    assert re.search(r"第 2 条 [0-9a-f-]{16,}", page)


def test_what_will_go_out_can_be_read_before_it_does_without_anybodys_link(town: Any) -> None:
    page = town.get("/coming").text
    assert "中心组法治专题学习" in page
    assert "/t/……" in page
    assert re.search(r"/t/[0-9a-z]{10}", page) is None
    assert town.get("/coming").text == page


def test_a_page_that_is_not_there_says_so_in_chinese(town: Any) -> None:
    for path in (
        "/nothing",
        "/o/study-law:2031-Q1",
        "/o/nonsense",
        "/year/abc",
        "/outbox/T2601-000001",
        "/o/report:2026/evidence/1",
    ):
        answer = town.get(path)
        assert answer.status_code == 404, path
        assert "没有这一页" in answer.text


def test_a_fault_shows_a_number_that_the_log_knows_and_nothing_else(
    town: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the inner secret")

    monkeypatch.setattr("web.pages.ledger.listing", broken)
    answer = town.get("/list?text=abc")
    assert answer.status_code == 500
    number = re.search(r"错误编号 <b class=\"code\">([0-9a-f]+)</b>", answer.text)
    assert number
    assert number[1] in caplog.text
    assert "inner secret" not in answer.text


def test_health_answers_a_machine(town: Any) -> None:
    assert town.get("/health").json() == {"ok": True, "database": True}


def test_the_first_load_is_light(town: Any) -> None:
    page = town.get("/")
    loads = [page.text, *(town.get(path).text for path in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))]
    assert sum(len(gzip.compress(load.encode(), 5)) for load in loads) < 60 * 1024


def test_the_plan_that_is_not_whole_is_said_above_the_figures(town: Any) -> None:
    from services.plan import plan

    calendar = town.app.home / "calendar" / "all.yaml"
    calendar.write_text(calendar.read_text("utf-8") + "  - {key: broken, kind: routine, title: 坏的}\n", "utf-8")
    plan(town.app.store, town.app.plan_basis((2026, 2027)), now=datetime(2026, 4, 8, 1, 31, tzinfo=UTC), full=True)
    assert "broken" in town.get("/").text


def test_an_edited_file_counts_from_the_next_page_on(town: Any) -> None:
    town.get("/list")
    people = town.app.home / "people.yaml"
    whole = people.read_text("utf-8")
    people.write_text(whole.replace("张伟", "张小伟"), "utf-8")
    assert "联系管理员 张小伟" in town.get("/list").text
    people.write_text("people: [", "utf-8")  # half written
    assert "联系管理员 张小伟" in town.get("/list").text


def test_from_a_history_leads_a_way_to_where_it_is_worked_on_for_who_may(town: Any) -> None:
    way = 'href="/me/items/study-law%3A2026-Q2"'
    assert way in town.get("/o/study-law:2026-Q2").text
    town.sign_in("wangmin", AccountRole.AUDITOR)
    assert way not in town.get("/o/study-law:2026-Q2").text
