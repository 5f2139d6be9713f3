"""Cases that look like others and are not: each was once a reminder that stayed behind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, update

from models.message import MessageState, messages
from models.occurrence import extension_requests
from models.reminder import reminders
from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from planning.delivery_rules import ChannelRule, Rate
from planning.machine_time import Beat
from planning.roster import Destination, Person, Post, Roster, StandIn
from tests.services.delivery.town import DOWN, GONE, LATER, YES, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")
BAD_KEY = Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="403", words="content filter")


class Choosy(Wire):
    """Finds the channel at fault whenever it is asked to write to one address."""

    shy = "wangmin@caohui.example"

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        if envelope.address == self.shy:
            return BAD_KEY
        return super().hand_over(envelope, marker=marker)


def test_one_address_that_a_server_will_not_have_does_not_stop_the_others(town: Town) -> None:
    for person in ("wangmin", "chenxia", "zhangwei"):
        town.item(person=person, due="2026-03-03", step="T0")
    mail = Choosy("mail")
    for wait in range(0, 60, 10):
        town.tick(TUESDAY + minutes(wait), channels={"mail": mail})
    assert sorted(envelope.address for envelope in mail.taken) == ["chenxia@caohui.example", "zhangwei@caohui.example"]
    assert "content filter" in town.open_problems["channel:mail"]


def test_a_rest_written_down_by_a_wrong_clock_is_not_believed_for_years(town: Town) -> None:
    town.item(due="2026-03-06", fire_at=at("2026-03-04"))
    town.tick(TUESDAY, beat=Beat("b1", 0.0))
    town.wire.script = [DOWN]
    town.item(person="chenxia", due="2028-03-06", fire_at=at("2028-03-03"))
    town.tick(at("2028-03-03"))  # by a clock that somebody took for right
    town.wire.script = []
    assert town.tick(at("2026-03-04")).sent >= 1


def test_what_is_taken_over_day_after_day_goes_on_counting_and_reaches_the_second_address(town: Town) -> None:
    two = policy(destinations=destinations("mail", "wecom"))
    wecom = Wire("wecom")
    for number, day in enumerate(("2026-03-03", "2026-03-04", "2026-03-05"), start=1):
        town.item(f"第{number}件", due="2026-03-20", fire_at=at(day))
        town.wire.script = [LATER] * 50
        for wall in ("08:45", "10:30", "15:00"):
            town.tick(at(day, wall), policy=two, channels={"wecom": wecom})
    assert wecom.taken


def test_a_stand_in_is_not_held_to_the_address_that_refused_the_other(town: Town) -> None:
    cover = StandIn("chenxia", date(2026, 3, 4), date(2026, 3, 31))
    people = {
        "wangmin": Person("wangmin", "王敏", (Post("fazhi", "干事"),), stand_ins=(cover,)),
        "chenxia": Person("chenxia", "陈霞", (Post("fazhi", "干事"),)),
    }
    covered = policy(roster=Roster(people=people))
    town.item()
    town.wire.script = [LATER]
    town.tick(at("2026-03-03", "17:25"), policy=covered)
    town.wire.script = [GONE]
    town.tick(at("2026-03-04"), policy=covered)  # 王敏's address refuses, on the day 陈霞 begins
    town.tick(at("2026-03-04", "09:00"), policy=covered)
    assert town.wire.taken[-1].address == "chenxia@caohui.example"


def test_a_channel_passed_over_for_being_closed_is_tried_when_the_next_one_refuses(town: Town) -> None:
    two = policy(destinations=destinations("wecom", "mail"))
    town.item(due="2026-03-03", step="T0")
    wecom = Wire("wecom", script=[DOWN] * 9)
    for wait in (0, 10, 30, 60, 90):
        town.tick(TUESDAY + minutes(wait), policy=two, channels={"wecom": wecom})
    town.wire.script = [GONE]
    town.tick(TUESDAY + minutes(125), policy=two, channels={"wecom": wecom})
    wecom.script = []
    town.tick(at("2026-03-03", "14:35"), policy=two, channels={"wecom": wecom})
    assert len(wecom.taken) == 1
    assert town.reminder_states == ["sent"]


def test_what_ends_before_the_hold_does_is_not_held(town: Town) -> None:
    listed = {f"p{number}": (Destination("mail", f"p{number}@caohui.example"),) for number in range(1, 9)}
    held = policy(destinations=listed)
    held = replace(held, rules=replace(held.rules, catch_up_limit=5))
    for number in range(1, 9):
        town.item(f"第{number}件", due="2026-03-06", step="T0", person=f"p{number}", fire_at=at("2026-03-06"))
    assert town.tick(at("2026-03-06", "15:35"), policy=held).sent == 8


def test_a_step_after_the_due_day_is_never_told_before_it(town: Town) -> None:
    occurrence = town.occurrence(due="2026-03-07", due_at=at("2026-03-07", "17:30"))
    town.remind(town.assign(occurrence, "liguoqiang", "overseer"), "T+1", at("2026-03-09", "08:00"))
    assert town.tick(at("2026-03-06", "17:05")).sent == 0
    assert town.tick(at("2026-03-09")).sent == 1


def test_a_step_on_a_day_that_ends_before_its_moment_is_told_the_evening_before(town: Town) -> None:
    town.item("上午八点截止", due="2026-03-09", due_at=at("2026-03-09", "08:00"), step="T0", fire_at=at("2026-03-09", "08:45"))
    assert town.tick(at("2026-03-06", "17:05")).sent == 1


def test_rows_of_a_clock_that_was_ahead_stop_nothing_when_it_is_right(town: Town) -> None:
    limited = policy(channel_rules={"mail": ChannelRule(rates=(Rate(1, 60),))})
    town.item(due="2026-04-10", fire_at=at("2026-04-03"))
    town.tick(at("2026-04-03"), policy=limited)
    town.item(person="wangmin", due="2026-03-20", fire_at=TUESDAY)
    assert town.tick(TUESDAY, policy=limited).sent == 1
    town.item(person="chenxia", due="2026-03-20", fire_at=TUESDAY)
    town.wire.script = [LATER]
    town.tick(TUESDAY + minutes(10), policy=limited)
    with town.store.write() as db:
        db.execute(update(messages).where(messages.c.state == MessageState.PENDING).values(next_at=at("2027-03-03")))
    assert town.tick(TUESDAY + minutes(20), policy=limited).sent == 1


def test_who_leaves_while_his_message_waits_is_not_written_to(town: Town) -> None:
    town.item(due="2026-03-20")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    gone = Person("wangmin", "王敏", (Post("fazhi", "干事"),), left_on=date(2026, 3, 4))
    left = policy(roster=Roster(people={"wangmin": gone}))
    town.tick(at("2026-03-04"), policy=left)
    town.tick(at("2026-03-04", "09:00"), policy=left)
    assert town.wire.taken == []
    assert [(row.state, "离任" in row.reason) for row in town.rows(reminders)] == [("cancelled", True)]


def test_a_slip_in_the_list_of_people_during_a_refusal_ends_nothing(town: Town) -> None:
    two = policy(destinations=destinations("mail", "wecom"))
    town.item(due="2026-03-03", step="T0")
    town.wire.script = [LATER]
    town.tick(TUESDAY, policy=two)
    torn = replace(two, destinations={}, roster_faulty=True)
    town.wire.script = [GONE]
    town.tick(TUESDAY + minutes(10), policy=torn)
    assert town.reminder_states == ["planned"]
    wecom = Wire("wecom")
    town.wire.script = [GONE]
    town.tick(TUESDAY + minutes(20), policy=two, channels={"wecom": wecom})
    assert len(wecom.taken) == 1


def test_a_message_waits_no_longer_to_be_told_once_a_later_day_was_asked_for(town: Town) -> None:
    occurrence = town.item(due="2026-03-03", step="T0")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    with town.store.write() as db:
        request = {"occurrence_id": occurrence, "from_on": date(2026, 3, 3), "to_on": date(2026, 3, 20), "reason": "会议冲突"}
        asked = {"asked_by": "wangmin", "asked_name": "王敏", "asked_at": TUESDAY, "state": "pending"}
        undecided = {"decided_by": "", "decided_name": "", "answer": ""}
        db.execute(insert(extension_requests), request | asked | undecided)
    assert town.tick(TUESDAY + minutes(30)).sent == 0
    assert (town.reminder_states, town.message_states) == (["planned"], ["cancelled"])


def test_somebody_who_is_reached_by_another_way_is_no_longer_called_unreachable(town: Town) -> None:
    town.item()
    town.tick(TUESDAY, policy=policy(destinations={}))
    assert "unreachable:wangmin" in town.open_problems
    town.item("第二件", due="2026-03-03", step="T0")
    rule = ChannelRule(markup="markdown", group=True, group_name="工作群", links=False)
    grouped = policy(destinations={"wangmin": (Destination("group", ""),)}, channel_rules={"group": rule})
    assert town.tick(TUESDAY + minutes(10), policy=grouped, channels={"group": Wire("group")}).sent == 1
    assert "unreachable:wangmin" not in town.open_problems


@pytest.mark.parametrize("hours", [12, 13.5])
def test_a_wait_as_long_as_providers_ask_for_is_kept(town: Town, hours: float) -> None:
    town.item(due="2026-03-20")
    town.wire.script = [replace(LATER, retry_after=hours * 3600), YES]
    town.tick(TUESDAY)
    assert town.rows(messages)[0].next_at == TUESDAY + timedelta(hours=hours)
    assert town.tick(TUESDAY + timedelta(hours=6)).sent == 0
