from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from threading import Barrier
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from models.occurrence import assignments, occurrences
from models.reminder import reminders
from planning.duty import Duty, Party, Shift
from planning.ladder import parse_ladder
from planning.roster import Post
from planning.rules import DateRule, FixedDay, MonthlyDay, Quota, Weekly
from services.plan import plan

_examples = itertools.count(1)

RULES: tuple[DateRule, ...] = (
    FixedDay(3, 30),
    FixedDay(4, 9),
    MonthlyDay(10),
    MonthlyDay(31),
    MonthlyDay(12, (3, 4, 5)),
    Quota(1, "quarter"),
    Quota(2, "quarter"),
    Weekly(5),
)
LADDERS = ("T-7 T-3 T0 T+1", "assigned T-5 T0 T+1=owner,overseer", "T0", "T-10=owner,partner T-3 T-1 T0 T+3=leader")
OWNERS = (Party(role="学习秘书"), Party(person="zhaolei"), Party(unit="sifasuo"), Party(role="没有这个岗位"))


@st.composite
def _edits(draw: st.DrawFn) -> dict[str, Any]:
    """One version of a duty, and what happened in the office before it was planned."""
    return {
        "rule": draw(st.sampled_from(RULES)),
        "ladder": parse_ladder(draw(st.sampled_from(LADDERS))),
        "owner": draw(st.sampled_from(OWNERS)),
        "shift": draw(st.sampled_from(Shift)),
        "title": draw(st.sampled_from(("学法", "专题学法"))),
        "partners": draw(st.sampled_from(((), (Party(person="liguoqiang"),)))),
        "days_later": draw(st.integers(0, 20)),
        "secretary": draw(st.sampled_from(("wangmin", "liguoqiang"))),
        "silent_before": draw(st.sampled_from((None, date(2026, 3, 15), date(2026, 5, 1)))),
        "tell": draw(st.booleans()),
    }


@given(st.lists(_edits(), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_after_any_edits_planning_again_finds_nothing_to_do(town: Any, edits: list[dict[str, Any]]) -> None:
    key = f"duty-{next(_examples)}"
    town.at("2026-03-02 10:00")
    for edit in edits:
        town.now += timedelta(days=edit["days_later"])
        _give_secretary(town, edit["secretary"])
        fields = {name: edit[name] for name in ("rule", "ladder", "owner", "shift", "title", "partners")}
        duty = town.duty(key, **fields)
        town.plan(duty, silent_before=edit["silent_before"], yes_many=True)
        _nobody_is_left_without_a_word(town, duty)
        before = town.contents()
        again = town.plan(duty, yes_many=True, full=True)
        assert (again.added, again.moved, again.withdrawn, again.updated, again.notices) == (0, (), (), 0, 0)
        after = town.contents()
        assert {**after, "problem": []} == {**before, "problem": []}  # a problem counts how often it was seen
        if edit["tell"]:
            _tell_everybody_what_is_due(town)


def _give_secretary(town: Any, holder: str) -> None:
    for key in ("wangmin", "liguoqiang"):
        roles = ("学习秘书",) if key == holder else ()
        town.swap(key, posts=(Post("sifasuo", "干部", roles),))


def _tell_everybody_what_is_due(town: Any) -> None:
    """Every reminder due by now is sent, the newest of each assignment speaking for all."""
    with town.store.write() as db:
        due = select(reminders.c.id, reminders.c.assignment_id, occurrences.c.due_on).join(
            occurrences, occurrences.c.id == reminders.c.occurrence_id
        )
        for row in db.execute(due.where(reminders.c.state == "planned", reminders.c.fire_at <= town.now)).all():
            db.execute(update(reminders).where(reminders.c.id == row.id).values(state="sent"))
            db.execute(update(assignments).where(assignments.c.id == row.assignment_id).values(told_due_on=row.due_on))


def _nobody_is_left_without_a_word(town: Any, duty: Duty) -> None:
    """Of what lies ahead, everybody who knows a day knows the right one or has exactly one notice waiting."""
    ahead = (
        select(assignments.c.id, assignments.c.told_due_on, occurrences.c.due_on, occurrences.c.due_epoch)
        .join(occurrences, occurrences.c.id == assignments.c.occurrence_id)
        .where(occurrences.c.duty_key == duty.key, occurrences.c.state == "open", assignments.c.active)
        .where(occurrences.c.due_on >= town.now.astimezone(town.basis.tz).date(), ~occurrences.c.silent)
        .where(assignments.c.told_due_on.is_not(None))
    )
    with town.store.read() as db:
        for part in db.execute(ahead):
            waiting = select(func.count()).where(
                reminders.c.assignment_id == part.id, reminders.c.step == "moved", reminders.c.state == "planned"
            )
            expected = 0 if part.told_due_on == part.due_on else 1
            assert db.execute(waiting).scalar_one() == expected


def test_two_plans_at_the_same_moment_plan_everything_once(town: Any) -> None:
    listed = tuple(town.duty(f"duty-{n}", rule=MonthlyDay(10)) for n in range(5))
    basis = replace(town.basis, duties=listed)
    start = Barrier(2)

    def planner() -> int:
        start.wait()
        return plan(town.store, basis, now=town.now).added

    with ThreadPoolExecutor(2) as pool:
        added = [one.result() for one in [pool.submit(planner) for _ in range(2)]]
    assert sorted(added) == [0, 60]
    assert town.counts()["occurrence"] == 60
    assert town.counts()["assignment"] == 120


def test_two_plans_of_different_files_at_the_same_moment_leave_one_of_them_whole(town: Any) -> None:
    early = replace(town.basis, duties=(town.duty(rule=MonthlyDay(10)),))
    late = replace(town.basis, duties=(town.duty(rule=MonthlyDay(20)),))
    plan(town.store, early, now=town.now)
    start = Barrier(2)

    def planner(basis: Any) -> None:
        start.wait()
        plan(town.store, basis, now=town.now, yes_many=True, full=True)

    with ThreadPoolExecutor(2) as pool:
        for one in [pool.submit(planner, basis) for basis in (early, late)]:
            one.result()
    days = {row.due_on.day for row in town.rows()}
    assert days in ({10}, {20})
    assert town.counts()["occurrence"] == 12
