"""The calendar that Prefect shows, decided without Prefect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flows.calendar_runs import Held, Wanted, compare, wanted_runs
from flows.words import day_title
from planning.duty import Kind
from reports.agenda import AgendaDay

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MARCH_5 = AgendaDay(Kind.STUDY, date(2026, 3, 5), "中心组学习", "2026-Q1", due=2, reminding=0)


def the_wanted(*days: AgendaDay) -> tuple[Wanted, ...]:
    return wanted_runs(days, remind_at=time(8, 45), tz=SHANGHAI)


def as_held(wanted: Wanted, run_id: UUID | None = None) -> Held:
    return Held(run_id or uuid4(), wanted.key, wanted.name, wanted.at)


def test_a_day_reads_like_a_line_in_a_calendar() -> None:
    assert day_title(MARCH_5) == "3月5日 学习：中心组学习（第一季度）到期 等2项"


def test_a_day_with_reminders_alone_says_so() -> None:
    reminding = AgendaDay(Kind.ROUTINE, date(2026, 6, 24), "工作小结", "2026-H1", due=0, reminding=1)
    assert day_title(reminding) == "6月24日 常规：工作小结（上半年）提醒"
    assert day_title(replace(reminding, overdue=True)) == "6月24日 常规：工作小结（上半年）催办"


def test_a_run_stands_at_the_moment_of_the_days_reminders() -> None:
    (one,) = the_wanted(MARCH_5)
    assert one.at == datetime(2026, 3, 5, 0, 45, tzinfo=UTC)
    assert (one.key, one.day, one.tags) == ("study:2026-03-05", "2026-03-05", ("学习", "到期"))


def test_an_equal_calendar_is_left_alone() -> None:
    wanted = the_wanted(MARCH_5)
    found = compare(wanted, [as_held(one) for one in wanted], now=NOW)
    assert (found.create, found.rename, found.delete, found.kept) == ((), (), (), 1)


def test_a_day_that_the_plan_gave_up_goes_and_a_new_one_comes() -> None:
    (old,) = the_wanted(MARCH_5)
    (new,) = the_wanted(replace(MARCH_5, on=date(2026, 3, 6)))
    held = as_held(old)
    found = compare([new], [held], now=NOW)
    assert (found.create, found.delete) == ((new,), (held.id,))


def test_a_day_with_another_headline_is_only_renamed() -> None:
    held = as_held(the_wanted(MARCH_5)[0])
    wanted = the_wanted(replace(MARCH_5, due=3))
    found = compare(wanted, [held], now=NOW)
    assert (found.create, found.delete) == ((), ())
    assert found.rename == ((held.id, "3月5日 学习：中心组学习（第一季度）到期 等3项"),)


def test_another_hour_of_reminding_makes_the_run_anew() -> None:
    (wanted,) = the_wanted(MARCH_5)
    held = replace(as_held(wanted), at=wanted.at - timedelta(minutes=15))
    found = compare([wanted], [held], now=NOW)
    assert (found.create, found.delete) == ((wanted,), (held.id,))


def test_a_moment_that_has_passed_today_is_not_planned_again_but_what_waits_there_still_runs() -> None:
    later = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    wanted = the_wanted(MARCH_5)
    assert compare(wanted, [], now=later).create == ()
    assert compare(wanted, [as_held(wanted[0])], now=later).delete == ()


def test_a_run_from_before_a_long_stop_is_given_up() -> None:
    """The catch-up tick has spoken for it."""
    held = as_held(the_wanted(replace(MARCH_5, on=date(2026, 2, 27)))[0])
    assert compare(the_wanted(MARCH_5), [held], now=NOW).delete == (held.id,)


def test_two_runs_of_one_day_become_one() -> None:
    (wanted,) = the_wanted(MARCH_5)
    first, second = as_held(wanted), as_held(wanted)
    found = compare([wanted], [first, second], now=NOW)
    assert (found.kept, found.delete) == (1, (second.id,))


def test_the_daily_runs_of_the_schedule_get_a_name_and_are_left_alone() -> None:
    first = Held(uuid4(), "", "smart-marmoset", datetime(2026, 3, 3, 22, 30, tzinfo=UTC))
    named = Held(uuid4(), "", "3月5日 06:30 学习全年编排", datetime(2026, 3, 4, 22, 30, tzinfo=UTC))
    found = compare([], [first, named], now=NOW, daily="学习全年编排", tz=SHANGHAI)
    assert found.rename == ((first.id, "3月4日 06:30 学习全年编排"),)
    assert (found.create, found.delete) == ((), ())
