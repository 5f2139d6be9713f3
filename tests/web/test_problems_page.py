"""问题清单 and the line on every page that leads to it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from models.message import messages
from models.upkeep import facts, problems
from services.problems import close_problem, report_problem
from tests.rows import message_row

BANNER = "系统有 2 个问题需要处理"


def report(town: Any, key: str, text: str, *, kind: str = "plan") -> None:
    with town.app.store.write() as db:
        report_problem(db, key=key, kind=kind, text=text, now=town.clock.now)


@pytest.fixture
def troubled(town: Any) -> Any:
    report(town, "calendar", "日历有错。请运行 suishi check。")
    report(town, "backup", "备份没有写成。<b>请检查磁盘</b>。")
    report(town, "hint", "再补一个渠道。", kind="advice")
    return town


@pytest.mark.parametrize("path", ["/", "/list", "/year/2026", "/outbox", "/coming", "/log", "/nothing-here"])
def test_every_page_says_how_many_problems_are_open_and_leads_to_them(troubled: Any, path: str) -> None:
    page = troubled.get(path).text
    assert BANNER in page
    assert '<a href="/problems">' in page


def test_a_page_without_problems_and_a_staff_page_say_nothing(town: Any) -> None:
    assert "个问题需要处理" not in town.get("/list").text
    report(town, "calendar", "日历有错。")
    token = town.link("study-law:2026-Q2", "chenxia")
    address = town.get(f"/t/{token}").headers["location"]
    assert "个问题需要处理" not in town.get(address).text


def test_the_list_tells_since_when_how_often_and_whether_the_admin_knows(troubled: Any) -> None:
    troubled.clock.now += timedelta(hours=1)
    troubled.sign_in()
    report(troubled, "calendar", "日历有错。请运行 suishi check。")
    with troubled.app.store.write() as db:
        db.execute(update(problems).where(problems.c.key == "calendar").values(told_at=troubled.clock.now))
    page = troubled.get("/problems").text
    row = page[page.index("日历有错") : page.index("</tr>", page.index("日历有错"))]
    assert "2026-04-08 09:30" in row
    assert row.count("2026-04-08 10:30") == 2
    assert ">2</td>" in row
    assert "&lt;b&gt;请检查磁盘" in page
    assert "还没有" in page
    assert page.index("再补一个渠道") > page.index("<h2>建议</h2>")
    assert BANNER not in page


def test_a_problem_that_ended_leaves_the_list(troubled: Any) -> None:
    with troubled.app.store.write() as db:
        close_problem(db, key="calendar", now=troubled.clock.now)
        close_problem(db, key="backup", now=troubled.clock.now)
        close_problem(db, key="hint", now=troubled.clock.now)
    assert "没有未解决的问题。" in troubled.get("/problems").text
    assert "个问题需要处理" not in troubled.get("/").text


def test_the_outbox_names_the_systems_own_messages_groups_and_what_cannot_be_verified(town: Any) -> None:
    now = town.clock.now
    usual = {"state": "sent", "built_at": now, "next_at": now, "sent_at": now}
    rows = (
        {"kind": "office", "subject": "岁时：1个问题需要处理", "about": ["calendar"]},
        {"person": "group:robot", "name": "法治办工作群", "channel": "robot", "verified": False, "subject": "群里的提醒"},
    )
    rest = {"until": (now + timedelta(hours=1)).isoformat(), "fails": 3, "reason": "535 bad", "since": now.isoformat()}
    with town.app.store.write() as db:
        for number, row in enumerate(rows, 1):
            db.execute(
                insert(messages), message_row(id=number, ref=f"T2604-{number:06d}", dedupe_key=str(number), **usual, **row)
            )
        db.execute(insert(facts), {"name": "channel:mail", "value": rest, "at": now})
    page = town.get("/outbox").text
    assert "系统消息" in page
    assert "法治办工作群" in page
    assert "渠道已收（无法核实）" in page
    assert "渠道“mail”暂停到4月8日 10:30（连续3次失败：535 bad）。" in page
    assert "系统消息" in town.get("/outbox/T2604-000001").text
    assert "渠道已收（无法核实）" in town.get("/outbox/T2604-000002").text


@pytest.mark.parametrize("path", ["/problems", "/today"])
def test_an_opinion_that_waits_is_one_press_away(town: Any, path: str) -> None:
    town.post("/feedback", data={"text": "提醒太多"})

    page = town.get(path).text

    assert '看过后答复。<span class="reason"><a href="/feedback/list">看收到的意见</a></span>' in page
    assert "网址末尾" not in page
