from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, select

from models.message import attempts, messages
from models.occurrence import assignments, extension_requests
from models.reminder import reminders
from models.store import Store
from models.upkeep import problems
from planning.basis import DeliveryPolicy, PlanBasis
from planning.duty import Duty, Kind, Party
from planning.ladder import parse_ladder
from planning.roster import Person, Post, Roster, Unit
from planning.rules import FixedDay
from planning.windows import parse_windows
from planning.workdays import Workdays, builtin_years
from services.facts import write_fact
from services.plan import plan
from services.record_check import RecordCheck, note_check
from services.watch import Finding, note_watch, silent_watch, watch
from services.watch_signs import last_watch
from tests.rows import message_row

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 3, 30, 10, 0, tzinfo=SHANGHAI)  # a Monday, in the window
LAW = Duty(
    key="study-law",
    kind=Kind.STUDY,
    title="专题学法",
    rule=FixedDay(3, 30),
    owner=Party(person="wangmin"),
    ladder=parse_ladder("T-3 T0"),
)


class Town:
    def __init__(self, store: Store) -> None:
        self.store = store
        workdays = Workdays(builtin_years())
        people = {"wangmin": Person("wangmin", "王敏", (Post("sifasuo", "司法助理员"),))}
        self.basis = PlanBasis(
            duties=(LAW,),
            roster=Roster(units={"sifasuo": Unit("sifasuo", "司法所", "office")}, people=people),
            workdays=workdays,
            years=(2026, 2027),
            tz=SHANGHAI,
            remind_at=time(8, 45),
            day_ends_at=time(17, 30),
            revision="1",
        )
        self.policy = DeliveryPolicy(
            tz=SHANGHAI,
            workdays=workdays,
            windows=parse_windows(["08:30-12:00", "14:30-17:30"]),
            title="工作提醒",
            office="曹回镇",
            base_url="http://127.0.0.1:8600",
            mail_domain="caohui.example",
            link_key=b"k" * 32,
            destinations={},
        )

    def plan(self, at: datetime = MORNING - timedelta(days=20)) -> None:
        plan(self.store, self.basis, now=at)

    def send_everything(self) -> None:
        with self.store.write() as db:
            db.execute(reminders.update().where(reminders.c.fire_at <= MORNING).values(state="sent"))

    def message(self, **columns: Any) -> int:
        with self.store.write() as db:
            number = (db.execute(select(messages.c.id).order_by(messages.c.id.desc()).limit(1)).scalar() or 0) + 1
            usual: dict[str, Any] = {
                "id": number,
                "ref": f"T2603-{number:06}",
                "dedupe_key": str(number),
                "person": "wangmin",
                "name": "王敏",
                "channel": "mail",
                "rank": 0,
                "address": "wangmin@caohui.example",
                "subject": "提醒",
                "text": "",
                "html": "",
                "headers": {},
                "links": [],
                "state": "pending",
                "built_at": MORNING,
                "next_at": MORNING,
                "tries": 0,
                "crashes": 0,
                "ambiguous": 0,
                "provider_id": "",
                "last_error": "",
            }
            db.execute(insert(messages), message_row(**usual | columns))
        return number

    def watch(self, at: datetime = MORNING, **options: Any) -> dict[str, str]:
        found: tuple[Finding, ...] = watch(self.store, self.basis, self.policy, now=at, **options)
        return {finding.key: finding.text for finding in found}

    def open_keys(self) -> set[str]:
        with self.store.read() as db:
            return set(db.execute(select(problems.c.key).where(problems.c.closed_at.is_(None))).scalars())


@pytest.fixture
def town(store: Store) -> Town:
    made = Town(store)
    made.plan()
    return made


def test_a_town_in_order_has_no_problem(town: Town) -> None:
    town.send_everything()
    assert town.watch() == {}
    assert town.open_keys() == set()


def test_reminders_that_nobody_sends_are_found_while_the_window_is_open(town: Town) -> None:
    assert "2条提醒到时15分钟以上仍未派发" in town.watch()["watch:late-reminders"]
    assert town.open_keys() == {"watch:late-reminders"}


def test_the_problem_closes_by_itself_when_they_are_sent(town: Town) -> None:
    town.watch()
    town.send_everything()
    town.watch(MORNING + timedelta(minutes=15))
    assert town.open_keys() == set()


@pytest.mark.parametrize("local", ["2026-03-30T08:40", "2026-03-30T13:00", "2026-03-30T20:00", "2026-03-29T10:00"])
def test_what_waits_for_a_window_is_not_late(town: Town, local: str) -> None:
    assert "watch:late-reminders" not in town.watch(datetime.fromisoformat(local).replace(tzinfo=SHANGHAI))


def test_a_message_that_stays_behind_is_found(town: Town) -> None:
    town.send_everything()
    town.message(next_at=MORNING - timedelta(minutes=20))
    assert "1条消息该发未发" in town.watch()["watch:late-messages"]


def test_a_message_put_off_by_its_channel_is_not_late(town: Town) -> None:
    town.send_everything()
    town.message(next_at=MORNING + timedelta(minutes=20))
    assert town.watch() == {}


