"""What staff and leaders do on a page, a program does for them: as what they are, and as nothing more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from planning.access import AccountRole
from tests.web.county_platform import Platform
from tests.web.staff_hands import FIX, STUDY, entries, row, said, set_up, stands_in

OFFICE, STAFF, LEADER, AUDITOR = AccountRole.OFFICE, AccountRole.STAFF, AccountRole.LEADER, AccountRole.AUDITOR
ASKED = {"by": "chenxia", "to": "2026-07-10", "reason": "讲课老师出差"}
DONE = {"by": "chenxia", "done_on": "2026-04-07", "measures": {"场次": 1}}


def code_of(answer: Any) -> tuple[int, str]:
    """The status, and the code of a refusal; what was recorded has a code of its own."""
    return answer.status_code, answer.json()["code"] if answer.status_code >= 400 else ""


@pytest.fixture
def asked(town: Any) -> Any:
    """陈霞 has asked for a later day, and somebody must decide."""
    set_up(town, "extension_approval: overseer")
    answer = Platform(town, "chenxia", STAFF).act(STUDY, "extend", **ASKED)
    assert answer.status_code == 200, answer.text
    return town


# 收到 and 稍后提醒


def test_a_doer_says_through_his_program_that_it_arrived_and_says_it_once(town: Any) -> None:
    owner = Platform(town, "chenxia", STAFF)
    first, again = owner.act(STUDY, "acknowledge"), owner.act(STUDY, "acknowledge")
    assert (first.status_code, again.json()) == (200, first.json())
    [entry] = entries(town)
    assert (entry.kind, entry.actor, entry.via) == ("acknowledged", "chenxia", "program")


def test_a_program_receives_and_puts_off_for_nobody_but_its_own_person(town: Any) -> None:
    clerk = Platform(town, "wangmin", OFFICE)
    for by in ({}, {"by": "chenxia"}, {"by": "wangmin"}):
        assert code_of(clerk.act(STUDY, "acknowledge", **by)) == (403, "not_yours")
        assert code_of(clerk.act(STUDY, "snooze", until="2026-04-20", **by)) == (403, "not_yours")
    assert entries(town) == []


def test_whoever_stands_in_receives_and_puts_off_in_the_others_place(town: Any) -> None:
    stands_in(town, "chenxia", "fenggang")
    other = Platform(town, "fenggang", STAFF)
    assert other.act(STUDY, "acknowledge").status_code == 200
    assert other.act(STUDY, "snooze", until="2026-04-20").status_code == 200
    assert [(one.kind, one.actor, said(one)["by"]) for one in entries(town)] == [
        ("acknowledged", "fenggang", "chenxia"),
        ("snoozed", "fenggang", "chenxia"),
    ]


def test_reminders_are_put_off_to_a_workday_before_the_due_day_and_the_same_day_is_one_choice(town: Any) -> None:
    owner = Platform(town, "chenxia", STAFF)
    first, again = (owner.act(STUDY, "snooze", until="2026-04-18") for _ in range(2))  # a Saturday
    assert (first.status_code, again.json()) == (200, first.json())
    [entry] = entries(town)
    assert said(entry)["until"] == "2026-04-20"
    assert code_of(owner.act(STUDY, "snooze", until="2026-06-30")) == (409, "too_late")
    assert code_of(owner.act(STUDY, "snooze", until="2026-04-08")) == (409, "not_later")
    assert [owner.act(STUDY, "snooze", until=f"2026-05-{day}").status_code for day in (11, 12, 13)] == [200, 200, 409]


# A later day that somebody must decide


def test_the_overseer_approves_until_the_day_asked_for_or_another(asked: Any) -> None:
    overseer = Platform(asked, "zhangjun", LEADER)
    [waiting] = overseer.get("/extension-requests").json()["items"]
    assert (waiting["ref"], waiting["to_on"], waiting["overseers"]) == (STUDY, "2026-07-10", ["张军", "李国强"])
    [mine] = overseer.get("/mine").json()["deciding"]
    assert (mine["occurrence"]["ref"], mine["asked_by"]) == (STUDY, "陈霞")
    decided = overseer.act(STUDY, "decide-extension", verdict="approve", to="2026-07-08", answer="同意")
    assert decided.status_code == 200, decided.text
    seen = overseer.get(f"/occurrences/{STUDY}").json()
    assert (seen["occurrence"]["due_on"], seen["occurrence"]["original_due_on"]) == ("2026-07-08", "2026-06-30")
    [request] = seen["extension_requests"]
    assert (request["state"], request["decided_name"], request["answer"]) == ("approved", "张军", "同意")
    assert code_of(overseer.act(STUDY, "decide-extension", verdict="refuse", answer="不行")) == (409, "not_asked")


def test_without_a_day_it_is_approved_until_the_day_asked_for(asked: Any) -> None:
    assert Platform(asked, "liguoqiang", LEADER).act(STUDY, "decide-extension", verdict="approve").status_code == 200
    assert str(row(asked).due_on) == "2026-07-10"


def test_a_refusal_needs_its_reason_and_leaves_the_day(asked: Any) -> None:
    overseer = Platform(asked, "zhangjun", STAFF)  # deciding is a part in the item, not a role of the account
    assert code_of(overseer.act(STUDY, "decide-extension", verdict="refuse")) == (409, "answer_missing")
    assert overseer.act(STUDY, "decide-extension", verdict="refuse", answer="按期办").status_code == 200
    assert (str(row(asked).due_on), entries(asked)[-1].kind) == ("2026-06-30", "extension_refused")


@pytest.mark.parametrize(
    ("person", "role", "scope", "code"),
    [
        ("chenxia", LEADER, None, "not_yours"),  # who asks does not decide
        ("wangmin", OFFICE, "sifasuo", "not_allowed"),  # the clerk of the unit records, and has no part in it
        ("fenggang", LEADER, "huilong", "not_allowed"),  # another unit's
        ("zhangwei", AccountRole.ADMIN, None, "not_allowed"),  # the admin, while somebody else can
        ("zhangjun", AUDITOR, None, "not_allowed"),  # he oversees, and his account only looks
    ],
)
def test_nobody_else_decides(asked: Any, person: str, role: AccountRole, scope: str | None, code: str) -> None:
    answer = Platform(asked, person, role, scope).act(STUDY, "decide-extension", verdict="approve")
    assert code_of(answer) == (403, code)
    assert str(row(asked).due_on) == "2026-06-30"


def test_the_admin_decides_what_nobody_else_can(town: Any) -> None:
    set_up(town, "extension_approval: overseer")
    Platform(town, "wangmin", STAFF).act("theme:2026-04", "extend", by="wangmin", to="2026-05-06", reason="下乡")
    admin = Platform(town, "zhangwei", AccountRole.ADMIN)
    [waiting] = admin.get("/extension-requests").json()["items"]
    assert (waiting["ref"], waiting["overseers"]) == ("theme:2026-04", [])
    assert admin.act("theme:2026-04", "decide-extension", verdict="approve").status_code == 200


def test_who_asked_takes_the_wish_back_and_no_stranger_does(asked: Any) -> None:
    assert code_of(Platform(asked, "fenggang", OFFICE, "huilong").act(STUDY, "withdraw-extension")) == (403, "not_allowed")
    assert code_of(Platform(asked, "zhangjun", STAFF).act(STUDY, "withdraw-extension")) == (403, "not_yours")
    owner = Platform(asked, "chenxia", STAFF)
    assert owner.act(STUDY, "withdraw-extension").status_code == 200
    assert code_of(owner.act(STUDY, "withdraw-extension")) == (409, "not_asked")
    assert owner.get("/extension-requests").json()["total"] == 0


def test_the_clerk_takes_it_back_in_the_owners_name(asked: Any) -> None:
    assert Platform(asked, "wangmin", OFFICE, "sifasuo").act(STUDY, "withdraw-extension", by="chenxia").status_code == 200
    newest = entries(asked)[-1]
    assert (newest.kind, newest.actor, said(newest)["by"]) == ("extension_withdrawn", "wangmin", "chenxia")


# 撤销: what staff may take back, and 撤回: what only the office may


def test_staff_take_back_their_own_slip_for_ten_minutes_and_reopen_nothing(town: Any) -> None:
    owner = Platform(town, "chenxia", STAFF)
    assert owner.act(STUDY, "done", **DONE).status_code == 200
    assert code_of(owner.act(STUDY, "reopen", reason="填错了")) == (403, "not_allowed")
    undone = owner.act(STUDY, "undo", reason="填错了")
    assert (undone.status_code, row(town).state) == (200, "open")
    assert code_of(owner.act(STUDY, "undo", reason="再撤一次")) == (409, "undo_over")
    owner.act(STUDY, "done", **DONE)
    town.clock.now += timedelta(minutes=11)
    assert code_of(owner.act(STUDY, "undo", reason="想起来填错了")) == (409, "undo_over")
    assert row(town).state == "done"


def test_nobody_takes_back_what_another_recorded(town: Any) -> None:
    assert Platform(town, "wangmin", OFFICE).act(STUDY, "done", **DONE).status_code == 200
    assert code_of(Platform(town, "chenxia", STAFF).act(STUDY, "undo", reason="不是我填的")) == (409, "undo_over")
    assert code_of(Platform(town, "zhangjun", STAFF).act(STUDY, "undo", reason="x")) == (403, "not_yours")
    assert Platform(town, "wangmin", OFFICE).act(STUDY, "undo", reason="填错了").status_code == 200
    newest = entries(town)[-1]
    assert (newest.kind, newest.actor) == ("reopened", "wangmin")


# Said again


def test_a_call_that_is_sent_again_records_nothing_more(town: Any) -> None:
    """The answer was lost on the line: the second time says how it stands."""
    set_up(town, "extension_approval: overseer")
    office, overseer = Platform(town, "wangmin", OFFICE), Platform(town, "zhangjun", LEADER)
    twice = (
        (office, "extend", ASKED, "already_asked"),
        (office, "withdraw-extension", {"by": "chenxia"}, "not_asked"),
        (office, "extend", ASKED, "already_asked"),
        (overseer, "decide-extension", {"verdict": "approve"}, "not_asked"),
        (office, "hand-over", {"to": "fenggang", "reason": "分工调整"}, "already_owner"),
        (office, "done", {"by": "fenggang", "done_on": "2026-04-07", "measures": {"场次": 1}}, "already_done"),
        (office, "undo", {"reason": "填错了"}, "undo_over"),
        (office, "waive", {"reason": "上级取消"}, "waived"),
        (office, "reopen", {"reason": "又恢复了"}, "not_closed"),
    )
    for program, act, words, code in twice:
        assert program.act(STUDY, act, **words).status_code == 200, act
        assert code_of(program.act(STUDY, act, **words)) == (409, code), act
    assert len(entries(town)) == len(twice)


def test_an_extension_and_a_signature_said_again_are_one(town: Any) -> None:
    owner, verifier = Platform(town, "wangmin", STAFF), Platform(town, "chenxia", STAFF)
    longer = {"by": "wangmin", "to": "2026-07-10", "reason": "等县里验收"}
    assert [code_of(owner.act(FIX, "extend", **longer)) for _ in range(2)] == [(200, ""), (409, "not_later")]
    owner.act(FIX, "done", by="wangmin", done_on="2026-04-07")
    assert [code_of(verifier.act(FIX, "sign-off")) for _ in range(2)] == [(200, ""), (409, "already_signed_off")]


def test_the_verifier_sends_back_once_and_a_file_that_is_not_there_is_not_voided(town: Any) -> None:
    owner, verifier = Platform(town, "wangmin", STAFF), Platform(town, "chenxia", STAFF)
    owner.act(FIX, "done", by="wangmin", done_on="2026-04-07")
    assert code_of(owner.act(FIX, "send-back", reason="不合格")) == (403, "not_yours")
    assert code_of(owner.act(FIX, "void", number=1, reason="传错了")) == (409, "no_such_file")
    assert code_of(verifier.act(FIX, "send-back", reason="照片看不清")) == (200, "")
    assert code_of(verifier.act(FIX, "send-back", reason="照片看不清")) == (409, "not_done")
    newest = entries(town, FIX)[-1]
    assert (newest.kind, newest.actor, said(newest)["reason"]) == ("reopened", "chenxia", "陈霞验收退回：照片看不清")


# What was read, and what is there now


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("done", DONE),
        ("extend", ASKED),
        ("hand-over", {"to": "wangmin", "reason": "分工调整"}),
        ("waive", {"reason": "上级取消"}),
    ],
)
def test_a_call_that_says_what_it_has_read_is_refused_when_something_else_has_happened(
    town: Any, act: str, words: dict[str, Any]
) -> None:
    office = Platform(town, "wangmin", OFFICE)
    read = office.get(f"/occurrences/{STUDY}").json()["occurrence"]["row_version"]
    assert office.act(STUDY, "extend", by="chenxia", to="2026-07-06", reason="场地冲突").status_code == 200
    refused = office.act(STUDY, act, row_version=read, **words)
    assert code_of(refused) == (409, "changed")
    assert "刚刚有了变化" in refused.json()["message"]
    fresh = office.get(f"/occurrences/{STUDY}").json()["occurrence"]["row_version"]
    assert office.act(STUDY, act, row_version=fresh, **words).status_code == 200


def test_the_description_of_an_occurrence_says_what_done_will_be_asked_for(town: Any) -> None:
    asks = Platform(town, "chenxia", STAFF).get(f"/occurrences/{STUDY}").json()["duty"]
    assert [(one["name"], one["required"]) for one in asks["measures"]] == [("场次", True), ("人次", False)]
    assert (asks["evidence"], asks["evidence_required"]) == (["签到表"], False)


def test_whoever_stands_in_for_a_verifier_says_for_whom_he_signs(town: Any) -> None:
    Platform(town, "wangmin", STAFF).act(FIX, "done", by="wangmin", done_on="2026-04-07")
    stands_in(town, "chenxia", "fenggang")
    other = Platform(town, "fenggang", STAFF)
    assert code_of(other.act(FIX, "sign-off", by="wangmin")) == (403, "not_yours")
    assert other.act(FIX, "sign-off", by="chenxia", note="现场看过").status_code == 200
    newest = entries(town, FIX)[-1]
    assert (newest.kind, newest.actor, said(newest)["by"], newest.via) == ("signed_off", "fenggang", "chenxia", "program")


def test_an_act_on_what_is_not_there_or_not_his_is_refused_alike_for_every_call(town: Any) -> None:
    words = {
        "done": DONE,
        "evidence": {},
        "undo": {"reason": "x"},
        "acknowledge": {},
        "snooze": {"until": "2026-04-20"},
        "extend": ASKED,
        "withdraw-extension": {},
        "decide-extension": {"verdict": "approve"},
        "hand-over": {"to": "wangmin", "reason": "x"},
        "sign-off": {},
        "reopen": {"reason": "x"},
        "waive": {"reason": "x"},
    }
    elsewhere = Platform(town, "fenggang", OFFICE, "huilong")
    auditor = Platform(town, "liguoqiang", AUDITOR)
    for act, called in words.items():
        assert code_of(elsewhere.act(STUDY, act, **called)) == (403, "not_allowed"), act
        assert code_of(auditor.act(STUDY, act, **called)) == (403, "not_allowed"), act
        if act not in {"reopen", "waive"}:  # a village's clerk may do neither anywhere else
            assert code_of(elsewhere.act("nothing:2026", act, **called)) == (404, "unknown_occurrence"), act
    assert entries(town) == []
