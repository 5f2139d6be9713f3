"""稍后提醒: the reader's own reminders wait for a workday that he chose, and then exactly one speaks."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.reminder import reminders
from services.change import hand_over, reopen
from services.complete import complete
from services.errors import Refused
from services.extension_requests import ask_extension
from services.snooze import choices, snooze

Clock = Callable[..., datetime]
CHINA = ZoneInfo("Asia/Shanghai")


def put_off(town: Any, ref: str, until: date, now: datetime, person: str = "chenxia", **said: Any) -> Any:
    place = {"workdays": town.workdays, "remind_at": time(9), "tz": CHINA}
    return snooze(town.store, ref, person=person, until=until, by=person, via="link", now=now, **place, **said)


def held(town: Any, ref: str) -> dict[str, datetime]:
    """step -> the moment until which it is held, in the town's time."""
    mine = town.rows(reminders, occurrence_id=town.row(ref).id, state="planned")
    return {one.step: one.held_until.astimezone(CHINA) for one in mine if one.held_until is not None}


def code_of(call: Callable[..., Any], *args: Any, **said: Any) -> str:
    with pytest.raises(Refused) as caught:
        call(*args, **said)
    return caught.value.code


def test_what_would_come_before_waits_until_that_morning_and_nothing_else_does(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"), ("liqiang", "owner"), ("wangmin", "overseer")))
    put_off(town, ref, date(2026, 3, 4), clock(2, 26))
    mine = [one for one in town.rows(reminders) if one.held_until is not None]
    assert {(one.step, one.assignment_id) for one in mine} == {("T-7", 1), ("T-3", 1)}
    assert {one.reason for one in mine} == {"按本人要求推迟到3月4日"}
    assert set(held(town, ref).values()) == {datetime(2026, 3, 4, 9, tzinfo=CHINA)}
    [entry] = town.log()
    said = json.loads(entry.payload)
    assert (entry.kind, entry.actor, said["person"], said["until"], said["held"]) == (
        "snoozed",
        "chenxia",
        "chenxia",
        "2026-03-04",
        2,
    )


def test_where_nothing_would_speak_on_that_morning_one_is_added(town: Any, clock: Clock) -> None:
    ref = town.occurrence(due=date(2026, 4, 30))
    put_off(town, ref, date(2026, 3, 4), clock(2, 26))
    [added] = town.rows(reminders, step="snoozed")
    assert (added.fire_at.astimezone(CHINA), added.state, added.held_until) == (
        datetime(2026, 3, 4, 9, tzinfo=CHINA),
        "planned",
        None,
    )
    assert held(town, ref) == {}


def test_a_step_of_that_very_morning_is_enough(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    with town.store.write() as db:
        db.execute(reminders.update().where(reminders.c.step == "T-7").values(state="sent"))
    put_off(town, ref, date(2026, 3, 2), clock(2, 26))  # T-3 fires on that morning
    assert town.rows(reminders, step="snoozed") == []
    assert held(town, ref) == {}


def test_the_newest_choice_counts_also_when_it_is_earlier(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    put_off(town, ref, date(2026, 3, 4), clock(2, 25))
    put_off(town, ref, date(2026, 2, 27), clock(2, 25, 11))
    assert held(town, ref) == {"T-7": datetime(2026, 2, 27, 9, tzinfo=CHINA)}
    later = town.occurrence(period="2026-Q2", due=date(2026, 4, 30))
    put_off(town, later, date(2026, 3, 4), clock(2, 25))
    put_off(town, later, date(2026, 3, 6), clock(2, 25))
    assert held(town, later) == {"snoozed": datetime(2026, 3, 6, 9, tzinfo=CHINA)}


def test_a_rest_day_means_the_next_workday(town: Any, clock: Clock) -> None:
    ref = town.occurrence(due=date(2026, 3, 20))
    put_off(town, ref, date(2026, 3, 7), clock(3, 5))  # a Saturday
    assert json.loads(town.log()[0].payload)["until"] == "2026-03-09"


@pytest.mark.parametrize(
    ("until", "day", "code"),
    [
        (date(2026, 3, 5), 2, "too_late"),  # the due day itself
        (date(2026, 3, 9), 6, "too_late"),  # overdue already
        (date(2026, 3, 2), 2, "not_later"),
        (date(2026, 3, 1), 2, "not_later"),
    ],
)
def test_neither_the_due_day_nor_the_past_can_be_chosen(town: Any, clock: Clock, until: date, day: int, code: str) -> None:
    ref = town.occurrence()
    assert code_of(put_off, town, ref, until, clock(3, day)) == code
    assert held(town, ref) == {}
    assert town.log() == []


def test_a_due_day_of_rest_is_told_on_the_workday_before_and_that_cannot_be_put_off(town: Any, clock: Clock) -> None:
    ref = town.occurrence(due=date(2026, 3, 8))  # a Sunday: 今日到期 is said on Friday
    assert code_of(put_off, town, ref, date(2026, 3, 6), clock(3, 2)) == "too_late"
    put_off(town, ref, date(2026, 3, 5), clock(3, 2))


def test_three_times_are_enough(town: Any, clock: Clock) -> None:
    ref = town.occurrence(due=date(2026, 3, 20), parts=(("chenxia", "owner"), ("liqiang", "partner")))
    for day in (3, 4, 5):
        put_off(town, ref, date(2026, 3, day + 1), clock(3, day))
    assert code_of(put_off, town, ref, date(2026, 3, 9), clock(3, 6)) == "too_often"
    put_off(town, ref, date(2026, 3, 9), clock(3, 6), person="liqiang")


def test_the_same_day_chosen_twice_is_one_choice(town: Any, clock: Clock) -> None:
    ref = town.occurrence(due=date(2026, 3, 20))
    first = put_off(town, ref, date(2026, 3, 7), clock(3, 3))  # a Saturday: the Monday after is meant
    assert put_off(town, ref, date(2026, 3, 9), clock(3, 3)) == first
    assert len(town.log()) == 1
    put_off(town, ref, date(2026, 3, 10), clock(3, 3))
    put_off(town, ref, date(2026, 3, 9), clock(3, 3))
    assert len(town.log()) == 3


def test_who_oversees_or_has_no_part_puts_nothing_off(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    for person in ("wangmin", "sunli"):
        assert code_of(put_off, town, ref, date(2026, 3, 3), clock(3, 2), person=person) == "not_yours"


def test_while_an_extension_waits_nothing_comes_that_could_be_put_off(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    said = {"by": "chenxia", "by_name": "陈霞", "reason": "出差", "via": "link"}
    ask_extension(town.store, ref, to=date(2026, 3, 12), now=clock(3, 2), tz=CHINA, **said)
    assert code_of(put_off, town, ref, date(2026, 3, 3), clock(3, 2)) == "awaiting_extension"


def test_the_successor_has_put_nothing_off(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    put_off(town, ref, date(2026, 3, 4), clock(2, 25))
    hand_over(town.store, ref, to="liqiang", to_name="李强", by="wangmin", reason="陈霞调离", via="page", now=clock(2, 26))
    assert held(town, ref) == {}


def test_a_colleague_who_gets_his_work_back_leaves_the_others_choice_alone(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"), ("sunli", "owner")))
    put_off(town, ref, date(2026, 3, 4), clock(2, 25), person="sunli")
    give = {"by": "wangmin", "via": "page"}
    hand_over(town.store, ref, to="liqiang", to_name="李强", reason="出差", now=clock(2, 25), from_person="chenxia", **give)
    hand_over(town.store, ref, to="chenxia", to_name="陈霞", reason="回来", now=clock(2, 25), from_person="liqiang", **give)
    assert held(town, ref) == dict.fromkeys(("T-7", "T-3"), datetime(2026, 3, 4, 9, tzinfo=CHINA))


def test_the_days_offered_are_workdays_that_are_allowed_each_once(town: Any) -> None:
    def offered(today: date, due: date) -> list[tuple[date, str]]:
        return [(one.until, one.words) for one in choices(due, today=today, workdays=town.workdays)]

    monday, thursday = date(2026, 3, 2), date(2026, 3, 5)
    assert offered(monday, date(2026, 3, 20)) == [
        (date(2026, 3, 3), "明天"),
        (date(2026, 3, 5), "3个工作日后"),
        (date(2026, 3, 9), "下周一"),
    ]
    assert offered(monday, date(2026, 3, 6)) == [(date(2026, 3, 3), "明天"), (date(2026, 3, 5), "3个工作日后")]
    assert offered(thursday, date(2026, 3, 6)) == []
    assert offered(date(2026, 3, 8), date(2026, 3, 20)) == [(date(2026, 3, 9), "明天"), (date(2026, 3, 11), "3个工作日后")]


def test_work_taken_up_again_is_reminded_of_as_the_ladder_says(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    put_off(town, ref, date(2026, 3, 4), clock(2, 25))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "done_on": date(2026, 2, 25)}
    complete(town.store, ref, now=clock(2, 25), workdays=town.workdays, **said)
    reopen(town.store, ref, by="chenxia", reason="点错了", via="link", now=clock(2, 25))
    assert held(town, ref) == {}
    assert {one.reason for one in town.rows(reminders, state="planned")} == {""}