def test_a_lease_that_outlives_its_holder_is_found(town: Town) -> None:
    town.send_everything()
    town.message(state="leased", lease_token="t", lease_until=MORNING - timedelta(minutes=11))
    assert "1条消息卡在发送中" in town.watch()["watch:stuck-leases"]


def test_an_attempt_that_never_ended_is_found(town: Town) -> None:
    town.send_everything()
    number = town.message(next_at=MORNING + timedelta(hours=1))
    with town.store.write() as db:
        begun = {
            "message_id": number,
            "n": 1,
            "token": "t",
            "started_at": MORNING - timedelta(minutes=11),
            "code": "",
            "detail": "",
        }
        db.execute(insert(attempts), begun)
    assert "1次发送没有结果" in town.watch()["watch:unended-attempts"]


def test_a_sent_message_needs_the_providers_yes(town: Town) -> None:
    town.send_everything()
    number = town.message(state="sent", sent_at=MORNING)
    assert "没有渠道的回执" in town.watch()["watch:sent-unproved"]
    ended = {"message_id": number, "n": 1, "token": "t", "started_at": MORNING, "finished_at": MORNING, "outcome": "accepted"}
    with town.store.write() as db:
        db.execute(insert(attempts), ended | {"code": "250", "detail": "queued"})
    assert town.watch() == {}


def test_files_that_were_edited_and_not_planned_are_found_and_nothing_is_planned_by_looking(town: Town) -> None:
    town.send_everything()
    town.basis = replace(town.basis, duties=(LAW, replace(LAW, key="study-more", rule=FixedDay(6, 30))), revision="2")
    assert "处不同" in town.watch()["watch:unplanned"]
    with town.store.read() as db:
        assert len(db.execute(select(assignments.c.id)).all()) == 2
    town.plan(MORNING)
    assert town.watch() == {}


def test_from_december_on_next_years_missing_notice_is_a_problem(town: Town) -> None:
    town.send_everything()
    assert town.watch(datetime(2026, 11, 30, 20, 0, tzinfo=SHANGHAI)) == {}
    said = town.watch(datetime(2026, 12, 1, 0, 30, tzinfo=SHANGHAI).astimezone(UTC))
    assert "suishi holidays import" in said["watch:provisional-2027"]


def test_a_record_that_nobody_checked_for_ten_days_is_a_problem(town: Town) -> None:
    checked = RecordCheck(entries=3, faults=0, files=2, file_faults=0)
    assert "watch:stale-check" not in town.watch()  # before the first check nothing is overdue
    note_check(town.store, checked, now=MORNING - timedelta(days=9))
    assert "watch:stale-check" not in town.watch()
    note_check(town.store, checked, now=MORNING - timedelta(days=11))
    assert "已有11天没有核对" in town.watch()["watch:stale-check"]


def test_an_old_backup_is_a_problem(town: Town) -> None:
    town.send_everything()
    assert town.watch(newest_backup=MORNING - timedelta(hours=35)) == {}
    assert "37小时之前" in town.watch(newest_backup=MORNING - timedelta(hours=37))["watch:stale-backup"]


def test_a_reminder_put_off_for_a_reason_is_not_late(town: Town) -> None:
    with town.store.write() as db:
        db.execute(reminders.update().where(reminders.c.fire_at <= MORNING).values(held_until=MORNING + timedelta(hours=4)))
    assert town.watch() == {}
    with town.store.write() as db:
        db.execute(reminders.update().values(held_until=MORNING - timedelta(minutes=16)))
    assert "watch:late-reminders" in town.watch()


@pytest.mark.parametrize("hold", ["hold:catch-up", "hold:clock"])
def test_a_hold_of_the_whole_office_explains_what_waits(town: Town, hold: str) -> None:
    value = {"since": MORNING.isoformat(), "reason": "停机后积压", "count": 2}
    town.store.transact(lambda db: write_fact(db, hold, value, now=MORNING))
    assert "watch:late-reminders" not in town.watch()


def _wish_for_more(town: Town, *, asked_at: datetime) -> None:
    with town.store.write() as db:
        for occurrence in db.execute(select(reminders.c.occurrence_id).distinct()).scalars().all():
            wish = {"occurrence_id": occurrence, "from_on": date(2026, 3, 30), "to_on": date(2026, 4, 10), "reason": "出差"}
            wish |= {"asked_by": "wangmin", "asked_name": "王敏", "asked_at": asked_at, "state": "pending"}
            db.execute(insert(extension_requests), wish | {"decided_by": "", "decided_name": "", "answer": ""})


def test_while_an_extension_is_undecided_its_reminders_are_not_late(town: Town) -> None:
    _wish_for_more(town, asked_at=MORNING)
    assert town.watch() == {}


@pytest.mark.parametrize(("day", "found"), [(25, True), (26, False)])  # Wednesday and Thursday before the Monday
def test_a_request_that_nobody_answers_for_three_workdays_is_found(town: Town, day: int, *, found: bool) -> None:
    _wish_for_more(town, asked_at=MORNING.replace(day=day))
    assert ("watch:undecided" in town.watch()) == found


