from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from models.occurrence import occurrences
from models.office import duties, people, plans, units
from models.record import log_entries
from models.reminder import reminders
from planning.duty import Kind, Party
from planning.ladder import parse_ladder
from planning.rules import FixedDay, MonthlyDay, Quota, Standing, Weekly


def test_a_duty_of_each_quarter_gets_its_four_occurrences_with_titles_people_and_days(town: Any) -> None:
    outcome = town.plan(town.duty(rule=Quota(1, "quarter"), as_written="每季度", sign_off=True))
    assert outcome.added == 4
    assert [row.period for row in town.rows()] == ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]
    row = town.row("study-law:2026-Q1")
    assert (row.title, row.kind, row.unit, row.state) == ("专题学法", "study", "sifasuo", "open")
    assert (row.due_on, row.planned_on, row.original_due_on) == (date(2026, 3, 31),) * 3
    assert row.due_at == datetime(2026, 3, 31, 9, 30, tzinfo=UTC)  # 17:30 in Shanghai
    assert (row.due_epoch, row.row_version, row.as_written, row.sign_off_needed) == (0, 0, "每季度", True)
    assert set(town.parts("study-law:2026-Q1")) == {("owner", "wangmin"), ("overseer", "chenxia")}


def test_each_person_gets_the_steps_meant_for_their_role_at_the_hour_of_reminding(town: Any) -> None:
    town.plan(town.duty())
    assert list(town.reminders("study-law:2026", "wangmin")) == ["T-7", "T-3", "T-1", "T0", "T+1", "T+3"]
    assert list(town.reminders("study-law:2026", "chenxia")) == ["T+1", "T+3"]
    assert town.reminder("study-law:2026", "T-7").fire_at == datetime(2026, 3, 19, 0, 45, tzinfo=UTC)
    assert town.reminder("study-law:2026", "T+1", "chenxia").fire_at == datetime(2026, 3, 31, 0, 45, tzinfo=UTC)


def test_a_month_with_a_theme_of_its_own_carries_it_in_the_title(town: Any) -> None:
    themes = {"03": "消费者权益保护", "12": "宪法宣传"}
    town.plan(town.duty("theme", title="一月一主题法治宣传", rule=MonthlyDay(15), period_titles=themes))
    assert town.row("theme:2026-03").title == "一月一主题法治宣传：消费者权益保护"
    assert town.row("theme:2026-04").title == "一月一主题法治宣传"


def test_a_duty_for_each_village_names_the_village_and_its_own_people(town: Any) -> None:
    duty = town.duty("visit", title="{unit}法律顾问到村", rule=Quota(1, "month"), for_each="village", owner=Party(unit="each"))
    town.plan(duty)
    row = town.row("visit:2026-03.huilong")
    assert (row.title, row.unit) == ("回龙村法律顾问到村", "huilong")
    assert ("owner", "zhaolei") in town.parts("visit:2026-03.huilong")


def test_one_person_named_twice_in_a_role_is_assigned_once(town: Any) -> None:
    town.plan(town.duty(partners=(Party(unit="sifasuo"), Party(person="wangmin"))))
    assert [key for key in town.parts("study-law:2026") if key[0] == "partner"] == [("partner", "wangmin")]


def test_a_duty_planned_late_speaks_once_about_where_it_stands(march: Any) -> None:
    march.plan(march.duty())
    said = march.reminders("study-law:2026")
    assert said == {"T-7": "planned", "T-3": "planned", "T-1": "planned", "T0": "planned", "T+1": "planned", "T+3": "planned"}
    march.plan(march.duty("later", rule=FixedDay(3, 24)), march.duty())
    assert march.reminders("later:2026")["T-7"] == "folded"
    assert march.reminders("later:2026")["T-3"] == "planned"
    assert march.reminder("later:2026", "T-7").reason == "planned_late"


def test_an_assignment_is_told_at_once_when_the_ladder_asks_for_it(march: Any) -> None:
    march.plan(march.duty(ladder=parse_ladder("assigned T-7 T0")))
    first = march.reminder("study-law:2026", "assigned")
    assert (first.offset, first.fire_at, first.state) == (-9999, march.now, "planned")
    assert march.reminders("study-law:2026") == {"assigned": "planned", "T-7": "folded", "T0": "planned"}


def test_what_was_due_before_the_office_began_is_kept_silently(march: Any) -> None:
    outcome = march.plan(march.duty(rule=MonthlyDay(10)), silent_before=date(2026, 3, 1))
    assert outcome.added == 12
    assert [row.silent for row in march.rows()] == [True, True] + [False] * 10
    assert march.reminders("study-law:2026-02") == {}
    assert march.reminders("study-law:2026-03")["T+3"] == "planned"


def test_an_office_that_names_its_first_day_afterwards_hears_nothing_of_the_time_before(march: Any) -> None:
    duty = march.duty(rule=MonthlyDay(10))
    march.plan(duty)
    march.plan(duty, silent_before=date(2026, 3, 20))
    assert march.row("study-law:2026-01").silent
    assert set(march.reminders("study-law:2026-01").values()) <= {"folded", "cancelled"}
    assert not march.row("study-law:2026-04").silent
    assert march.reminders("study-law:2026-04")["T0"] == "planned"


def test_a_standing_duty_is_planned_as_a_review(town: Any) -> None:
    town.plan(town.duty("forever", rule=Standing(12, 15), standing=True))
    assert town.row("forever:2026").standing


