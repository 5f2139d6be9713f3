"""What the tick does with a ladder that rests (延期待批), with a reminder put off, and with a stand-in's link."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from models.occurrence import assignments
from models.reminder import reminders
from planning.reference import reference
from planning.roster import Person, Post, Roster, StandIn
from services.extension_requests import ask_extension, decide_extension
from services.links import find_link, token_of
from services.snooze import snooze
from tests.services.delivery.town import NAMES, TZ, Town, at, policy

ROLES = {"owner": "wangmin", "overseer": "liguoqiang"}


@pytest.fixture
def town(store: Any) -> Town:
    made = Town(store, policy=policy())
    made.add_people(NAMES)
    return made


def ref_of(town: Town) -> str:
    from models.occurrence import occurrences

    [row] = town.rows(occurrences)
    return reference(row.duty_key, row.period)


def ask(town: Town, now: datetime) -> None:
    said = {"by": "wangmin", "by_name": "王敏", "reason": "会场维修", "via": "link"}
    ask_extension(town.store, ref_of(town), to=date(2026, 3, 20), now=now, tz=TZ, **said)


def decide(town: Town, now: datetime, *, approve: bool) -> None:
    said = {"by": "liguoqiang", "by_name": "李国强", "answer": "" if approve else "请按时办", "via": "cli"}
    place = {"workdays": town.policy.workdays, "remind_at": time(8, 45), "tz": TZ}
    decide_extension(town.store, ref_of(town), approve=approve, now=now, **said, **place)


def test_while_an_extension_waits_only_the_deciders_hear_and_they_get_a_link(town: Town) -> None:
    town.ladder("法治专题学习", due="2026-03-06")
    town.tick(at("2026-03-03"))
    town.wire.taken.clear()
    ask(town, at("2026-03-04", "09:00"))
    for day in ("2026-03-04", "2026-03-05", "2026-03-06", "2026-03-09", "2026-03-11"):
        town.tick(at(day, "09:30"))
    [asked] = town.wire.taken
    assert asked.address == "liguoqiang@caohui.example"
    assert "王敏申请延期：由3月6日延至3月20日，原因：会场维修。请批复" in asked.text
    assert "http://127.0.0.1:8600/t/" in asked.text
    assert "逾期" not in asked.text


def test_a_refused_request_lets_the_newest_step_speak_and_no_older_one(town: Town) -> None:
    town.ladder("法治专题学习", due="2026-03-06")
    ask(town, at("2026-02-24", "09:00"))
    town.tick(at("2026-02-24", "09:30"))
    town.wire.taken.clear()
    decide(town, at("2026-03-18", "09:00"), approve=False)  # every step is older than the fortnight after which one is stale
    town.tick(at("2026-03-18", "09:30"))
    said = {envelope.address.partition("@")[0]: envelope.text for envelope in town.wire.taken}
    assert set(said) == {"wangmin", "liguoqiang"}
    assert "延期申请未获批准（李国强：请按时办）。时限仍为3月6日，请抓紧办理" in said["wangmin"]
    assert "已逾期8个工作日" in said["liguoqiang"]
    states = [row.state for row in town.rows(reminders) if row.step.startswith("T")]
    assert set(states) == {"folded", "sent"}
    assert states.count("sent") == 1


def test_an_approval_is_told_to_who_asked_and_starts_the_new_ladder(town: Town) -> None:
    town.ladder("法治专题学习", due="2026-03-06")
    # As the plan writes it: the new steps come from the duty's own ladder.
    from sqlalchemy import update

    from models.office import duties

    with town.store.write() as db:
        db.execute(update(duties).values(ladder="T-3 T0 T+1=owner,overseer"))
    ask(town, at("2026-03-04", "09:00"))
    decide(town, at("2026-03-09", "09:00"), approve=True)
    town.tick(at("2026-03-09", "09:30"))
    [told] = town.wire.taken
    assert told.address == "wangmin@caohui.example"
    assert "李国强已批准延期：由3月6日延至3月20日。考核仍以原定时限为准" in told.text
    assert [row.due_epoch for row in town.rows(reminders) if row.step == "T0" and row.state == "planned"] == [1]


def test_a_reminder_put_off_speaks_once_on_the_chosen_morning(town: Town) -> None:
    town.ladder("法治专题学习", due="2026-03-13")
    place = {"workdays": town.policy.workdays, "remind_at": time(8, 45), "tz": TZ}
    said = {"person": "wangmin", "until": date(2026, 3, 11), "by": "wangmin", "via": "link"}
    snooze(town.store, ref_of(town), now=at("2026-03-03", "09:00"), **said, **place)
    for day in ("2026-03-04", "2026-03-05", "2026-03-09", "2026-03-10"):
        town.tick(at(day, "08:45"))
    assert town.wire.taken == []
    town.tick(at("2026-03-11", "08:45"))
    [spoken] = town.wire.taken
    assert "还剩2个工作日" in spoken.text
    town.tick(at("2026-03-12", "08:45"))
    assert len(town.wire.taken) == 2  # T-1 as always


def test_where_the_ladder_is_silent_the_chosen_morning_speaks_all_the_same(town: Town) -> None:
    town.ladder("法治专题学习", due="2026-04-10")
    place = {"workdays": town.policy.workdays, "remind_at": time(8, 45), "tz": TZ}
    said = {"person": "wangmin", "until": date(2026, 3, 11), "by": "wangmin", "via": "link"}
    snooze(town.store, ref_of(town), now=at("2026-03-03", "09:00"), **said, **place)
    town.tick(at("2026-03-10", "08:45"))
    assert town.wire.taken == []
    town.tick(at("2026-03-11", "08:45"))
    [spoken] = town.wire.taken
    assert "按您的要求再次提醒" in spoken.text
    town.tick(at("2026-03-11", "09:45"))
    assert len(town.wire.taken) == 1


def test_who_stands_in_gets_a_link_of_his_own_that_says_who_acts(town: Town) -> None:
    day = date(2026, 3, 3)
    town.item()
    people = {
        "wangmin": Person("wangmin", "王敏", (Post("sifasuo", "干部"),), stand_ins=(StandIn("chenxia", day, day),)),
        "chenxia": Person("chenxia", "陈霞", (Post("sifasuo", "所长"),)),
    }
    town.policy = policy(roster=Roster(people=people))
    town.tick(at(day))
    [envelope] = town.wire.taken
    assert envelope.address == "chenxia@caohui.example"
    token = envelope.text.partition("/t/")[2].split()[0]
    found = find_link(town.store, token, now=at(day), link_key=town.policy.link_key)
    assert (found.person, found.reader, found.reader_name, found.acting) == ("wangmin", "chenxia", "陈霞", "chenxia")
    [part] = town.rows(assignments)
    own = find_link(town.store, token_of(town.policy.link_key, part.id, 0), now=at(day), link_key=town.policy.link_key)
    assert (own.person, own.reader, own.acting) == ("wangmin", "", "wangmin")
