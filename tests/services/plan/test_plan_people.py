from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from models.occurrence import assignments
from models.office import people
from models.reminder import reminders
from planning.duty import Party
from planning.ladder import parse_ladder
from planning.roster import Post, Roster, StandIn
from planning.rules import FixedDay, MonthlyDay
from services.hand_over import hand_over

REF = "study-law:2026"


@pytest.fixture
def swapped(march: Any) -> Any:
    """Wang Min was told; then Zhao Lei became the secretary."""
    march.plan(march.duty())
    march.say(REF, "T-7")
    _give_post(march, "wangmin", ())
    _give_post(march, "zhaolei", ("学习秘书",))
    march.plan(march.duty())
    return march


def _give_post(town: Any, key: str, roles: tuple[str, ...]) -> None:
    town.swap(key, posts=(Post("sifasuo", "干部", roles),))


def test_a_successor_begins_at_the_current_step_and_the_one_before_hears_nothing_more(swapped: Any) -> None:
    parts = swapped.parts(REF)
    assert not parts["owner", "wangmin"].active
    assert parts["owner", "zhaolei"].active
    assert set(swapped.reminders(REF, "wangmin").values()) == {"sent", "cancelled"}
    assert swapped.reminder(REF, "T-3", "wangmin").reason == "released"
    said = swapped.reminders(REF, "zhaolei")
    assert (said["T-7"], said["T-3"], len(said)) == ("planned", "planned", 6)
    assert swapped.row(REF).due_epoch == 0


def test_a_swap_is_an_update_and_no_move(march: Any) -> None:
    march.plan(march.duty())
    _give_post(march, "zhaolei", ("学习秘书",))
    outcome = march.plan(march.duty())
    assert (outcome.updated, outcome.moved, outcome.notices, outcome.added) == (1, (), 0, 0)
    assert set(march.parts(REF)) == {("owner", "wangmin"), ("owner", "zhaolei"), ("overseer", "chenxia")}


def test_somebody_who_comes_back_is_reminded_again_and_nobody_is_asked_twice(swapped: Any) -> None:
    swapped.say(REF, "T-7", "zhaolei")
    _give_post(swapped, "wangmin", ("学习秘书",))
    swapped.plan(swapped.duty())
    assert swapped.parts(REF)["owner", "wangmin"].active
    back = swapped.reminders(REF, "wangmin")
    assert (back["T-7"], back["T-3"], back["T0"]) == ("planned", "planned", "planned")
    other = swapped.reminders(REF, "zhaolei")
    assert (other["T-7"], other["T-3"], other["T0"]) == ("folded", "planned", "planned")


def test_a_role_handed_over_by_a_human_is_left_in_the_hands_it_was_given(march: Any) -> None:
    march.plan(march.duty())
    _hand_over(march, "wangmin", "zhaolei")
    before = march.parts(REF)
    outcome = march.plan(march.duty(title="新名称"))
    assert outcome.updated == 1
    assert march.parts(REF) == before
    _give_post(march, "liguoqiang", ("学习秘书",))
    march.plan(march.duty(title="新名称"))
    assert march.parts(REF) == before


def test_partners_are_still_added_beside_one_who_was_handed_a_part(march: Any) -> None:
    march.plan(march.duty(partners=(Party(person="wangmin"),)))
    _hand_over(march, "wangmin", "zhaolei", role="partner")
    march.plan(march.duty(partners=(Party(person="wangmin"), Party(person="liguoqiang"))))
    active = {person for (role, person), part in march.parts(REF).items() if role == "partner" and part.active}
    assert active == {"zhaolei", "liguoqiang"}


def _hand_over(town: Any, giver: str, taker: str, role: str = "owner") -> None:
    part = town.parts(REF)[role, giver]
    row = {"occurrence_id": part.occurrence_id, "person": taker, "name": taker, "role": role, "since": town.now}
    with town.store.write() as db:
        db.execute(update(assignments).where(assignments.c.id == part.id).values(active=False))
        db.execute(insert(assignments), {**row, "active": True, "handed": True})


