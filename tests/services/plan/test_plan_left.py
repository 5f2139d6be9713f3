"""Who has left and still owns work that no plan gives to anybody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from planning.duty import Party
from planning.roster import Post, Roster
from planning.rules import FixedDay
from services.complete import complete
from services.extend import extend
from services.hand_over import hand_over

SHANGHAI = ZoneInfo("Asia/Shanghai")
REF = "study-law:2026"


@pytest.fixture
def extended(march: Any) -> Any:
    """The study was put off to 10 April by hand; then its secretary left, and Zhao Lei is the secretary now."""
    march.plan(march.duty(), march.duty("past", title="学习小结", rule=FixedDay(3, 10)))
    place = {"workdays": march.basis.workdays, "remind_at": time(8, 45), "tz": SHANGHAI}
    extend(march.store, REF, to=date(2026, 4, 10), by="wangmin", reason="出差", via="link", now=march.now, **place)
    march.swap("wangmin", left_on=date(2026, 3, 23))
    march.swap("zhaolei", posts=(Post("sifasuo", "干部", ("学习秘书",)),))
    return march


def replan(town: Any) -> Any:
    return town.plan(*town.basis.duties)


def test_a_problem_names_the_work_of_who_has_left_and_guesses_nobody(extended: Any) -> None:
    replan(extended)
    assert "left:wangmin" not in extended.problems()  # until the day itself
    extended.at("2026-03-23 09:00")
    outcome = replan(extended)
    sentence = "王敏已离任，2件在办事项请移交：past:2026、study-law:2026（suishi hand-over 编号 --from 王敏 --to 接手人）。"
    assert extended.problems()["left:wangmin"] == sentence
    assert sentence in outcome.problems
    assert extended.parts(REF)["owner", "wangmin"].active
    assert extended.row(REF).due_on == date(2026, 4, 10)
    assert extended.reminders(REF, "chenxia")["T+1"] == "planned"


def test_the_problem_ends_with_the_last_hand_over(extended: Any) -> None:
    extended.at("2026-03-23 09:00")
    replan(extended)
    give = {"to": "zhaolei", "to_name": "赵磊", "by": "chenxia", "reason": "离任", "via": "page"}
    hand_over(extended.store, REF, now=extended.now, **give)
    assert "left:wangmin" in extended.problems()
    hand_over(extended.store, "past:2026", now=extended.now, **give)
    assert "left:wangmin" not in extended.problems()
    replan(extended)
    assert "left:wangmin" not in extended.problems()


def test_what_is_done_meanwhile_is_no_more_counted(extended: Any) -> None:
    extended.at("2026-03-23 09:00")
    said = {"by": "wangmin", "by_name": "王敏", "recorded_by": "chenxia", "via": "cli", "done_on": date(2026, 3, 20)}
    complete(extended.store, REF, now=extended.now, workdays=extended.basis.workdays, **said)
    replan(extended)
    assert "1件在办事项请移交：past:2026（" in extended.problems()["left:wangmin"]


def test_a_slip_of_the_pen_in_the_people_file_is_no_leaving(extended: Any) -> None:
    roster = extended.basis.roster
    rest = Roster(roster.units, {key: person for key, person in roster.people.items() if key != "wangmin"})
    extended.basis = replace(extended.basis, roster=rest)
    extended.plan(*extended.basis.duties, problems=("people.yaml 第7行看不懂。",))
    assert "left:wangmin" not in extended.problems()
    extended.plan(*extended.basis.duties, problems=())
    assert "left:wangmin" in extended.problems()


def test_what_the_plan_itself_gives_to_the_successor_is_no_problem(march: Any) -> None:
    march.plan(march.duty(owner=Party(role="学习秘书")))
    march.swap("wangmin", left_on=date(2026, 3, 20))
    march.swap("zhaolei", posts=(Post("sifasuo", "干部", ("学习秘书",)),))
    replan(march)
    assert march.problems() == {}
    assert march.parts(REF)["owner", "zhaolei"].active
