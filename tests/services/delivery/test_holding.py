from __future__ import annotations

from dataclasses import replace

from models.message import messages
from models.reminder import reminders
from planning.roster import Destination
from planning.windows import parse_windows
from services.holding import CATCH_UP, release_hold
from tests.services.delivery.town import DOWN, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")
AFTERNOON = at("2026-03-03", "14:35")


def test_what_comes_later_in_a_half_day_joins_the_next_one(town: Town) -> None:
    town.item("一")
    town.tick(TUESDAY)
    town.item("二", fire_at=at("2026-03-03", "09:30"))
    outcome = town.tick(at("2026-03-03", "09:35"))
    assert (outcome.sent, outcome.held) == (0, 1)
    waiting = town.rows(reminders)[1]
    assert (waiting.state, waiting.held_until) == ("planned", at("2026-03-03", "14:30"))
    assert "并入下一次" in waiting.reason
    assert town.tick(AFTERNOON).sent == 1
    assert town.rows(reminders)[1].reason == ""


def test_what_is_due_today_or_overdue_does_not_wait(town: Town) -> None:
    town.item("一")
    town.tick(TUESDAY)
    town.item("今天到期", due="2026-03-03", step="T0", fire_at=at("2026-03-03", "09:30"))
    assert town.tick(at("2026-03-03", "09:35")).sent == 1
    town.item("已经逾期", due="2026-03-02", step="T+1", fire_at=at("2026-03-03", "10:00"))
    assert town.tick(at("2026-03-03", "10:05")).sent == 1


def test_the_office_may_wish_to_be_told_at_once(town: Town) -> None:
    plain = policy()
    eager = policy(rules=replace(plain.rules, half_day_limit=False))
    town.item("一")
    town.tick(TUESDAY, policy=eager)
    town.item("二", fire_at=at("2026-03-03", "09:30"))
    assert town.tick(at("2026-03-03", "09:35"), policy=eager).sent == 1


def test_a_message_that_never_arrived_uses_up_nobodys_half_day(town: Town) -> None:
    town.item("一")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.item("二", fire_at=at("2026-03-03", "09:30"))
    outcome = town.tick(at("2026-03-03", "09:35"))
    assert outcome.sent == 1
    assert [title in town.wire.taken[0].text for title in ("一", "二")] == [True, True]


def crowd(town: Town, count: int) -> None:
    for number in range(1, count + 1):
        town.item(f"第{number}件", due="2026-03-06", person=f"p{number}", fire_at=at("2026-03-02"))


def crowded(count: int, *, limit: int = 5) -> object:
    listed = {f"p{number}": (Destination("mail", f"p{number}@caohui.example"),) for number in range(1, count + 1)}
    plain = policy(destinations=listed)
    return replace(plain, rules=replace(plain.rules, catch_up_limit=limit))


def test_a_crowd_of_late_messages_waits_for_a_word(town: Town) -> None:
    crowd(town, 8)
    outcome = town.tick(TUESDAY, policy=crowded(8))
    assert (outcome.built, outcome.sent, outcome.held) == (0, 0, 8)
    assert "8条积压" in town.open_problems[CATCH_UP]
    assert release_hold(town.store, by="wangmin", now=TUESDAY) == 8
    assert town.tick(TUESDAY + minutes(10), policy=crowded(8)).sent == 8
    assert CATCH_UP not in town.open_problems
    assert release_hold(town.store, by="wangmin", now=TUESDAY) == 0


def test_after_two_working_hours_a_crowd_goes_without_a_word(town: Town) -> None:
    crowd(town, 8)
    town.tick(TUESDAY, policy=crowded(8))
    assert town.tick(at("2026-03-03", "10:40"), policy=crowded(8)).sent == 0
    assert town.tick(at("2026-03-03", "10:50"), policy=crowded(8)).sent == 8


def test_what_is_fresh_goes_out_beside_a_held_crowd(town: Town) -> None:
    crowd(town, 8)
    town.item("今天的", due="2026-03-03", step="T0", person="wangmin", fire_at=TUESDAY)
    held = crowded(8)
    held = replace(held, destinations={**held.destinations, **policy().destinations})
    assert town.tick(TUESDAY, policy=held).sent == 1


def test_a_stop_of_ten_days_is_still_told_of_after_the_hold(town: Town) -> None:
    town.tick(at("2026-02-24", "16:00"))
    crowd(town, 8)
    town.tick(TUESDAY, policy=crowded(8))
    release_hold(town.store, by="wangmin", now=TUESDAY)
    town.tick(TUESDAY + minutes(10), policy=crowded(8))
    assert all("停止服务" in envelope.text for envelope in town.wire.taken)


