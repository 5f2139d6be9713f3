"""An extension that waits for the overseer, and a reminder put off, typed by a clerk."""

from __future__ import annotations

import pytest

from tests.journeys.office import Answer, Office

SESSION = "study-law:2026-Q1"
MARCH = "2026-03-24T09:00+08:00"
APRIL = "2026-04-03T09:00+08:00"


@pytest.fixture
def asked(office: Office) -> tuple[Office, str, str]:
    """The quarter's session, whose owner asked for a later day; the names of its owner and its overseer."""
    office.starts_on("2026-03-01")
    office.edit("suishi.yaml", lambda text: text.replace("extension_approval: none", "extension_approval: overseer"))
    assert office.types("plan", "--now", "2026-03-02T08:00+08:00").code == 0
    parts = office.types("show", SESSION, "--json", "--now", MARCH).json["assignments"]
    owner, overseer = (next(one["name"] for one in parts if one["role"] == role) for role in ("owner", "overseer"))
    answer = extend(office, owner, "讲课老师出差")
    assert answer.code == 0, answer.err
    assert "已提交延期申请" in answer.out
    return office, owner, overseer


def extend(office: Office, by: str, reason: str) -> Answer:
    return office.types("extend", SESSION, "--to", "2026-04-10", "--by", by, "--reason", reason, "--now", MARCH)


def status(office: Office, now: str) -> str:
    """The line of the session in the list, as a clerk reads it."""
    listed = office.types("list", "--kind", "study", "--period", "2026-Q1", "--now", now).out
    return next(line for line in listed.splitlines() if SESSION in line)


def test_what_waits_is_listed_so_and_never_as_overdue(asked: tuple[Office, str, str]) -> None:
    office, owner, overseer = asked
    assert "延期待批" in status(office, APRIL)
    assert "逾期" not in status(office, APRIL)
    assert SESSION not in office.types("list", "--state", "overdue", "--now", APRIL).out
    assert SESSION in office.types("list", "--state", "extension-pending", "--now", APRIL).out
    assert "申请延至 2026-04-10" in office.types("show", SESSION, "--now", APRIL).out
    [waiting] = office.types("extension", "list", "--json", "--now", APRIL).json["requests"]
    assert (waiting["ref"], waiting["asked_name"]) == (SESSION, owner)
    assert overseer in waiting["overseers"]
    assert "正在等待批复，不用再提" in extend(office, owner, "再提一次").err


def test_the_overseer_decides_and_the_asker_cannot(asked: tuple[Office, str, str]) -> None:
    office, owner, overseer = asked
    own = office.types("extension", "approve", SESSION, "--by", owner, "--now", APRIL)
    assert (own.code, own.err.strip()) == (1, "延期申请不能由申请人自己批复，请由分管领导或主要领导批复。")
    assert "写明不批准的原因" in office.types("extension", "refuse", SESSION, "--by", overseer, "--note", " ", "--now", APRIL).err
    approved = office.types("extension", "approve", SESSION, "--by", overseer, "--to", "2026-04-09", "--now", APRIL)
    assert approved.code == 0, approved.err
    story = office.types("show", SESSION, "--now", APRIL).out
    assert f"{overseer}批准延期（命令行）：由2026年3月31日延至2026年4月9日，第1次，{owner}申请，原因：讲课老师出差" in story
    assert office.types("extension", "list", "--now", APRIL).out.strip() == "没有等待批复的延期申请"
    assert office.types("log", "verify", "--now", APRIL).code == 0


def test_after_a_refusal_it_is_overdue_from_the_original_day(asked: tuple[Office, str, str]) -> None:
    office, _, overseer = asked
    refused = office.types("extension", "refuse", SESSION, "--by", overseer, "--note", "请按时办", "--now", APRIL)
    assert refused.code == 0, refused.err
    assert "逾期 3 个工作日" in status(office, APRIL)
    assert "没有待批的延期申请" in office.types("extension", "withdraw", SESSION, "--by", overseer, "--now", APRIL).err


def test_a_reminder_is_put_off_to_a_workday_before_the_due_day(office: Office) -> None:
    office.starts_on("2026-03-01")
    assert office.types("plan", "--now", "2026-03-02T08:00+08:00").code == 0
    owner = office.types("show", SESSION, "--json", "--now", MARCH).json["line"]["owners"][0]
    later = office.types("snooze", SESSION, "--by", owner, "--until", "2026-03-28", "--now", MARCH)
    assert later.out.strip() == f"✓ 已推迟：{SESSION} 到 2026-03-30（一） 再提醒"  # the 28th is a Saturday
    never = office.types("snooze", SESSION, "--by", owner, "--until", "2026-03-31", "--now", MARCH)
    assert (never.code, "到期当日和逾期后的提醒不能推迟，最晚推迟到3月30日" in never.err) == (1, True)
    assert f"{owner}选择稍后提醒（命令行）：推迟到2026年3月30日" in office.types("show", SESSION, "--now", MARCH).out
