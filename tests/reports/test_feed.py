"""Calendars that one subscribes to: what stands in them, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from models.store import Store
from planning.duty import Party, Role
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from reports import feed_rows
from reports.feed import person_feed, unit_feed
from reports.memo import Memo
from services.items import OVERSEEING
from tests.reports.planned_town import FORM, TODAY, PlannedTown, entries, found_town, utc

REF = "study-law:2026"


@pytest.fixture
def town(store: Store) -> PlannedTown:
    return found_town(store, Workdays(builtin_years()))


@pytest.fixture
def planned(town: PlannedTown) -> PlannedTown:
    """One duty of 王敏, due on 30 March at half past five."""
    town.plan(town.duty())
    return town.at(3, 9)


def only(town: PlannedTown, person: str = "wangmin", **asked: Any) -> Any:
    [entry] = entries(town.feed(person, **asked)).values()
    return entry


def test_an_entry_ends_at_the_deadline_and_keeps_nobody_busy(planned: PlannedTown) -> None:
    entry = only(planned)
    assert entry["SUMMARY"] == "专题学法截止"
    assert entry["DTEND"].dt == utc(3, 30, 17, 30)
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(minutes=30)
    assert entry["DTEND"].params["TZID"] == "Asia/Shanghai"
    assert (entry["TRANSP"], entry["STATUS"], entry["UID"]) == ("TRANSPARENT", "CONFIRMED", planned.uid(REF))
    assert [alarm["TRIGGER"].dt for alarm in entry.walk("VALARM")] == [timedelta(days=-1)]


def test_the_calendar_says_whose_it_is_and_when_to_look_again(planned: PlannedTown) -> None:
    feed = planned.feed()
    calendar = Calendar.from_ical(feed.text)
    assert feed.name == calendar["X-WR-CALNAME"] == calendar["NAME"] == "法治建设工作提醒（王敏）"
    lines = feed.text.split("\r\n")
    assert "X-PUBLISHED-TTL:PT1H" in lines
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in lines
    assert "METHOD" not in calendar
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] == ["Asia/Shanghai"]
    assert max(len(line.encode()) for line in lines) <= 75


def test_nothing_in_it_tells_the_clock(planned: PlannedTown) -> None:
    """Asked again on another day it is the same to the byte, and so is its tag: nobody fetches it twice."""
    feed, later = planned.feed(), planned.feed(as_of=TODAY + timedelta(days=7))
    assert feed == later
    assert feed.etag.startswith('"')
    assert only(planned)["DTSTAMP"].dt == only(planned)["LAST-MODIFIED"].dt == utc(1, 5, 9)


def test_a_move_keeps_the_name_raises_the_sequence_and_is_a_change(planned: PlannedTown) -> None:
    before, tag = only(planned), planned.feed().etag
    planned.at(3, 10).extend(REF, date(2026, 4, 8))
    after = only(planned)
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)
    assert after["DTEND"].dt == utc(4, 8, 17, 30)
    assert after["LAST-MODIFIED"].dt == utc(3, 10, 10)
    assert planned.feed().etag != tag


def test_words_that_a_plan_changes_are_a_change_without_a_move(planned: PlannedTown) -> None:
    planned.at(3, 10).plan(planned.duty(title="专题学法（民法典）"))
    entry = only(planned)
    assert entry["SUMMARY"] == "专题学法（民法典）截止"
    assert (entry["SEQUENCE"], entry["LAST-MODIFIED"].dt) == (0, utc(3, 10, 10))


@pytest.mark.parametrize(
    ("standing", "said"), [(False, "专题学法（已办结）"), (True, "专题学法（已复核）")], ids=["done", "reviewed"]
)
def test_what_is_done_says_so_for_sixty_days_and_rings_no_bell(town: PlannedTown, standing: bool, said: str) -> None:
    town.plan(town.duty(standing=standing))
    town.at(3, 9).done(REF, standing=standing)
    entry = only(town)
    assert (entry["SUMMARY"], entry["STATUS"], entry.walk("VALARM")) == (said, "CONFIRMED", [])
    assert entry["LAST-MODIFIED"].dt == utc(3, 9, 10)
    assert entries(town.feed(as_of=date(2026, 5, 8)))
    assert not entries(town.feed(as_of=date(2026, 5, 9)))


def test_what_was_waived_is_crossed_out_for_sixty_days(planned: PlannedTown) -> None:
    planned.waive(REF)
    entry = only(planned)
    assert (entry["SUMMARY"], entry["STATUS"], entry.walk("VALARM")) == ("专题学法（已取消）", "CANCELLED", [])
    assert entry["DESCRIPTION"] == "已免办，无需办理。"
    assert entries(planned.feed(as_of=date(2026, 5, 8)))
    assert not entries(planned.feed(as_of=date(2026, 5, 9)))


def test_what_the_plan_withdrew_is_crossed_out_and_comes_back_with_it(planned: PlannedTown) -> None:
    planned.plan(planned.duty(until_year=2025))
    assert only(planned)["DESCRIPTION"] == "已从计划中撤回，无需办理。"
    planned.at(3, 10).plan(planned.duty())
    entry = only(planned)
    assert (entry["SUMMARY"], entry["STATUS"]) == ("专题学法截止", "CONFIRMED")
    assert entry["SEQUENCE"] > 0


def test_what_was_done_and_is_taken_back_is_due_again(planned: PlannedTown) -> None:
    planned.done(REF)
    planned.at(3, 12).reopen(REF)
    entry = only(planned)
    assert (entry["SUMMARY"], entry["SEQUENCE"], entry["LAST-MODIFIED"].dt) == ("专题学法截止", 1, utc(3, 12, 10))


def test_what_was_handed_over_leaves_the_one_calendar_and_enters_the_other(planned: PlannedTown) -> None:
    planned.hand_over(REF, "zhaolei", "赵磊")
    mine, his = only(planned), only(planned, "zhaolei")
    assert (mine["SUMMARY"], mine["STATUS"]) == ("专题学法（不再由您办理）", "CANCELLED")
    assert mine["LAST-MODIFIED"].dt == utc(3, 9, 10)
    assert (his["SUMMARY"], his["UID"]) == ("专题学法截止", mine["UID"])
    assert entries(planned.feed(as_of=date(2026, 5, 8)))
    assert not entries(planned.feed(as_of=date(2026, 5, 9)))
    assert entries(planned.feed("zhaolei", as_of=date(2026, 5, 9)))


def test_what_the_plan_gave_to_others_is_crossed_out_as_well(planned: PlannedTown) -> None:
    planned.plan(planned.duty(owner=Party(person="zhaolei")))
    assert only(planned)["STATUS"] == "CANCELLED"
    assert only(planned, "zhaolei")["STATUS"] == "CONFIRMED"


def test_a_partner_who_is_dropped_without_another_is_told_for_a_while(town: PlannedTown) -> None:
    town.plan(town.duty(partners=(Party(person="zhaolei"),)))
    town.at(3, 9).plan(town.duty())
    assert only(town, "zhaolei")["STATUS"] == "CANCELLED"
    assert not entries(town.feed("zhaolei", as_of=date(2026, 5, 9)))


def test_what_comes_back_to_somebody_is_due_again_and_stands_once(planned: PlannedTown) -> None:
    planned.hand_over(REF, "zhaolei", "赵磊")
    planned.at(3, 11).hand_over(REF, "wangmin", "王敏")
    assert (only(planned)["SUMMARY"], only(planned)["SEQUENCE"]) == ("专题学法截止", 1)
    assert only(planned, "zhaolei")["STATUS"] == "CANCELLED"


def test_a_day_that_is_not_sure_is_tentative(planned: PlannedTown) -> None:
    planned.plan(planned.duty(), years=(2026, 2027), yes_many=True)
    entry = entries(planned.feed())["专题学法截止（暂定）"]
    assert (entry["STATUS"], entry["DTEND"].dt.date()) == ("TENTATIVE", date(2027, 3, 30))


def test_partners_and_verifiers_are_told_their_part_and_who_oversees_takes_the_units(town: PlannedTown) -> None:
    town.plan(town.duty(partners=(Party(person="zhaolei"),), overseer=Party(person="chenxia")))
    town.at(1, 6).plan(*town.basis.duties, town.duty("check", FixedDay(3, 31), title="检查", verifier=Party(person="zhaolei")))
    told = {summary: str(entry["DESCRIPTION"]) for summary, entry in entries(town.feed("zhaolei")).items()}
    assert "请配合办理。" in told["专题学法截止"]
    assert "办结后请验收。" in told["检查截止"]
    assert entries(town.feed("chenxia")) == {}
    assert set(Role) - OVERSEEING == set(feed_rows._ACTING)  # as the file beside a mail has it


def test_only_the_days_around_today_are_shown(planned: PlannedTown) -> None:
    due = date(2026, 3, 30)
    for as_of, shown in (
        (due - timedelta(days=401), False),
        (due - timedelta(days=400), True),
        (due + timedelta(days=90), True),
        (due + timedelta(days=91), False),
    ):
        assert bool(entries(planned.feed(as_of=as_of))) is shown


def test_what_was_due_before_the_office_began_is_in_no_calendar(town: PlannedTown) -> None:
    town.at(4, 13).plan(town.duty(), silent_before=date(2026, 4, 1))
    assert entries(town.feed(as_of=date(2026, 4, 13))) == {}


def test_a_unit_sees_what_is_below_it_with_who_does_it(town: PlannedTown) -> None:
    town.plan(
        town.duty(),
        town.duty("visit", FixedDay(4, 8), title="走访", owner=Party(unit="huilong")),
        town.duty("paper", FixedDay(4, 9), title="报送", owner=Party(unit="dangzheng")),
    )
    assert list(entries(town.unit_feed("caohui"))) == ["司法所：专题学法截止", "回龙村：走访截止", "党政办：报送截止"]
    office = entries(town.unit_feed("sifasuo"))
    assert list(office) == ["专题学法截止", "回龙村：走访截止"]
    assert "承办：赵磊" in str(office["回龙村：走访截止"]["DESCRIPTION"])
    assert list(entries(town.unit_feed("huilong"))) == ["走访截止"]
    assert town.unit_feed("sifasuo").name == "法治建设工作提醒（司法所）"


def test_a_new_owner_is_a_change_of_the_units_calendar(planned: PlannedTown) -> None:
    planned.hand_over(REF, "zhaolei", "赵磊")
    [entry] = entries(planned.unit_feed()).values()
    assert "承办：赵磊" in str(entry["DESCRIPTION"])
    assert entry["LAST-MODIFIED"].dt == utc(3, 9, 10)


def test_of_too_many_the_furthest_are_left_out_and_it_is_said(town: PlannedTown, monkeypatch: pytest.MonkeyPatch) -> None:
    days = [FixedDay(2, 2), FixedDay(3, 4), FixedDay(3, 13), FixedDay(8, 3)]
    town.plan(*(town.duty(f"d{n}", day, title=f"第{n}项") for n, day in enumerate(days)))
    monkeypatch.setattr(feed_rows, "MOST", 3)
    feed = town.unit_feed("sifasuo")
    assert list(entries(feed)) == ["第1项截止", "第2项截止", "第3项截止"]
    assert "离今天最远的1项没有列入" in str(Calendar.from_ical(feed.text)["DESCRIPTION"])
    monkeypatch.setattr(feed_rows, "MOST", 4)
    assert "没有列入" not in town.unit_feed("sifasuo").text.replace("\r\n ", "")


def test_neither_notes_nor_addresses_nor_links_stand_in_it(planned: PlannedTown) -> None:
    planned.done(REF)
    for feed in (planned.feed(), planned.unit_feed()):
        told = feed.text.replace("\r\n ", "")
        assert "13800000000" not in told
        assert "http" not in told
        assert "ATTENDEE" not in told
        assert "@" not in told.replace(planned.uid(REF), "")


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [
        ("full", "时限：3月底", "查无此词"),
        ("title", "专题学法截止", "3月底"),
        ("number", "办理项study-law:2026截止", "专题学法"),
    ],
)
def test_it_tells_no_more_than_the_mails_may(town: PlannedTown, detail: str, shown: str, hidden: str) -> None:
    town.plan(town.duty(as_written="3月底"))
    for feed in (town.feed(form=replace(FORM, detail=detail)), town.unit_feed("sifasuo", form=replace(FORM, detail=detail))):
        told = feed.text.replace("\r\n ", "")
        assert shown in told
        assert hidden not in told


def test_there_is_no_calendar_of_nobody(planned: PlannedTown) -> None:
    assert person_feed(planned.store, "nobody", as_of=TODAY, form=FORM) is None
    assert unit_feed(planned.store, "nowhere", as_of=TODAY, form=FORM) is None


def test_a_memo_hands_out_the_same_feed_until_something_is_recorded(planned: PlannedTown) -> None:
    memo = Memo()
    first = person_feed(planned.store, "wangmin", as_of=TODAY, form=FORM, memo=memo)
    assert person_feed(planned.store, "wangmin", as_of=TODAY, form=FORM, memo=memo) is first
    assert person_feed(planned.store, "zhaolei", as_of=TODAY, form=FORM, memo=memo) != first
    planned.done(REF)
    after = person_feed(planned.store, "wangmin", as_of=TODAY, form=FORM, memo=memo)
    assert after is not None
    assert list(entries(after)) == ["专题学法（已办结）"]