def test_a_fortnight_s_leave_gives_nobody_else_the_year(march: Any) -> None:
    march.swap("wangmin", stand_ins=(StandIn("zhaolei", date(2026, 3, 16), date(2026, 3, 31)),))
    march.plan(march.duty())
    assert ("owner", "wangmin") in march.parts(REF)
    assert ("owner", "zhaolei") not in march.parts(REF)


def test_who_has_left_is_followed_by_who_holds_the_post(march: Any) -> None:
    march.plan(march.duty())
    _give_post(march, "zhaolei", ("学习秘书",))
    march.swap("wangmin", left_on=date(2026, 3, 20))
    march.plan(march.duty())
    assert not march.parts(REF)["owner", "wangmin"].active
    assert march.parts(REF)["owner", "zhaolei"].active


def test_a_duty_without_an_owner_is_planned_and_the_admin_is_told(march: Any) -> None:
    duty = march.duty(owner=Party(role="学习组长"), leader=Party(role="书记"))
    outcome = march.plan(duty)
    assert outcome.added == 1
    assert march.row(REF).unit is None
    [sentence] = outcome.problems
    assert "学习组长" in sentence
    assert "书记" in sentence
    assert march.problems() == {"nobody:study-law": sentence}
    assert not outcome.degraded


def test_the_admin_s_problem_closes_when_somebody_is_found(march: Any) -> None:
    march.plan(march.duty(owner=Party(role="学习组长")))
    _give_post(march, "zhaolei", ("学习组长",))
    outcome = march.plan(march.duty(owner=Party(role="学习组长")))
    assert march.problems() == {}
    assert outcome.problems == ()
    assert ("owner", "zhaolei") in march.parts(REF)


def test_an_overseer_nobody_holds_is_told_as_well(march: Any) -> None:
    march.plan(march.duty(overseer=Party(role="分管副书记")))
    assert "分管领导（岗位“分管副书记”）" in march.problems()["nobody:study-law"]


def test_a_village_without_an_owner_is_named(march: Any) -> None:
    march.plan(march.duty("visit", for_each="village", owner=Party(role="网格员", unit="each")))
    assert "回龙村" in march.problems()["nobody:visit"]


def test_a_new_ladder_adds_and_ends_steps_and_repeats_nothing(march: Any) -> None:
    march.plan(march.duty())
    march.say(REF, "T-7")
    outcome = march.plan(march.duty(ladder=parse_ladder("T-10 T-5 T-1 T0 T+1=owner,overseer")))
    said = march.reminders(REF)
    assert said == {
        "T-10": "folded",
        "T-7": "sent",
        "T-5": "planned",
        "T-3": "cancelled",
        "T-1": "planned",
        "T0": "planned",
        "T+1": "planned",
        "T+3": "cancelled",
    }
    assert march.reminder(REF, "T-3").reason == "plan_rev"
    assert (outcome.updated, march.row(REF).due_epoch) == (1, 0)


def test_a_step_taken_out_and_put_back_speaks_again_without_repeating_the_others(march: Any) -> None:
    march.plan(march.duty())
    march.say(REF, "T-7")
    march.plan(march.duty(ladder=parse_ladder("T-7 T0")))
    outcome = march.plan(march.duty())
    said = march.reminders(REF)
    assert (said["T-7"], said["T-3"], said["T-1"], said["T0"]) == ("folded", "planned", "planned", "planned")
    assert (outcome.moved, outcome.notices) == ((), 0)


def test_the_words_of_a_waiting_step_follow_the_file(march: Any) -> None:
    plain = march.duty()
    march.plan(plain)
    spoken = tuple(replace(step, say="通知讲授人") if step.name == "T-3" else step for step in plain.ladder)
    march.plan(march.duty(ladder=spoken))
    assert march.reminder(REF, "T-3").say == "通知讲授人"


def test_somebody_who_left_the_file_is_known_as_long_as_an_occurrence_names_them(march: Any) -> None:
    march.plan(march.duty(owner=Party(person="zhaolei")))
    roster = march.basis.roster
    march.basis = replace(
        march.basis,
        roster=Roster(units=roster.units, people={key: roster.people[key] for key in ("chenxia", "wangmin")}),
    )
    march.plan(march.duty(owner=Party(person="wangmin")))
    with march.store.read() as db:
        assert set(db.execute(select(people.c.key)).scalars()) == {"chenxia", "wangmin", "zhaolei"}


