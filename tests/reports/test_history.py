from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from models.message import attempts, messages
from models.occurrence import assignments
from models.office import plans
from planning.held import FIRST_HEARD
from reports.history import history
from reports.outbox import MessageFilters, message, outbox
from reports.plans import last_plan
from reports.problems import open_problems
from reports.timeline import timeline
from reports.why import why
from services.change import reopen
from services.problems import close_problem, report_problem
from tests.rows import message_row

AS_OF = date(2026, 3, 9)


def mail(office: Any, number: int, when: Any, *, state: str = "sent", person: str = "chenxia", **fields: Any) -> int:
    row = {
        "ref": f"T2603-{number:06d}",
        "dedupe_key": f"k{number}",
        "person": person,
        "name": "陈霞",
        "channel": "mail",
        "rank": 0,
        "address": "chenxia@example.org",
        "subject": "【法治工作提醒】",
        "text": "今日到期",
        "html": "",
        "headers": {},
        "links": [],
        "state": state,
        "built_at": when,
        "next_at": when,
        "sent_at": when if state == "sent" else None,
        "tries": 1,
        "crashes": 0,
        "ambiguous": 0,
        "provider_id": "",
        "last_error": "",
        **fields,
    }
    with office.store.write() as db:
        added: int = db.execute(insert(messages).returning(messages.c.id), message_row(**row)).scalar_one()
    return added


def tried(office: Any, message_id: int, when: Any, *, outcome: str, code: str, detail: str) -> None:
    row = {"message_id": message_id, "n": 1, "token": "t", "started_at": when, "data_at": when, "finished_at": when}
    with office.store.write() as db:
        db.execute(insert(attempts), {**row, "outcome": outcome, "code": code, "detail": detail})


@pytest.fixture
def told(office: Any, clock: Any) -> str:
    """An item that was reminded of, done late, and taken back."""
    ref: str = office.occurrence()
    sent = mail(office, 1, clock(3, 2, 9))
    tried(office, sent, clock(3, 2, 9), outcome="accepted", code="250", detail="queued as 4F2A")
    office.reminder(ref, "T-3", clock(3, 2, 9), state="sent", message_id=sent)
    office.reminder(ref, "T0", clock(3, 5, 9), state="folded", reason="由 T+1 一并提醒", message_id=sent)
    office.reminder(ref, "T+1", clock(3, 6, 9), state="expired", reason="到期太久，不再发送")
    office.reminder(ref, "T+3", clock(3, 10, 9))
    office.done(ref, clock(3, 9), note="已集中学习")
    reopen(office.store, ref, by="wangmin", reason="材料不全", via="page", now=clock(3, 9, 11))
    return ref


def test_a_history_holds_everything_and_tells_it_in_order(office: Any, workdays: Any, clock: Any, told: str) -> None:
    found = history(office.store, told, as_of=AS_OF, workdays=workdays)
    assert found is not None
    assert [one.state for one in found.reminders][:4] == ["sent", "folded", "expired", "cancelled"]
    assert found.messages[0].attempts[0].detail == "queued as 4F2A"
    assert found.messages[0].about == (told,)
    assert [one.kind for one in found.entries] == ["done", "reopened"]
    assert found.completions[0].late_workdays == 2
    assert [one.cause for one in found.due_changes] == ["reopen"]
    moments = timeline(found, tz=clock(1, 1).tzinfo)
    assert [one.at for one in moments] == sorted(one.at for one in moments)
    said = [one.sentence for one in moments]
    assert said[0] == "列入计划，时限2026年3月5日。"
    assert "到期前3个工作日提醒，第1次发送给陈霞（mail）：对方已接收，答复：250 queued as 4F2A（消息T2603-000001）。" in said
    assert not any("应提醒陈霞（到期前3个工作日提醒）" in one for one in said)  # told once, by its attempt
    assert "陈霞登记办结（提醒链接）：陈霞于2026年3月9日完成，逾期2个工作日，说明：已集中学习。" in said
    assert "王敏登记恢复待办（网页），原因：材料不全。" in said
    entry = next(one for one in moments if one.seq == 1)
    assert entry.code == found.entries[0].code
    assert len(entry.code) == 19


def test_there_is_no_history_of_what_is_not_there(office: Any, workdays: Any) -> None:
    assert history(office.store, "study-law:2031", as_of=AS_OF, workdays=workdays) is None
    for ref in ("study-law", "study\0law:2026-Q1", "study-law:2026\0Q1"):
        with pytest.raises(ValueError, match="不是办理项编号"):
            history(office.store, ref, as_of=AS_OF, workdays=workdays)


def answers(office: Any, clock: Any, day: date, person: str = "chenxia") -> tuple[str, ...]:
    sentences: tuple[str, ...] = why(office.store, person, day, now=clock(3, 9), tz=clock(1, 1).tzinfo).sentences
    return sentences


def test_why_she_got_a_message_and_why_not(office: Any, clock: Any, told: str) -> None:
    second = answers(office, clock, date(2026, 3, 2))
    assert second[0] == (
        "“中心组法治专题学习”的到期前3个工作日提醒已于3月2日 09:00由消息T2603-000001发出，对方答复：250 queued as 4F2A。"
    )
    assert answers(office, clock, date(2026, 3, 5)) == (
        "“中心组法治专题学习”的到期当日提醒没有单独发送，并入消息T2603-000001（由 T+1 一并提醒）。",
    )
    assert answers(office, clock, date(2026, 3, 6)) == (
        "“中心组法治专题学习”的逾期1个工作日提醒已过期没有发送：到期太久，不再发送。",
    )
    assert answers(office, clock, date(2026, 3, 10)) == (
        "“中心组法治专题学习”的逾期3个工作日提醒已取消：陈霞已于3月9日办结。",
        "“中心组法治专题学习”的逾期3个工作日提醒将于3月10日 09:00提醒。",
    )