def test_the_outcome_counts_what_stands_by_kind(town: Any) -> None:
    outcome = town.plan(town.duty(), town.duty("check", kind=Kind.INSPECTION, rule=Quota(1, "half_year")))
    assert outcome.by_kind == {"study": 1, "inspection": 2}
    assert (outcome.added, outcome.moved, outcome.withdrawn, outcome.unchanged) == (3, (), (), 0)
    assert (outcome.degraded, outcome.gone, outcome.problems, outcome.provisional) == (False, (), (), 0)


def test_the_office_s_files_are_mirrored(town: Any) -> None:
    town.plan(town.duty("b"), town.duty("a", evidence=("签到表",), source="calendar/10.yaml:3"))
    with town.store.read() as db:
        assert [(row.key, row.position) for row in db.execute(select(duties).order_by(duties.c.position))] == [("b", 0), ("a", 1)]
        mirrored = db.execute(select(duties).where(duties.c.key == "a")).one()
        assert (mirrored.evidence, mirrored.source, mirrored.active) == (["签到表"], "calendar/10.yaml:3", True)
        assert mirrored.ladder == "T-7 T-3 T-1 T0 T+1 T+3=owner,overseer,leader"
        assert db.execute(select(units.c.name).where(units.c.key == "huilong")).scalar_one() == "回龙村"
        assert db.execute(select(people.c.title).where(people.c.key == "chenxia")).scalar_one() == "司法所所长"


def test_a_plan_that_changed_something_leaves_one_row_and_one_log_entry(town: Any) -> None:
    town.plan(town.duty(), actor="zhangwei")
    town.plan(town.duty(), actor="zhangwei")
    with town.store.read() as db:
        made = db.execute(select(plans)).one()
        assert (made.revision, made.added, made.moved, made.withdrawn, made.degraded) == ("r1", 1, 0, 0, False)
        entry = db.execute(select(log_entries)).one()
    assert (entry.kind, entry.subject, entry.actor) == ("planned", "plan", "zhangwei")
    assert json.loads(entry.payload)["added"] == 1


def test_files_that_change_nothing_are_still_named_as_those_in_force(town: Any) -> None:
    town.plan(town.duty())
    town.plan(town.duty(note="换了措辞"), revision="r2")
    with town.store.read() as db:
        assert [row.revision for row in db.execute(select(plans).order_by(plans.c.id))] == ["r1", "r2"]
        assert len(db.execute(select(log_entries)).all()) == 1
        assert db.execute(select(duties.c.note)).scalar_one() == "换了措辞"


@pytest.mark.parametrize("full", [False, True])
def test_planning_again_changes_no_row(march: Any, full: bool) -> None:
    listed = (march.duty(rule=MonthlyDay(31)), march.duty("once", rule=FixedDay(3, 24), ladder=parse_ladder("assigned T-3 T0")))
    march.plan(*listed)
    before = march.contents()
    outcome = march.at("2026-03-20 14:00").plan(*listed, full=full)
    assert (outcome.added, outcome.moved, outcome.withdrawn, outcome.updated) == (0, (), (), 0)
    assert outcome.unchanged == 13
    assert march.contents() == before


def test_a_dry_run_tells_the_same_and_writes_nothing(town: Any) -> None:
    before = town.contents()
    rehearsed = town.plan(town.duty(), dry_run=True)
    assert town.contents() == before
    done = town.plan(town.duty())
    assert rehearsed.dry_run
    assert not done.dry_run
    assert (rehearsed.added, rehearsed.by_kind, rehearsed.unchanged) == (done.added, done.by_kind, done.unchanged)


def test_a_renamed_duty_renames_what_is_open_and_not_what_is_done(town: Any) -> None:
    town.plan(town.duty(rule=MonthlyDay(10)))
    town.at("2026-02-11 09:00").set_row("study-law:2026-03", state="done", closed_at=town.now, done_on=date(2026, 2, 10))
    outcome = town.plan(town.duty(rule=MonthlyDay(10), title="理论学习"))
    titles = {row.period: row.title for row in town.rows()}
    assert (titles["2026-01"], titles["2026-03"], titles["2026-04"]) == ("专题学法", "专题学法", "理论学习")
    assert town.row("study-law:2026-04").row_version == 1
    assert (outcome.updated, outcome.moved, outcome.unchanged) == (9, (), 3)


def test_next_year_is_added_and_last_year_s_rows_stay(town: Any) -> None:
    duty = town.duty(rule=Quota(1, "month"))
    town.plan(duty, years=(2025, 2026))
    outcome = town.plan(duty, years=(2026, 2027))
    assert (outcome.added, outcome.withdrawn) == (12, ())
    assert len(town.rows()) == 36


def test_a_week_of_last_year_that_ends_in_the_new_one_stays(town: Any) -> None:
    duty = town.duty("weekly", rule=Weekly(7))
    town.at("2020-12-30 09:00").plan(duty, years=(2020, 2021))
    assert town.row("weekly:2020-W53").nominal_on == date(2021, 1, 3)
    outcome = town.at("2021-01-01 09:00").plan(duty, years=(2021, 2022))
    assert outcome.withdrawn == ()
    assert town.row("weekly:2020-W53").state == "open"


def test_the_very_rows_are_there_for_a_bulk_of_them(town: Any) -> None:
    """More rows than one INSERT takes: ids and owners still match. The week of 春节 has no round: 52 of the 53 weeks."""
    town.plan(*(town.duty(f"d{n}", rule=Quota(1, "week")) for n in range(25)))
    with town.store.read() as db:
        rows = db.execute(select(occurrences.c.id)).all()
        said = db.execute(select(reminders.c.occurrence_id, reminders.c.assignment_id)).all()
    assert len(rows) == 25 * 52
    assert len(said) == 25 * 52 * 8
    assert set(town.parts("d24:2026-W53")) == {("owner", "wangmin"), ("overseer", "chenxia")}
