"""The line of each workday's morning: exactly one, with figures that add up, an anchor and the age of the backup."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from models.message import messages
from models.occurrence import assignments
from models.office import plans
from models.reminder import ReminderState, reminders
from models.store import Store
from models.upkeep import problems
from planning.roster import Destination
from services.balance import Balance, contradictions, count_due, settled_below, unexplained
from services.daily import build_daily, due_sentence
from services.facts import write_fact
from services.journal import append
from services.office_messages import still_wanted
from services.problems import close_problem, report_problem
from services.watch_signs import note_watch
from tests.rows import message_row
from tests.services.delivery.town import Town, at, policy

ADMIN = "liguoqiang"
POLICY = policy(
    admin=ADMIN,
    destinations={
        ADMIN: (Destination("mail", "li@caohui.example"), Destination("wecom", "liguoqiang")),
        "wangmin": (Destination("mail", "wangmin@caohui.example"),),
    },
)


@dataclass
class Office:
    town: Town

    def build(self, now: datetime, **more: Any) -> bool:
        with self.town.store.write() as db:
            return build_daily(db, more.pop("policy", POLICY), now=now, **more)

    def lines(self) -> list[Any]:
        return [row for row in self.town.rows(messages) if any(key.startswith("daily:") for key in row.about)]

    def problem(self, key: str, now: datetime, kind: str = "plan") -> None:
        with self.town.store.write() as db:
            report_problem(db, key=key, kind=kind, text=f"{key}坏了。", now=now)


@pytest.fixture
def office(store: Store) -> Office:
    return Office(Town(store))


def test_one_line_each_workday_from_half_past_eight_on_and_none_on_rest_days(office: Office) -> None:
    built = []
    now = at("2026-02-27", "08:00")  # Friday; Saturday is worked, Sunday is not
    while now < at("2026-03-04", "08:00"):
        if office.build(now):
            built.append(now)
        now += timedelta(minutes=10)
    assert built == [at(day, "08:30") for day in ("2026-02-27", "2026-02-28", "2026-03-02", "2026-03-03")]
    assert [row.about for row in office.lines()] == [
        [f"daily:{day}"] for day in ("2026-02-27", "2026-02-28", "2026-03-02", "2026-03-03")
    ]


def test_it_goes_to_the_admins_first_address_and_says_that_all_is_well(office: Office) -> None:
    office.build(at("2026-03-02", "08:33"))
    (line,) = office.lines()
    assert (line.person, line.channel, line.kind) == (ADMIN, "mail", "office")
    assert line.subject == "【法治建设工作提醒】岁时：系统正常"
    assert "应发0条，实发0条，待发0条，失败0条" in line.text
    assert "哪天没有收到，说明系统可能停了" in line.text


def test_where_nobody_receives_anything_the_line_says_so(office: Office) -> None:
    office.build(at("2026-03-02", "08:33"))
    office.build(at("2026-03-03", "08:33"), policy=replace(POLICY, nobody_receives=True))
    usual, told = office.lines()
    assert "没有人会收到" not in usual.text
    assert "现在只有发件箱渠道，消息只写成文件，没有人会收到" in told.text


def test_with_open_problems_the_subject_says_how_many(office: Office) -> None:
    office.problem("calendar", at("2026-03-01"))
    office.problem("hint", at("2026-03-01"), kind="advice")
    office.build(at("2026-03-02", "08:33"))
    assert office.lines()[0].subject == "【法治建设工作提醒】岁时：有1个问题"
    assert "http://127.0.0.1:8600/problems" in office.lines()[0].text


def test_it_tells_once_what_ended(office: Office) -> None:
    office.problem("calendar", at("2026-03-01"))
    with office.town.store.write() as db:
        db.execute(problems.update().values(told_at=at("2026-03-01")))
        close_problem(db, key="calendar", now=at("2026-03-01", "10:00"))
    office.build(at("2026-03-02", "08:33"))
    office.build(at("2026-03-03", "08:33"))
    first, second = office.lines()
    assert "已消除：calendar坏了。" in first.text
    assert first.about == ["daily:2026-03-02", "ended:calendar"]
    assert "已消除" not in second.text


def test_it_covers_the_weekend_and_counts_every_reminder_once(office: Office) -> None:
    town = office.town
    office.build(at("2026-03-06", "08:33"))  # Friday
    part = town.assign(town.occurrence())
    moments = ("2026-03-06 08:45", "2026-03-06 17:00", "2026-03-07 08:45", "2026-03-09 08:30", "2026-03-09 08:45")
    for number, moment in enumerate(moments):
        day, wall = moment.split()
        town.remind(part, f"T-{number}", at(day, wall), state="sent")
    office.build(at("2026-03-09", "08:33"))  # Monday
    office.build(at("2026-03-10", "08:33"))
    said = [row.text for row in office.lines()]
    assert "\n3月5日应发0条，实发0条，待发0条，失败0条。" in said[0]
    assert "\n3月6日至3月8日应发3条，实发3条，待发0条，失败0条。" in said[1]
    assert "\n3月9日应发2条，实发2条" in said[2]


def test_what_falls_due_this_very_morning_is_tomorrows_figure(office: Office) -> None:
    town = office.town
    town.remind(town.assign(town.occurrence()), "T-3", at("2026-03-02", "08:30"))
    office.build(at("2026-03-02", "08:33"))
    assert "\n3月1日应发0条，实发0条，待发0条，失败0条。" in office.lines()[0].text
    office.build(at("2026-03-03", "08:33"))
    assert "\n3月2日应发1条，实发0条，待发1条，失败0条。" in office.lines()[1].text


def test_what_waits_from_before_is_named_apart(office: Office) -> None:
    town = office.town
    town.remind(town.assign(town.occurrence()), "T-3", at("2026-02-25"))
    office.build(at("2026-03-02", "08:33"))
    assert "更早到时、仍在等待的提醒：1条。" in office.lines()[0].text


def test_it_carries_the_head_of_the_record_as_an_anchor(office: Office) -> None:
    office.build(at("2026-03-02", "08:33"))
    assert "完成记录：还没有条目" in office.lines()[0].text
    with office.town.store.write() as db:
        made = append(db, at=at("2026-03-02"), actor="wangmin", via="cli", kind="done", subject="x:1", payload={})
    office.build(at("2026-03-03", "08:33"))
    code = "-".join(made.hash[start : start + 4] for start in range(0, 16, 4))
    assert f"完成记录：第1条，校验码 {code}" in office.lines()[1].text


def test_it_says_when_the_last_backup_and_the_last_watch_were(office: Office) -> None:
    office.build(at("2026-03-02", "08:33"))
    assert "最近备份：没有看到备份。" in office.lines()[0].text
    assert "最近巡查：还没有运行过。" in office.lines()[0].text
    with office.town.store.write() as db:
        note_watch(db, now=at("2026-03-03", "08:20"), newest_backup=at("2026-03-03", "02:10"))
    office.build(at("2026-03-03", "08:33"))
    assert "最近备份：3月3日 02:10（6小时前）。" in office.lines()[1].text
    assert "最近巡查：3月3日 08:20。" in office.lines()[1].text


def test_without_an_open_channel_it_comes_later_that_day_and_without_an_admin_never(office: Office) -> None:
    assert not office.build(at("2026-03-02", "08:33"), channels=())
    assert office.build(at("2026-03-02", "08:43"), channels=("wecom",))
    assert office.lines()[0].channel == "wecom"
    assert not office.build(at("2026-03-03", "08:33"), policy=replace(POLICY, admin=""))


def test_the_second_admin_reads_it_where_the_first_has_no_address(office: Office) -> None:
    only = replace(POLICY, second_admin="wangmin", destinations={"wangmin": POLICY.destinations["wangmin"]})
    office.build(at("2026-03-02", "08:33"), policy=only)
    assert office.lines()[0].person == "wangmin"


def test_a_newer_line_makes_an_older_one_that_still_waits_needless(office: Office) -> None:
    office.build(at("2026-03-02", "08:33"))
    office.build(at("2026-03-03", "08:33"))
    with office.town.store.read() as db:
        assert [still_wanted(db, row.about) for row in office.lines()] == [False, True]
        assert not still_wanted(db, ["daily:2026-03-02", "ended:calendar"])


STATES = [state.value for state in ReminderState]
ONE = st.tuples(st.sampled_from(STATES), st.integers(-72, 24), st.sampled_from([None, -5, 0, 5, 30]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ONE, max_size=40), st.integers(-80, -1))
def test_the_numbers_add_up_whatever_became_of_the_reminders(store: Store, drawn: list[Any], began: int) -> None:
    """due = sent + folded + cancelled + superseded + expired + failed + held and waiting."""
    town, now = Town(store), at("2026-03-04", "12:00")
    since = now + timedelta(hours=began)
    part = town.assign(town.occurrence())
    with store.read() as db:  # rows of reminders are never deleted: these are taken back with the block
        occurrence = db.execute(select(assignments.c.occurrence_id).where(assignments.c.id == part)).scalar_one()
        waiting = message_row(id=1, ref="T2603-000001", dedupe_key="1", built_at=now, next_at=now)
        db.execute(insert(messages), waiting)
        for number, (state, hours, held) in enumerate(drawn):
            row = {"assignment_id": part, "occurrence_id": occurrence, "step": f"T-{number}", "offset": -number, "due_epoch": 0}
            row |= {"fire_at": now + timedelta(hours=hours), "say": "", "state": state, "reason": "", "message_id": 1}
            row |= {"held_until": None if held is None else now + timedelta(hours=held)}
            db.execute(insert(reminders), row)
        balance = count_due(db, since=since, until=now)
    mine = [(state, held) for state, hours, held in drawn if began <= hours < 0]
    states = Counter(state for state, _ in mine)
    put_off = sum(state == "planned" and held is not None and held > 0 for state, held in mine)
    assert balance.due == len(mine)
    assert balance.even
    for name in ("sent", "folded", "cancelled", "superseded", "expired", "failed", "queued"):
        assert getattr(balance, name) == states[name]
    assert (balance.held, balance.waiting) == (put_off, states["planned"] - put_off)
    numbers = [int(part) for part in "".join(c if c.isdigit() else " " for c in due_sentence(balance)).split()]
    assert numbers[0] == sum(numbers[1:])


def test_an_uneven_balance_says_so() -> None:
    assert Balance(due=3, sent=2, queued=1).even
    assert not Balance(due=3, sent=2).even


def test_a_hold_with_a_reason_explains_a_reminder_that_waits(store: Store) -> None:
    town, since = Town(store), at("2026-03-03", "10:00")
    part = town.assign(town.occurrence())
    town.remind(part, "T-3", at("2026-03-03"))
    town.remind(part, "T-2", at("2026-03-03"), held_until=at("2026-03-03", "14:30"))
    town.remind(part, "T-1", at("2026-03-03", "10:30"))
    with store.read() as db:
        assert unexplained(db, since=since) == 1
    with store.write() as db:
        write_fact(db, "hold:catch-up", {"since": since.isoformat(), "count": 300, "reason": "积压"}, now=since)
        assert unexplained(db, since=since) == 0


@pytest.mark.parametrize(("state", "lost"), [("pending", 0), ("sent", 1), ("failed", 1), ("dead", 1), ("cancelled", 1)])
def test_a_reminder_in_a_message_that_ended_is_stranded(store: Store, state: str, lost: int) -> None:
    town, now = Town(store), at("2026-03-03")
    with store.write() as db:
        db.execute(
            insert(messages), message_row(id=1, ref="T2603-000001", dedupe_key="1", state=state, built_at=now, next_at=now)
        )
    town.remind(town.assign(town.occurrence()), "T-3", now, state="queued", message_id=1)
    with store.read() as db:
        assert contradictions(db, first=1).stranded == lost
        assert contradictions(db, first=2).stranded == 0
        assert settled_below(db) == (2 if lost else 1)


def test_on_its_first_day_it_says_that_it_has_just_begun_and_not_what_is_missing(office: Office) -> None:
    begun = at("2026-03-02", "08:31")
    with office.town.store.write() as db:
        db.execute(
            insert(plans),
            {"at": begun, "revision": "r", "added": 9, "moved": 0, "withdrawn": 0, "degraded": False, "problems": []},
        )
    office.town.item(fire_at=at("2026-02-27", "08:45"))
    office.build(at("2026-03-02", "08:33"))
    office.build(at("2026-03-03", "08:33"))
    first, second = (row.text for row in office.lines())
    assert "3月2日 08:31刚刚启用" in first
    assert "启用时已经过了提醒时刻的：1条" in first
    assert [words for words in ("应发", "没有看到备份", "还没有运行过") if words in first.replace("前一天的应发和实发", "")] == []
    assert "3月2日应发0条" in second
    assert "没有看到备份" in second