def test_overdue_work_stays_with_who_has_it(march: Any) -> None:
    march.plan(march.duty(rule=MonthlyDay(10)))
    _give_post(march, "wangmin", ())
    _give_post(march, "zhaolei", ("学习秘书",))
    march.plan(march.duty(rule=MonthlyDay(10)))
    assert march.parts("study-law:2026-02")["owner", "wangmin"].active
    assert not march.parts("study-law:2026-04")["owner", "wangmin"].active


def test_a_hand_over_s_words_are_still_owed_after_the_day_moved(march: Any) -> None:
    march.plan(march.duty())
    _hand_over(march, "wangmin", "zhaolei")
    part = march.parts(REF)["owner", "zhaolei"]
    words = {"step": "handed-over", "offset": 0, "due_epoch": 0, "fire_at": march.now, "say": "由王敏移交", "state": "planned"}
    with march.store.write() as db:
        row = {**words, "assignment_id": part.id, "occurrence_id": part.occurrence_id, "reason": ""}
        db.execute(insert(reminders), row)
    march.plan(march.duty(rule=FixedDay(4, 9)))
    kept = march.reminder(REF, "handed-over", "zhaolei")
    assert (kept.due_epoch, kept.state, kept.say) == (1, "planned", "由王敏移交")
    assert isinstance(kept.fire_at, datetime)


def test_who_becomes_a_second_owner_is_told_once_of_what_lies_ahead(town: Any) -> None:
    """In January nothing of the ladder has come yet: without a word she would find out in March."""
    duty = town.duty()
    town.plan(duty)
    _give_post(town, "zhaolei", ("学习秘书",))
    outcome = town.plan(duty)
    assert [one.sentence for one in outcome.updates] == ["新增承办 赵磊 1 项"]
    assert town.reminders(REF, "zhaolei")["handed-over"] == "planned"
    assert town.reminder(REF, "handed-over", "zhaolei").fire_at == town.now
    assert "handed-over" not in town.reminders(REF, "wangmin")
    before = town.contents()
    town.at("2026-01-06 10:00").plan(duty, full=True)
    assert town.contents() == before


def test_who_begins_at_a_step_that_speaks_gets_no_second_word(swapped: Any) -> None:
    assert "handed-over" not in swapped.reminders(REF, "zhaolei")


def test_nobody_becomes_owner_of_what_is_past(march: Any) -> None:
    march.plan(march.duty())
    _give_post(march, "zhaolei", ("学习秘书",))
    outcome = march.at("2026-04-08 10:00").plan(march.duty())
    assert outcome.updates == ()
    assert ("owner", "zhaolei") not in march.parts(REF)


def test_the_preview_names_who_comes_who_goes_and_what_else_is_edited(march: Any) -> None:
    march.plan(march.duty())
    _give_post(march, "wangmin", ())
    _give_post(march, "zhaolei", ("学习秘书",))
    outcome = march.plan(march.duty(title="理论学习", ladder=parse_ladder("T-3 T0")), dry_run=True)
    assert [one.sentence for one in outcome.updates] == ["新增承办 赵磊 1 项", "去掉承办 王敏 1 项", "改标题 1 项"]
    outcome = march.plan(march.duty(owner=Party(person="wangmin"), ladder=parse_ladder("T-3 T0")), dry_run=True)
    assert [one.sentence for one in outcome.updates] == ["改提醒 1 项"]


def test_a_share_that_was_let_go_to_the_other_owner_comes_back_by_no_plan(march: Any) -> None:
    duty = march.duty(owner=Party(role="学习秘书"))
    _give_post(march, "zhaolei", ("学习秘书",))
    march.plan(duty)
    said = {"by": "chenxia", "reason": "分工调整", "via": "page", "from_person": "wangmin"}
    hand_over(march.store, REF, to="zhaolei", to_name="赵磊", now=march.now, **said)
    march.plan(march.duty(title="理论学习"), full=True)
    active = {person for (role, person), part in march.parts(REF).items() if role == "owner" and part.active}
    assert active == {"zhaolei"}
