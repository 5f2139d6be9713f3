"""延期待批: asked for in time, decided by who oversees, and meanwhile the ladder rests."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import IntegrityError

from models.occurrence import assignments, due_changes, extension_requests
from models.reminder import reminders
from models.upkeep import problems
from reports.extension_requests import pending_requests
from reports.verification import verify
from services.awaiting import awaiting
from services.change import hand_over, waive
from services.complete import complete
from services.errors import Refused
from services.extend import extend
from services.extension_requests import ask_extension, decide_extension, withdraw_extension

Clock = Callable[..., datetime]
CHINA = ZoneInfo("Asia/Shanghai")
NEW_DAY = date(2026, 3, 12)
CREW = (("chenxia", "owner"), ("liqiang", "partner"), ("wangmin", "overseer"), ("zhaojun", "leader"))


def ask(town: Any, ref: str, now: datetime, **said: Any) -> Any:
    asked = {"to": NEW_DAY, "by": "chenxia", "by_name": "陈霞", "reason": "领导出差", "via": "link", **said}
    return ask_extension(town.store, ref, now=now, tz=CHINA, **asked)


def decide(town: Any, ref: str, now: datetime, *, approve: bool = True, **said: Any) -> Any:
    decided = {"by": "wangmin", "by_name": "王敏", "answer": "" if approve else "请按时办", "via": "link", **said}
    place = {"workdays": town.workdays, "remind_at": time(9), "tz": CHINA}
    return decide_extension(town.store, ref, approve=approve, now=now, **decided, **place)


def refused(call: Callable[..., Any], *args: Any, **said: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*args, **said)
    return caught.value


def waiting(town: Any, ref: str) -> bool:
    number = town.row(ref).id
    with town.store.read() as db:
        return awaiting(db, [number, 10_000]) == {number}


def said_to(town: Any, ref: str, person: str, step: str) -> list[str]:
    """What waits to be said to the person."""
    [part] = [one for one in town.rows(assignments, occurrence_id=town.row(ref).id) if one.person == person]
    return [one.say for one in town.rows(reminders, assignment_id=part.id, step=step, state="planned")]


def test_who_oversees_hears_at_once_and_the_day_stays_until_he_decides(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW, told=("chenxia",))
    ask(town, ref, clock(3, 2))
    row = town.row(ref)
    assert (row.due_on, row.due_epoch, row.extensions, row.row_version) == (date(2026, 3, 5), 0, 0, 1)
    assert waiting(town, ref)
    sentence = "陈霞申请延期：由3月5日延至3月12日，原因：领导出差。请批复"
    assert said_to(town, ref, "wangmin", "extension-asked") == said_to(town, ref, "zhaojun", "extension-asked") == [sentence]
    assert town.reminders(ref, "chenxia") == {(step, 0): "planned" for step in ("T-7", "T-3", "T0", "T+1")}
    [found] = pending_requests(town.store)
    assert (found.ref, found.asked_name, found.to_on, found.overseers) == (ref, "陈霞", NEW_DAY, ("王敏", "赵军"))
    [entry] = town.log()
    assert (entry.kind, entry.actor, json.loads(entry.payload)["told"]) == ("extension_asked", "chenxia", 2)


def test_an_approval_moves_day_ladder_and_log_in_one_piece(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW, told=("chenxia", "liqiang", "wangmin"))
    ask(town, ref, clock(3, 2))
    decide(town, ref, clock(3, 3), to=date(2026, 3, 10), answer="仅此一次")
    row = town.row(ref)
    assert (row.due_on, row.original_due_on, row.extensions, row.extension_days) == (date(2026, 3, 10), date(2026, 3, 5), 1, 5)
    assert not waiting(town, ref)
    [request] = town.rows(extension_requests)
    assert (request.state, request.decided_by, request.answer, request.to_on) == ("approved", "wangmin", "仅此一次", NEW_DAY)
    [move] = town.rows(due_changes)
    assert (move.cause, move.reason, move.to_on) == ("extension", "领导出差", date(2026, 3, 10))
    assert said_to(town, ref, "wangmin", "extension-asked") == []
    assert said_to(town, ref, "chenxia", "extension-decided") == [
        "王敏已批准延期：由3月5日延至3月10日（仅此一次）。考核仍以原定时限为准"
    ]
    # Who asked and who decided need no second notice of the same.
    assert said_to(town, ref, "chenxia", "moved") == said_to(town, ref, "wangmin", "moved") == []
    assert said_to(town, ref, "liqiang", "moved") == ["原定3月5日，改为3月10日（延期：领导出差）"]
    assert ("T0", 1) in town.reminders(ref, "chenxia")
    entry = town.log()[-1]
    payload = json.loads(entry.payload)
    assert (entry.kind, entry.actor, payload["by"], payload["approved_by"]) == ("extended", "wangmin", "chenxia", "wangmin")
    assert verify(town.store).ok


def test_without_another_day_the_day_asked_for_is_approved_even_after_expiry(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 5))
    decide(town, ref, clock(3, 9))
    assert town.row(ref).due_on == NEW_DAY


@pytest.mark.parametrize(("to", "day"), [(date(2026, 3, 5), 3), (date(2026, 3, 11), 12), (date(2028, 1, 1), 3)])
def test_an_approval_names_a_day_that_is_still_to_come(town: Any, clock: Clock, to: date, day: int) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    assert refused(decide, town, ref, clock(3, day), to=to).code in {"not_later", "too_far"}
    assert waiting(town, ref)
    assert len(town.log()) == 1


def test_after_a_refusal_the_newest_step_speaks_and_the_original_day_counts(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    now = clock(3, 9)
    decide(town, ref, now, approve=False)
    row = town.row(ref)
    assert (row.due_on, row.due_epoch, row.state) == (date(2026, 3, 5), 0, "open")
    assert town.reminders(ref, "chenxia") == {
        ("T-7", 0): "folded",
        ("T-3", 0): "folded",
        ("T0", 0): "folded",
        ("T+1", 0): "planned",
        ("extension-decided", -1): "planned",
    }
    [newest] = town.rows(reminders, step="T+1", state="planned", assignment_id=1)
    assert newest.held_until == now
    assert said_to(town, ref, "chenxia", "extension-decided") == [
        "延期申请未获批准（王敏：请按时办）。时限仍为3月5日，请抓紧办理"
    ]
    [entry] = [one for one in town.log() if one.kind == "extension_refused"]
    assert json.loads(entry.payload)["asked_by"] == "chenxia"
    assert verify(town.store).ok


def test_a_refusal_needs_its_reason(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    assert refused(decide, town, ref, clock(3, 3), approve=False, answer=" ").code == "answer_missing"


@pytest.mark.parametrize("by", ["chenxia", "liqiang", "sunli"])
def test_only_who_oversees_decides(town: Any, clock: Clock, by: str) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    caught = refused(decide, town, ref, clock(3, 3), by=by)
    assert caught.code == ("own_request" if by == "chenxia" else "not_decider")
    if by == "sunli":
        assert caught.sentence == "“党委理论学习中心组法治专题学习”的延期申请由王敏、赵军批复，孙丽不能批复。"


def test_nobody_approves_his_own_request_however_it_was_made(town: Any, clock: Clock) -> None:
    mine = town.occurrence(parts=CREW)
    ask(town, mine, clock(3, 2), by="wangmin", by_name="王敏")
    assert refused(decide, town, mine, clock(3, 3)).code == "own_request"
    assert refused(decide, town, mine, clock(3, 3), by="zhaojun", recorded_by="wangmin").code == "own_request"
    assert said_to(town, mine, "wangmin", "extension-asked") == []
    decide(town, mine, clock(3, 3), by="zhaojun", by_name="赵军")
    other = town.occurrence(period="2026-Q2", parts=CREW)
    ask(town, other, clock(3, 2), recorded_by="wangmin")
    assert refused(decide, town, other, clock(3, 3)).code == "own_request"


def test_where_a_leader_must_decide_the_overseer_cannot(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2), approval="leader")
    assert said_to(town, ref, "wangmin", "extension-asked") == []
    assert refused(decide, town, ref, clock(3, 3), approval="leader").code == "not_decider"
    decide(town, ref, clock(3, 3), approval="leader", by="zhaojun", by_name="赵军")


def test_where_nobody_can_decide_the_admin_is_told_and_decides(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"),))
    ask(town, ref, clock(3, 2))
    [problem] = town.rows(problems)
    assert (problem.kind, problem.closed_at) == ("undecided", None)
    assert "没有人可以批复" in problem.text
    assert refused(decide, town, ref, clock(3, 3), by="sunli").code == "not_decider"
    decide(town, ref, clock(3, 3), by="sunli", by_name="孙丽", admin="sunli")
    assert town.rows(problems)[0].closed_at is not None


def test_a_second_request_is_refused_in_a_friendly_sentence(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    caught = refused(ask, town, ref, clock(3, 3), by="liqiang", by_name="李强")
    assert caught.code == "already_asked"
    assert caught.sentence.startswith(
        "“党委理论学习中心组法治专题学习”的延期申请已由陈霞于3月2日提出（延至3月12日），正在等待批复"
    )


def test_of_two_who_ask_at_the_same_moment_one_is_heard(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)

    def wish(person: str) -> str:
        try:
            ask(town, ref, clock(3, 2), by=person, by_name=person)
        except Refused as caught:
            return caught.code
        return "heard"

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(wish, ("chenxia", "liqiang")))
    assert answers == ["already_asked", "heard"]


def test_the_database_itself_holds_one_pending_request(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    [row] = town.rows(extension_requests)
    again = {name: value for name, value in row._asdict().items() if name != "id"}
    with pytest.raises(IntegrityError), town.store.write() as db:
        db.execute(insert(extension_requests), again)


@pytest.mark.parametrize(("day", "to", "code"), [(6, NEW_DAY, "too_late"), (2, date(2026, 3, 5), "not_later")])
def test_it_is_asked_before_expiry_and_for_a_later_day(town: Any, clock: Clock, day: int, to: date, code: str) -> None:
    ref = town.occurrence(parts=CREW)
    assert refused(ask, town, ref, clock(3, day), to=to).code == code
    assert refused(ask, town, ref, clock(3, 2), reason=" ").code == "reason_missing"
    assert not waiting(town, ref)


def test_who_asked_takes_it_back_and_may_ask_again(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    assert refused(withdraw_extension, town.store, ref, by="sunli", via="cli", now=clock(3, 3)).code == "not_yours"
    withdraw_extension(town.store, ref, by="chenxia", via="link", now=clock(3, 3))
    assert town.rows(extension_requests)[0].state == "withdrawn"
    assert said_to(town, ref, "wangmin", "extension-asked") == []
    assert town.log()[-1].kind == "extension_withdrawn"
    ask(town, ref, clock(3, 4))
    assert len(said_to(town, ref, "wangmin", "extension-asked")) == 1
    decide(town, ref, clock(3, 4), approve=False)
    ask(town, ref, clock(3, 4, 15), reason="场地维修")
    decide(town, ref, clock(3, 5))
    # Of two answers that were not told yet only the newest is.
    assert [say[:8] for say in said_to(town, ref, "chenxia", "extension-decided")] == ["王敏已批准延期："]
    assert verify(town.store).ok


@pytest.mark.parametrize("act", ["done", "waived"])
def test_what_is_closed_needs_no_answer(town: Any, clock: Clock, act: str) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    if act == "done":
        said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "done_on": date(2026, 3, 3)}
        complete(town.store, ref, now=clock(3, 3), workdays=town.workdays, **said)
    else:
        waive(town.store, ref, by="wangmin", reason="上级取消", via="page", now=clock(3, 3))
    assert town.rows(extension_requests)[0].state == "withdrawn"
    assert said_to(town, ref, "wangmin", "extension-asked") == []
    assert refused(decide, town, ref, clock(3, 4)).code in {"already_done", "waived"}
    assert verify(town.store).ok


def test_a_hand_over_keeps_the_request_and_the_new_owner_hears_the_answer(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW[:1] + CREW[2:])
    ask(town, ref, clock(3, 2))
    hand_over(town.store, ref, to="liqiang", to_name="李强", by="wangmin", reason="陈霞调离", via="page", now=clock(3, 3))
    assert waiting(town, ref)
    decide(town, ref, clock(3, 4))
    assert said_to(town, ref, "liqiang", "extension-decided")
    assert said_to(town, ref, "chenxia", "extension-decided") == []


def test_an_extension_that_needs_no_approval_any_more_ends_the_request(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    place = {"workdays": town.workdays, "remind_at": time(9), "tz": CHINA}
    extend(town.store, ref, to=date(2026, 3, 9), by="wangmin", reason="出差", via="page", now=clock(3, 3), **place)
    assert not waiting(town, ref)
    assert verify(town.store).ok


def test_whoever_looks_at_an_old_page_decides_nothing(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    assert refused(decide, town, ref, clock(3, 3), row_version=0).code == "changed"
    decide(town, ref, clock(3, 3), row_version=1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "approved"}, "批准延期在台账里有1次，记录中有0次"),
        ({"state": "refused"}, "不批准延期在台账里有1次，记录中有0次"),
    ],
)
def test_a_decision_that_nobody_made_is_found(town: Any, clock: Clock, change: dict[str, str], said: str) -> None:
    ref = town.occurrence(parts=CREW)
    ask(town, ref, clock(3, 2))
    with town.store.write() as db:
        db.execute(update(extension_requests).values(change))
    result = verify(town.store)
    assert not result.ok
    assert said in "".join(result.sentences)