def test_why_nothing_came(office: Any, clock: Any) -> None:
    ref = office.occurrence()
    office.reminder(ref, "T0", clock(3, 12, 9))
    assert (
        "没有应提醒陈霞的事项。下一次是3月12日 09:00的“中心组法治专题学习”（到期当日提醒）。" in answers(office, clock, AS_OF)[0]
    )
    assert answers(office, clock, AS_OF, "liqiang") == ("2026年3月9日没有应提醒李强的事项。此后也没有。",)
    assert "人员名册里没有“nobody”" in answers(office, clock, AS_OF, "nobody")[0]


def test_why_a_message_waits_or_failed(office: Any, clock: Any) -> None:
    ref = office.occurrence()
    waiting = mail(office, 1, clock(3, 9, 9), state="pending", last_error="连接超时")
    leased = mail(office, 2, clock(3, 9, 9), state="leased", lease_token="t", lease_until=clock(3, 9, 10))
    failed = mail(office, 3, clock(3, 9, 9), state="failed")
    tried(office, failed, clock(3, 9, 9), outcome="rejected", code="550", detail="no such user")
    for step, fields in {
        "T-3": {"state": "queued", "message_id": waiting},
        "T-2": {"state": "queued", "message_id": leased},
        "T-1": {"state": "failed", "message_id": failed},
        "T0": {"state": "failed", "reason": "没有登记地址"},
        "T+1": {},
        "T+2": {"state": "superseded", "reason": "extended"},
    }.items():
        office.reminder(ref, step, clock(3, 9, 9), **fields)
    said = [one.removeprefix("“中心组法治专题学习”的") for one in answers(office, clock, AS_OF)]
    assert said == [
        "到期前3个工作日提醒已写入消息T2603-000001，最早3月9日 09:00发送，上次没有成功：连接超时。",
        "到期前2个工作日提醒正由消息T2603-000002发送。",
        "到期前1个工作日提醒没有送达：所有地址都不接收，或没有登记地址，对方答复：550 no such user。",
        "到期当日提醒没有送达：没有登记地址。",
        "逾期1个工作日提醒应于3月9日 09:00提醒，正等待发送时段或下一次发送。",
        "逾期2个工作日提醒已取消：已延期。",
    ]


def test_the_outbox_is_filtered_by_the_offices_own_day(office: Any, clock: Any) -> None:
    mail(office, 1, clock(3, 9, 0) + timedelta(minutes=1))  # still the 8th in UTC
    mail(office, 2, clock(3, 9, 23), state="failed", person="liqiang")
    mail(office, 3, clock(3, 10, 0))
    zone = clock(1, 1).tzinfo
    page = outbox(office.store, MessageFilters(day=AS_OF), tz=zone)
    assert [one.ref for one in page.lines] == ["T2603-000002", "T2603-000001"]
    assert page.by_state == {"sent": 1, "failed": 1}
    assert outbox(office.store, MessageFilters(states=("failed",)), tz=zone).total == 1
    assert outbox(office.store, MessageFilters(person="chenxia"), tz=zone, limit=1).total == 2
    assert len(outbox(office.store, MessageFilters(person="chenxia"), tz=zone, limit=1).lines) == 1
    with pytest.raises(ValueError, match="没有“lost”这个状态"):
        outbox(office.store, MessageFilters(states=("lost",)), tz=zone)
    found = message(office.store, "t2603-000002")
    assert found is not None
    assert found.text == "今日到期"
    assert [message(office.store, ref) for ref in ("T0", "T2603\0000002")] == [None, None]


def test_problems_are_shown_until_they_are_closed(office: Any, clock: Any) -> None:
    with office.store.write() as db:
        for _ in range(2):
            report_problem(db, key="unreachable:liqiang", kind="unreachable", text="李强没有地址。", now=clock(3, 9))
        report_problem(db, key="calendar", kind="calendar", text="文件读不懂。", now=clock(3, 10))
        close_problem(db, key="calendar", now=clock(3, 10))
    [found] = open_problems(office.store)
    assert (found.key, found.count) == ("unreachable:liqiang", 2)


def test_the_last_plan_says_whether_all_files_could_be_read(office: Any, clock: Any) -> None:
    assert last_plan(office.store) is None
    for degraded in (False, True):
        row = {"at": clock(3, 9), "revision": "r", "added": 1, "moved": 0, "withdrawn": 0}
        with office.store.write() as db:
            db.execute(insert(plans), {**row, "degraded": degraded, "problems": ["第3行看不懂。"] if degraded else []})
    found = last_plan(office.store)
    assert found is not None
    assert (found.degraded, found.problems) == (True, ("第3行看不懂。",))


def test_it_tells_who_came_by_the_files_and_when_the_silence_ended(office: Any, workdays: Any, clock: Any) -> None:
    ref = office.occurrence()
    office.reminder(ref, "T+1", clock(3, 9, 10), say=FIRST_HEARD)
    with office.store.write() as db:
        mine = select(assignments.c.occurrence_id).limit(1)
        row = {"occurrence_id": db.execute(mine).scalar_one(), "person": "wangmin", "name": "王敏", "role": "owner"}
        db.execute(insert(assignments), row | {"active": True, "handed": False, "since": clock(3, 9, 9)})
    found = history(office.store, ref, as_of=AS_OF, workdays=workdays)
    assert found is not None
    said = {one.kind: one.sentence for one in timeline(found, tz=clock(1, 1).tzinfo)}
    assert said["joined"] == "人员有变动，王敏列为承办。"
    assert said["heard"] == "启用日提前，从这时起提醒；此前没有提醒过。"