def test_an_item_that_ends_before_the_next_window_is_told_before_this_one_closes(town: Town) -> None:
    """Due on Sunday, its reminder set for Sunday morning: on Monday it would come too late."""
    town.item("周日截止", due="2026-03-08", step="T0", fire_at=at("2026-03-08"))
    friday = at("2026-03-06", "16:55")
    assert town.tick(friday).sent == 0
    assert town.tick(at("2026-03-06", "17:05")).sent == 1
    assert "3月8日" in town.wire.taken[0].text


def test_what_can_wait_for_its_own_moment_is_not_told_early(town: Town) -> None:
    town.item("下周", due="2026-03-20", step="T-7", fire_at=at("2026-03-07"))
    assert town.tick(at("2026-03-06", "17:05")).sent == 0
    assert town.tick(at("2026-03-09")).sent == 1


def test_noon_keeps_nobody_from_hearing_of_an_item_due_at_one(town: Town) -> None:
    town.item("中午截止", due="2026-03-03", due_at=at("2026-03-03", "13:00"), step="T0", fire_at=at("2026-03-03", "12:30"))
    assert town.tick(at("2026-03-03", "11:45")).sent == 1


def test_a_day_without_windows_in_the_afternoon_holds_until_the_next_morning(town: Town) -> None:
    mornings = policy(windows=parse_windows(["08:30-12:00"]))
    town.item("一")
    town.tick(TUESDAY, policy=mornings)
    town.item("二", fire_at=at("2026-03-03", "09:30"))
    town.tick(at("2026-03-03", "09:35"), policy=mornings)
    assert town.rows(reminders)[1].held_until == at("2026-03-04", "08:30")


def test_what_is_due_today_leaves_a_dead_channel_after_two_hours(town: Town) -> None:
    two = policy(destinations=destinations("wecom", "mail"))
    town.item("今天到期", due="2026-03-03", step="T0")
    wecom = Wire("wecom", script=[DOWN] * 20)
    for wait in (0, 10, 30, 60, 90):
        assert town.tick(TUESDAY + minutes(wait), policy=two, channels={"wecom": wecom}).sent == 0
    assert town.tick(TUESDAY + minutes(125), policy=two, channels={"wecom": wecom}).sent == 1
    first, second = town.rows(messages)
    assert (first.state, first.tries, second.channel, second.fallback_of) == ("failed", 0, "mail", first.id)


def test_what_can_wait_stays_with_a_dead_channel_for_a_day(town: Town) -> None:
    two = policy(destinations=destinations("wecom", "mail"))
    town.item("下周", due="2026-03-13", step="T-7")
    wecom = Wire("wecom", script=[DOWN] * 20)
    assert town.tick(TUESDAY, policy=two, channels={"wecom": wecom}).sent == 0
    assert town.tick(at("2026-03-03", "16:00"), policy=two, channels={"wecom": wecom}).sent == 0
    assert town.tick(at("2026-03-04", "09:00"), policy=two, channels={"wecom": wecom}).sent == 1


def test_without_another_address_everything_waits_for_the_channel(town: Town) -> None:
    town.item("今天到期", due="2026-03-03", step="T0")
    town.wire.script = [DOWN] * 30
    for wait in range(0, 200, 20):
        town.tick(TUESDAY + minutes(wait))
    assert town.message_states == ["pending"]
    assert town.rows(messages)[0].tries == 0


def test_a_destination_passed_over_is_tried_when_the_others_refuse(town: Town) -> None:
    from tests.services.delivery.town import GONE

    two = policy(destinations=destinations("wecom", "mail"))
    town.item()
    town.wire.script = [GONE]
    town.tick(TUESDAY, policy=two)  # wecom is not open: mail is asked first, and refuses
    assert [row.channel for row in town.rows(messages)] == ["mail", "wecom"]
    wecom = Wire("wecom")
    assert town.tick(TUESDAY + minutes(10), policy=two, channels={"wecom": wecom}).sent == 1
    assert town.reminder_states == ["sent"]


def test_who_has_left_is_told_nothing_and_whoever_stands_in_is(town: Town) -> None:
    from datetime import date

    from planning.roster import Person, Post, Roster, StandIn

    gone = Person("wangmin", "王敏", (Post("fazhi", "干事"),), left_on=date(2026, 3, 1))
    there = Person("chenxia", "陈霞", (Post("fazhi", "干事"),))
    alone = policy(roster=Roster(people={"wangmin": gone, "chenxia": there}))
    town.item("逾期的", due="2026-02-27", step="T+1")
    assert town.tick(TUESDAY, policy=alone).sent == 0
    assert [(row.state, "离任" in row.reason) for row in town.rows(reminders)] == [("cancelled", True)]
    cover = replace(gone, stand_ins=(StandIn("chenxia", date(2026, 3, 1), date(2026, 12, 31)),))
    covered = policy(roster=Roster(people={"wangmin": cover, "chenxia": there}))
    town.item("另一件", due="2026-02-27", step="T+1")
    assert town.tick(TUESDAY, policy=covered).sent == 1
    assert town.wire.taken[0].address == "chenxia@caohui.example"
