"""What waited for the morning joins the day's own reminders: one message at a quarter to nine, not two."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from models.message import messages
from models.reminder import reminders
from planning.windows import parse_windows
from services.downtime import note_tick
from services.holding import CATCH_UP
from services.rehearse import rehearse
from services.waiting import GATHERED
from tests.services.delivery.town import Town, at, minutes

OPENING, DAILY = at("2026-03-03", "08:30"), at("2026-03-03", "08:45")


@pytest.fixture
def morning(town: Town) -> Town:
    """Wang Min has something overdue from last evening, and something that comes at 08:45."""
    town.item("昨晚逾期", due="2026-03-02", step="T+1", fire_at=at("2026-03-02", "20:00"))
    town.item("今天提醒", fire_at=DAILY)
    return town


def test_the_backlog_of_a_night_goes_with_the_day_s_reminders(morning: Town) -> None:
    outcome = morning.tick(OPENING)
    assert (outcome.sent, outcome.held) == (0, 1)
    waiting = morning.rows(reminders)[0]
    assert (waiting.state, waiting.held_until, waiting.reason) == ("planned", DAILY, GATHERED)
    assert morning.tick(OPENING + minutes(10)).sent == 0
    assert morning.tick(DAILY).sent == 1
    (message,) = morning.rows(messages)
    assert [title in message.text for title in ("昨晚逾期", "今天提醒")] == [True, True]
    assert morning.reminder_states == ["sent", "sent"]


def test_the_rehearsal_gathers_as_well(morning: Town) -> None:
    told = rehearse(morning.store, morning.policy, now=at("2026-03-03", "08:00"), until=at("2026-03-03", "12:00"))
    assert [(one.at, one.person, len(one.occurrences)) for one in told] == [(DAILY, "wangmin", 2)]


def test_who_is_reminded_of_nothing_at_a_quarter_to_nine_is_told_at_once(town: Town) -> None:
    town.item("昨晚逾期", due="2026-03-02", step="T+1", fire_at=at("2026-03-02", "20:00"))
    town.item("别人的", person="liqiang", fire_at=DAILY)
    assert town.tick(OPENING).sent == 1


@pytest.mark.parametrize(
    ("windows", "remind_at"),
    [(["08:30-08:40", "09:00-12:00"], time(8, 45)), (["08:30-12:00"], time(9, 30)), (["08:30-12:00"], time(8, 15))],
)
def test_nothing_waits_for_another_window_or_for_an_hour(morning: Town, windows: list[str], remind_at: time) -> None:
    policy = replace(morning.policy, windows=parse_windows(windows), remind_at=remind_at)
    assert morning.tick(OPENING, policy=policy).sent == 1


def test_what_is_due_within_the_quarter_of_an_hour_does_not_wait(morning: Town) -> None:
    morning.item("马上到点", due_at=at("2026-03-03", "08:40"), due="2026-03-03", step="T0", fire_at=at("2026-03-02", "20:00"))
    assert morning.tick(OPENING).sent == 1


def test_what_is_too_old_does_not_become_fresh_by_waiting(morning: Town) -> None:
    morning.item("一个月以前", due="2026-02-02", step="T0", fire_at=at("2026-02-02", "08:45"))
    morning.tick(OPENING)
    morning.tick(DAILY)
    assert morning.reminder_states == ["sent", "sent", "expired"]


def test_a_crowd_after_a_stop_is_still_held(town: Town) -> None:
    """Waiting for 08:45 makes nothing fresh: at 08:45 three late messages are as many as they were at 08:30."""
    for number in range(3):
        town.item(f"昨天{number}", person=f"p{number}", fire_at=at("2026-03-02", "09:30"))
        town.item(f"今天{number}", person=f"p{number}", fire_at=DAILY, due="2026-03-09")
    people = {f"p{n}": town.policy.destinations["wangmin"] for n in range(3)}
    policy = replace(town.policy, destinations=people, rules=replace(town.policy.rules, catch_up_limit=2))
    assert town.tick(OPENING, policy=policy).sent == 0
    town.tick(DAILY, policy=policy)
    assert CATCH_UP in town.open_problems


def test_a_message_that_waited_tells_of_the_stop_behind_it(town: Town) -> None:
    note_tick(town.store, now=at("2026-03-02", "09:00"))
    town.item("停机时", fire_at=at("2026-03-02", "09:30"))
    town.item("今天提醒", fire_at=DAILY)
    town.tick(OPENING)
    town.tick(DAILY)
    (message,) = town.rows(messages)
    assert "停止服务" in message.text
