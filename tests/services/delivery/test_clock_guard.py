from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from models.upkeep import facts
from planning.machine_time import Beat
from services.clock_guard import CLOCK_HOLD, accept_clock
from tests.services.delivery.town import Town, at, minutes

TUESDAY = at("2026-03-03")
START = 1000.0


def beat(since: float, *, boot: str = "b1", synchronised: bool | None = None) -> Beat:
    """The machine's counter, so many seconds after the first good tick."""
    return Beat(boot, START + since, synchronised)


@pytest.fixture
def year_ahead(town: Town) -> Town:
    """A town with reminders from tomorrow to far ahead, and one good tick behind it."""
    for number, day in enumerate(("2026-03-04", "2026-06-02", "2027-03-02", "2028-02-29"), start=1):
        town.item(f"第{number}件", due=day, fire_at=at(day))
    town.tick(TUESDAY, beat=beat(0))
    return town


def held(town: Town) -> bool:
    with town.store.read() as db:
        return db.execute(select(facts.c.name).where(facts.c.name == CLOCK_HOLD)).first() is not None


@pytest.mark.parametrize("off", [timedelta(hours=1), timedelta(days=3), timedelta(days=731)])
def test_i14_a_clock_that_jumps_ahead_sends_nothing_and_spoils_nothing(year_ahead: Town, off: timedelta) -> None:
    wrong = TUESDAY + off + minutes(10)
    for tick in range(3):
        outcome = year_ahead.tick(wrong + minutes(10 * tick), beat=beat(600 + 600 * tick))
        assert outcome.sent == outcome.expired == 0
        assert "suishi clock accept" in outcome.clock_doubt
    assert set(year_ahead.reminder_states) == {"planned"}
    assert "时钟突然快了" in year_ahead.open_problems[CLOCK_HOLD]


def test_i14_a_clock_that_jumps_far_back_sends_nothing_until_it_is_right_again(year_ahead: Town) -> None:
    wrong = TUESDAY - timedelta(days=700)
    assert "慢了700天" in year_ahead.tick(wrong, beat=beat(600)).clock_doubt
    assert held(year_ahead)
    again = year_ahead.tick(TUESDAY + minutes(20), beat=beat(1200))
    assert again.clock_doubt == ""
    assert not held(year_ahead)
    assert CLOCK_HOLD not in year_ahead.open_problems


def test_a_small_step_back_makes_time_stand_still_and_repeats_nothing(year_ahead: Town) -> None:
    wednesday = at("2026-03-04")
    assert year_ahead.tick(wednesday, beat=beat(86400)).sent == 1
    assert year_ahead.tick(wednesday - minutes(5), beat=beat(86460)).sent == 0
    assert len(year_ahead.wire.taken) == 1


def test_the_admin_accepts_the_clock_and_sending_goes_on(year_ahead: Town) -> None:
    wrong = at("2026-03-04", "09:00")
    assert year_ahead.tick(wrong, beat=beat(60)).sent == 0
    assert accept_clock(year_ahead.store, beat(120), now=wrong + minutes(1))
    assert year_ahead.tick(wrong + minutes(10), beat=beat(660)).sent == 1


def test_a_time_server_that_vouches_twice_is_believed(year_ahead: Town) -> None:
    right = at("2026-03-04", "09:00")
    assert year_ahead.tick(right, beat=beat(60, synchronised=True)).clock_doubt
    assert year_ahead.tick(right + minutes(0.5), beat=beat(90, synchronised=True)).clock_doubt  # too soon to count
    assert year_ahead.tick(right + minutes(2), beat=beat(180, synchronised=True)).sent == 1


def test_a_word_of_the_time_server_counts_no_more_once_it_is_taken_back(year_ahead: Town) -> None:
    right = at("2026-03-04", "09:00")
    year_ahead.tick(right, beat=beat(60, synchronised=True))
    assert year_ahead.tick(right + minutes(10), beat=beat(660, synchronised=False)).clock_doubt
    assert year_ahead.tick(right + minutes(11), beat=beat(720, synchronised=True)).clock_doubt


def test_a_machine_that_slept_is_no_jump(year_ahead: Town) -> None:
    assert year_ahead.tick(at("2026-03-04"), beat=beat(86400)).sent == 1


@pytest.mark.parametrize(
    ("now", "words"),
    [(TUESDAY - timedelta(hours=2), "还早"), (TUESDAY + timedelta(days=46), "晚了46天")],
)
def test_after_a_restart_an_impossible_time_is_not_believed(year_ahead: Town, now: datetime, words: str) -> None:
    outcome = year_ahead.tick(now, beat=beat(5, boot="b2"))
    assert words in outcome.clock_doubt
    assert outcome.sent == 0


def test_ten_days_off_are_a_holiday_and_not_a_wrong_clock(year_ahead: Town) -> None:
    assert year_ahead.tick(at("2026-03-13"), beat=beat(5, boot="b2")).sent == 1


def test_who_names_the_time_himself_is_believed(year_ahead: Town) -> None:
    assert year_ahead.tick(at("2026-06-02")).sent == 1