def test_a_slow_channel_that_works_its_queue_off_is_not_stuck(town: Town) -> None:
    town.send_everything()
    town.message(next_at=MORNING - timedelta(minutes=20))
    moving = town.message(state="sent", sent_at=MORNING)
    with town.store.write() as db:
        went = {"message_id": moving, "n": 1, "token": "t", "started_at": MORNING, "data_at": MORNING - timedelta(minutes=1)}
        db.execute(insert(attempts), went | {"finished_at": MORNING, "outcome": "accepted", "code": "250", "detail": ""})
    assert town.watch() == {}


def test_a_reminder_whose_message_ended_without_it_is_found(town: Town) -> None:
    number = town.message(state="cancelled")
    with town.store.write() as db:
        first = select(reminders.c.id).order_by(reminders.c.id).limit(1).scalar_subquery()
        db.execute(reminders.update().where(reminders.c.id == first).values(state="queued", message_id=number))
        rest = reminders.update().where(reminders.c.fire_at <= MORNING, reminders.c.state == "planned")
        db.execute(rest.values(state="sent"))
    assert "1条提醒所在的消息已经结束" in town.watch()["watch:stranded"]


def test_a_reminder_that_counts_as_sent_needs_a_message_that_was_sent(town: Town) -> None:
    town.send_everything()
    number = town.message(state="failed")
    with town.store.write() as db:
        db.execute(reminders.update().where(reminders.c.state == "sent").values(message_id=number))
    assert "所在的消息却没有发出" in town.watch()["watch:sent-untrue"]


def test_what_is_wrong_is_found_again_until_it_is_right(town: Town) -> None:
    town.send_everything()
    number = town.message(state="sent", sent_at=MORNING)
    for hours in range(3):
        assert "watch:sent-unproved" in town.watch(MORNING + timedelta(hours=hours))
    with town.store.write() as db:
        ended = {"message_id": number, "n": 1, "token": "t", "started_at": MORNING, "finished_at": MORNING}
        db.execute(insert(attempts), ended | {"outcome": "accepted", "code": "250", "detail": ""})
    assert town.watch(MORNING + timedelta(hours=3)) == {}


def test_a_message_that_ends_late_is_looked_at_when_it_has_ended(town: Town) -> None:
    town.send_everything()
    waits = town.message(next_at=MORNING + timedelta(days=9))
    town.message(state="cancelled")
    assert town.watch() == {}
    with town.store.write() as db:
        db.execute(messages.update().where(messages.c.id == waits).values(state="sent", sent_at=MORNING))
    assert "watch:sent-unproved" in town.watch(MORNING + timedelta(hours=1))


class Signs:
    """Ticks that come every ten minutes and look whether the watch is alive."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def ticks(self, since: datetime, until: datetime) -> str:
        said = ""
        while since <= until:
            moment = since
            said = self.store.transact(lambda db, at=moment: silent_watch(db, now=at))
            self.store.transact(lambda db, at=moment: write_fact(db, "last_tick", at.isoformat(), now=at))
            since += timedelta(minutes=10)
        return said

    def watched(self, at: datetime) -> None:
        self.store.transact(lambda db: note_watch(db, now=at))

    def open_keys(self) -> set[str]:
        with self.store.read() as db:
            return set(db.execute(select(problems.c.key).where(problems.c.closed_at.is_(None))).scalars())


def test_a_watch_that_died_is_told_within_a_day_and_a_bit(store: Store) -> None:
    signs = Signs(store)
    signs.watched(MORNING)
    assert signs.ticks(MORNING, MORNING + timedelta(hours=24)) == ""
    assert "24小时没有运行" in signs.ticks(MORNING + timedelta(hours=24, minutes=10), MORNING + timedelta(hours=24, minutes=10))
    assert signs.open_keys() == {"watch:silent"}
    signs.watched(MORNING + timedelta(hours=25))
    assert signs.open_keys() == set()


def test_a_watch_that_never_ran_is_told_a_day_after_the_first_tick(store: Store) -> None:
    signs = Signs(store)
    assert signs.ticks(MORNING, MORNING + timedelta(hours=23)) == ""
    assert "巡查还没有运行过" in signs.ticks(MORNING + timedelta(hours=23, minutes=10), MORNING + timedelta(hours=25))


def test_a_machine_that_was_off_over_the_weekend_has_no_silent_watch(store: Store) -> None:
    signs = Signs(store)
    signs.watched(MORNING)
    signs.ticks(MORNING, MORNING + timedelta(hours=8))
    monday = MORNING + timedelta(days=3)
    assert signs.ticks(monday, monday) == ""
    signs.watched(monday + timedelta(minutes=1))
    assert signs.ticks(monday + timedelta(minutes=10), monday + timedelta(hours=5)) == ""


def test_the_watch_leaves_its_sign_and_what_it_saw_of_the_backup(town: Town) -> None:
    town.send_everything()
    town.watch(newest_backup=MORNING - timedelta(hours=2))
    with town.store.read() as db:
        sign = last_watch(db)
    assert sign is not None
    assert (sign.at, sign.newest_backup) == (MORNING, MORNING - timedelta(hours=2))
