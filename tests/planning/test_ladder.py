from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.duty import Role, Step
from planning.ladder import arrange, moments, parse_ladder, read_step, steps_text
from planning.workdays import Workdays

SHANGHAI = ZoneInfo("Asia/Shanghai")
STANDARD = "T-7 T-3 T-1 T0 T+1=owner,overseer T+3=owner,overseer,leader T+7=owner,overseer,leader"


def local_days(ladder: str, due: date, workdays: Workdays) -> list[date]:
    found = moments(parse_ladder(ladder), due, workdays=workdays, remind_at=time(8, 45), tz=SHANGHAI, assigned_at=None)
    return [moment.astimezone(SHANGHAI).date() for _, moment in found]


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (date(2026, 2, 24), [date(2026, 2, 6), date(2026, 2, 12), date(2026, 2, 14)]),
        (date(2026, 10, 8), [date(2026, 9, 21), date(2026, 9, 28), date(2026, 9, 30)]),
        (date(2026, 5, 6), [date(2026, 4, 22), date(2026, 4, 28), date(2026, 4, 30)]),
        (date(2026, 4, 1), [date(2026, 3, 23), date(2026, 3, 27), date(2026, 3, 31)]),
    ],
)
def test_reminders_count_the_workdays_of_the_2026_notice(workdays: Workdays, due: date, expected: list[date]) -> None:
    assert local_days("T-7 T-3 T-1", due, workdays) == expected


def test_the_steps_after_the_due_day_wait_for_workdays(workdays: Workdays) -> None:
    assert local_days("T0 T+1 T+3", date(2026, 9, 30), workdays) == [date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 10)]


def test_a_due_day_at_rest_is_reminded_on_the_workday_before(workdays: Workdays) -> None:
    assert local_days("T-1 T0 T+1", date(2026, 3, 1), workdays) == [date(2026, 2, 28), date(2026, 2, 28), date(2026, 3, 2)]


def test_moments_are_aware_instants_in_utc(workdays: Workdays) -> None:
    found = moments(
        parse_ladder("assigned T0"),
        date(2026, 3, 31),
        workdays=workdays,
        remind_at=time(8, 45),
        tz=SHANGHAI,
        assigned_at=datetime(2026, 3, 2, 10, 0, tzinfo=timezone(timedelta(hours=8))),
    )

    assert [(step.name, moment) for step, moment in found] == [
        ("assigned", datetime(2026, 3, 2, 2, 0, tzinfo=UTC)),
        ("T0", datetime(2026, 3, 31, 0, 45, tzinfo=UTC)),
    ]
    assert all(moment.tzinfo is UTC for _, moment in found)


def test_the_step_of_assignment_waits_for_an_assignment(workdays: Workdays) -> None:
    steps = parse_ladder("assigned")

    assert moments(steps, date(2026, 3, 31), workdays=workdays, remind_at=time(8, 45), tz=SHANGHAI, assigned_at=None) == []


def test_the_standard_ladder_reads_as_written() -> None:
    steps = parse_ladder(STANDARD)

    assert [step.offset for step in steps] == [-7, -3, -1, 0, 1, 3, 7]
    assert steps[0].audience == (Role.OWNER,)
    assert steps[4] == Step(name="T+1", offset=1, audience=(Role.OWNER, Role.OVERSEER))
    assert steps[5].audience == (Role.OWNER, Role.OVERSEER, Role.LEADER)


def test_steps_are_put_in_order_with_the_assignment_first() -> None:
    assert [step.name for step in parse_ladder("T+1 T0 assigned T-10 T-3")] == ["assigned", "T-10", "T-3", "T0", "T+1"]


def test_full_width_signs_and_blanks_within_a_step_are_understood() -> None:
    assert parse_ladder("Ｔ－７　t0 T＋1 ＝ owner， leader") == parse_ladder("T-7 T0 T+1=owner,leader")
    assert parse_ladder("T+0 T-07") == parse_ladder("T-7 T0")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "空的"),
        (" " * 50_000, "太长"),
        ("T-7 前三天", "“前三天”看不懂"),
        ("T-7 T-1000", "“T-1000”看不懂"),
        ("T7", "“T7”看不懂"),
        ("T-7 T-7=leader", "“T-7”写了两次"),
        ("T0 T-0", "“T0”写了两次"),
        ("T-3=boss", "“boss”看不懂"),
        ("T-3=", "看不懂"),
        ("T-3=owner,owner", "“owner”写了两次"),
        ("T-3=owner=leader", "看不懂"),
    ],
)
def test_a_bad_word_in_a_ladder_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_ladder(text)


def test_a_step_of_the_list_form_may_say_something_of_its_own() -> None:
    step = read_step("T-7", ["owner"], say="通知讲授人")

    assert step == Step(name="T-7", offset=-7, audience=(Role.OWNER,), say="通知讲授人")
    with pytest.raises(ValueError, match="没有写提醒谁"):
        read_step("T-7", [])
    with pytest.raises(ValueError, match="写了两次"):
        arrange([step, read_step("T-7")])


def test_a_ladder_as_text_leaves_the_usual_audience_out() -> None:
    assert steps_text(parse_ladder("T-7=owner T+1=owner,overseer T+3=leader")) == "T-7 T+1 T+3=leader"


AUDIENCES = st.lists(st.sampled_from([role.value for role in Role]), min_size=1, unique=True)
STEPS = st.builds(read_step, st.one_of(st.just("assigned"), st.integers(-400, 400).map(lambda n: f"T{n:+}")), AUDIENCES)


@given(st.lists(STEPS, min_size=1, max_size=20, unique_by=lambda step: step.name))
def test_any_ladder_survives_the_way_through_its_text(steps: list[Step]) -> None:
    ladder = arrange(steps)

    assert parse_ladder(steps_text(ladder)) == ladder
