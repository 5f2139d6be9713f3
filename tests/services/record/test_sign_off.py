from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.occurrence import assignments
from models.record import completions
from models.reminder import reminders
from models.upkeep import problems
from services.acknowledge import acknowledge
from services.change import reopen
from services.complete import complete
from services.errors import Refused
from services.extend import extend
from services.sign_off import review, send_back, sign_off

Clock = Callable[..., datetime]
PARTS = (("chenxia", "owner"), ("wangmin", "overseer"), ("zhaojun", "verifier"))


@pytest.fixture
def rectified(town: Any, clock: Clock) -> str:
    """An item of the rectification ledger, done by 陈霞 and recorded by 孙丽."""
    town.duty("rectify", kind="rectification", title="行政执法公示不及时", sign_off=True)
    ref: str = town.occurrence("rectify", "整改-007", parts=PARTS)
    complete(
        town.store,
        ref,
        by="chenxia",
        by_name="陈霞",
        recorded_by="sunli",
        via="cli",
        now=clock(3, 4),
        done_on=date(2026, 3, 4),
        workdays=town.workdays,
    )
    return ref


def test_the_verifier_signs_off_and_answers_by_name(town: Any, clock: Clock, rectified: str) -> None:
    sign_off(town.store, rectified, by="zhaojun", via="page", now=clock(3, 5), note="现场核查属实")
    assert town.row(rectified).signed_off_at == clock(3, 5)
    assert (town.log()[-1].kind, town.log()[-1].actor) == ("signed_off", "zhaojun")
    with pytest.raises(Refused, match="已由赵军于3月5日销号"):
        sign_off(town.store, rectified, by="zhaojun", via="page", now=clock(3, 6))


@pytest.mark.parametrize(("person", "code"), [("chenxia", "same_person"), ("sunli", "same_person"), ("liqiang", "not_verifier")])
def test_neither_doer_nor_recorder_nor_a_bystander_signs_off(
    town: Any, clock: Clock, rectified: str, person: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        sign_off(town.store, rectified, by=person, via="page", now=clock(3, 5))
    assert caught.value.code == code
    assert town.row(rectified).signed_off_at is None


def test_an_owner_who_did_not_do_it_cannot_sign_it_off_either(town: Any, clock: Clock) -> None:
    town.duty("rectify", sign_off=True)
    ref = town.occurrence("rectify", "整改-008", parts=(("chenxia", "owner"), ("zhaojun", "owner")))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    with pytest.raises(Refused, match="谁验收、谁负责"):
        sign_off(town.store, ref, by="zhaojun", via="page", now=clock(3, 5))
    sign_off(town.store, ref, by="wangmin", via="page", now=clock(3, 5))


def test_what_is_open_or_needs_no_signature_is_not_signed_off(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    with pytest.raises(Refused) as caught:
        sign_off(town.store, ref, by="zhaojun", via="page", now=clock(3, 5))
    assert caught.value.code == "not_done"
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    with pytest.raises(Refused) as caught:
        sign_off(town.store, ref, by="zhaojun", via="page", now=clock(3, 5))
    assert caught.value.code == "not_needed"


def test_reopening_takes_the_signature_back(town: Any, clock: Clock, rectified: str) -> None:
    sign_off(town.store, rectified, by="zhaojun", via="page", now=clock(3, 5))
    reopen(town.store, rectified, by="zhaojun", reason="回头看发现反弹", via="page", now=clock(6, 1))
    assert town.row(rectified).signed_off_at is None


def test_a_standing_duty_is_reviewed_with_words(town: Any, clock: Clock) -> None:
    town.duty("long-term", standing=True)
    ref = town.occurrence("long-term", "2026")
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "page", "now": clock(3, 4)}
    with pytest.raises(Refused) as caught:
        review(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, note=" ", **said)
    assert caught.value.code == "note_missing"
    review(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, note="制度仍在执行", **said)
    assert town.row(ref).state == "done"
    assert town.log()[0].kind == "reviewed"
    assert town.rows(completions)[0].note == "制度仍在执行"
    with pytest.raises(Refused, match="已由陈霞于3月4日复核"):
        review(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, note="再看", **said)


def test_only_standing_duties_are_reviewed(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "page", "now": clock(3, 4)}
    with pytest.raises(Refused) as caught:
        review(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, note="看过", **said)
    assert caught.value.code == "not_standing"


def test_the_day_of_an_earlier_sign_off_is_the_towns_day(town: Any, clock: Clock, rectified: str) -> None:
    sign_off(town.store, rectified, by="zhaojun", via="page", now=clock(3, 6, 7))  # still the 5th in UTC
    with pytest.raises(Refused, match="已由赵军于3月6日销号"):
        sign_off(town.store, rectified, by="zhaojun", via="page", now=clock(3, 6))


def _in_anothers_place(town: Any, clock: Clock, *, by: str, recorded_by: str) -> str:
    """An item done by 陈霞 that somebody recorded behind her link, or that she recorded herself."""
    town.duty("rectify", kind="rectification", sign_off=True)
    ref: str = town.occurrence("rectify", "整改-009", parts=PARTS)
    said = {"by": by, "by_name": "陈霞", "recorded_by": recorded_by, "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    return ref


def test_a_verifiers_stand_in_signs_off_and_both_are_named(town: Any, clock: Clock, rectified: str) -> None:
    sign_off(town.store, rectified, by="zhaojun", recorded_by="wangmin", via="link", now=clock(3, 5))
    entry = town.log()[-1]
    said = json.loads(entry.payload)
    assert (entry.actor, said["by"], said["recorded_by"]) == ("wangmin", "zhaojun", "wangmin")


def test_the_doer_does_not_sign_off_in_the_verifiers_place(town: Any, clock: Clock) -> None:
    ref = _in_anothers_place(town, clock, by="chenxia", recorded_by="chenxia")
    with pytest.raises(Refused) as caught:
        sign_off(town.store, ref, by="zhaojun", recorded_by="chenxia", via="link", now=clock(3, 5))
    assert caught.value.code == "same_person"
    assert caught.value.sentence.startswith("“党委理论学习中心组法治专题学习”由陈霞承办、代办或登记，不能由本人销号")


def test_who_stood_in_for_the_doer_does_not_sign_off_either(town: Any, clock: Clock) -> None:
    ref = _in_anothers_place(town, clock, by="chenxia", recorded_by="zhaojun")
    for by, recorded_by in (("zhaojun", None), ("zhaojun", "zhaojun")):
        with pytest.raises(Refused) as caught:
            sign_off(town.store, ref, by=by, recorded_by=recorded_by, via="link", now=clock(3, 5))
        assert caught.value.code == "same_person"


@pytest.mark.parametrize("via", ["link", "page", "program"])
def test_nor_who_stood_in_for_the_doer_in_any_other_step(town: Any, clock: Clock, via: str) -> None:
    town.duty("rectify", kind="rectification", sign_off=True)
    ref = town.occurrence("rectify", "整改-010", parts=PARTS)
    place = {"workdays": town.workdays, "remind_at": time(9), "tz": ZoneInfo("Asia/Shanghai")}
    wish = {"by": "chenxia", "recorded_by": "zhaojun", "reason": "出差", "via": via}
    extend(town.store, ref, to=date(2026, 3, 9), now=clock(3, 3), **wish, **place)
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    with pytest.raises(Refused) as caught:
        sign_off(town.store, ref, by="zhaojun", via="link", now=clock(3, 5))
    assert caught.value.code == "same_person"


def test_to_have_said_in_the_doers_place_that_it_arrived_is_no_part_in_the_work(town: Any, clock: Clock) -> None:
    town.duty("rectify", kind="rectification", sign_off=True)
    ref = town.occurrence("rectify", "整改-010", parts=PARTS)
    acknowledge(town.store, ref, by="chenxia", recorded_by="zhaojun", via="link", now=clock(3, 3))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    sign_off(town.store, ref, by="zhaojun", via="link", now=clock(3, 5))
    assert town.row(ref).signed_off_at is not None


def _asked(town: Any, person: str) -> dict[str, tuple[str, datetime]]:
    """What this person is asked about the sign-off: step -> state and moment in the town."""
    part = town.rows(assignments, person=person)[0].id
    rows = [one for one in town.rows(reminders, assignment_id=part) if one.step.startswith("sign-off")]
    return {one.step: (one.state, one.fire_at.astimezone(ZoneInfo("Asia/Shanghai"))) for one in rows}


def test_the_verifier_is_asked_at_once_and_again_after_three_seven_ten_and_fifteen_workdays(
    town: Any, clock: Clock, rectified: str
) -> None:
    assert _asked(town, "zhaojun") == {
        "sign-off": ("planned", clock(3, 4)),
        "sign-off+3": ("planned", clock(3, 9)),
        "sign-off+7": ("planned", clock(3, 13)),
        "sign-off+10": ("planned", clock(3, 18)),
        "sign-off+15": ("planned", clock(3, 25)),
    }
    part = town.rows(assignments, person="zhaojun")[0].id
    said = {one.say for one in town.rows(reminders, assignment_id=part)}
    assert said == {"陈霞于3月4日办结，请验收：合格的请销号，不合格的请退回"}


def test_who_oversees_hears_after_ten_workdays_that_nobody_has_signed_it_off(town: Any, clock: Clock, rectified: str) -> None:
    assert _asked(town, "wangmin") == {
        "sign-off-up+10": ("planned", clock(3, 18)),
        "sign-off-up+15": ("planned", clock(3, 25)),
    }
    assert _asked(town, "chenxia") == {}


def test_once_it_is_signed_off_nobody_is_asked_any_more(town: Any, clock: Clock, rectified: str) -> None:
    sign_off(town.store, rectified, by="zhaojun", via="link", now=clock(3, 5))
    states = {state for person in ("zhaojun", "wangmin") for state, _ in _asked(town, person).values()}
    assert states == {"cancelled"}


def test_an_item_that_needs_no_sign_off_asks_nobody(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=PARTS)
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    assert [one for one in town.rows(reminders) if one.step.startswith("sign-off")] == []


def test_without_a_verifier_who_oversees_is_asked_to_sign_off(town: Any, clock: Clock) -> None:
    town.duty("rectify", sign_off=True)
    ref = town.occurrence("rectify", "整改-011", parts=(("chenxia", "owner"), ("wangmin", "overseer")))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    assert _asked(town, "wangmin")["sign-off"] == ("planned", clock(3, 4))
    assert not any(step.startswith("sign-off-up") for step in _asked(town, "wangmin"))


def test_where_nobody_could_sign_it_off_the_admin_has_a_problem_until_it_is_reopened(town: Any, clock: Clock) -> None:
    town.duty("rectify", sign_off=True)
    ref = town.occurrence("rectify", "整改-012", parts=(("chenxia", "owner"), ("zhaojun", "verifier")))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "zhaojun", "via": "link", "now": clock(3, 4)}
    complete(town.store, ref, done_on=date(2026, 3, 4), workdays=town.workdays, **said)
    (problem,) = town.rows(problems)
    assert "没有人可以验收销号" in problem.text
    assert problem.closed_at is None
    reopen(town.store, ref, by="sunli", reason="换人登记", via="page", now=clock(3, 5))
    assert town.rows(problems)[0].closed_at is not None


def test_the_verifier_sends_it_back_and_its_owner_hears_why(town: Any, clock: Clock, rectified: str) -> None:
    send_back(town.store, rectified, by="zhaojun", reason="公示栏还没有更新", via="link", now=clock(3, 5))
    assert town.row(rectified).state == "open"
    assert {state for state, _ in _asked(town, "zhaojun").values()} == {"cancelled"}
    (notice,) = town.rows(reminders, step="sent-back")
    assert (notice.say, notice.state) == ("赵军验收退回：公示栏还没有更新", "planned")
    assert town.rows(assignments, id=notice.assignment_id)[0].person == "chenxia"
    entry = town.log()[-1]
    assert (entry.kind, entry.actor, json.loads(entry.payload)["reason"]) == (
        "reopened",
        "zhaojun",
        "赵军验收退回：公示栏还没有更新",
    )


def test_what_is_done_again_after_a_return_is_asked_about_again(town: Any, clock: Clock, rectified: str) -> None:
    send_back(town.store, rectified, by="zhaojun", reason="公示栏还没有更新", via="link", now=clock(3, 5))
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "now": clock(3, 6)}
    complete(town.store, rectified, done_on=date(2026, 3, 6), workdays=town.workdays, **said)
    assert _asked(town, "zhaojun")["sign-off"] == ("planned", clock(3, 6))


@pytest.mark.parametrize(
    ("person", "reason", "code"),
    [("chenxia", "不合格", "same_person"), ("liqiang", "不合格", "not_verifier"), ("zhaojun", " ", "reason_missing")],
)
def test_only_who_may_sign_off_sends_back_and_says_why(
    town: Any, clock: Clock, rectified: str, *, person: str, reason: str, code: str
) -> None:
    with pytest.raises(Refused) as caught:
        send_back(town.store, rectified, by=person, reason=reason, via="page", now=clock(3, 5))
    assert caught.value.code == code
    assert town.row(rectified).state == "done"
