"""I4, I6, I8, I9, I10, I12, I17, I18: what is on the wire, and what the rows say of it."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from models.message import attempts, messages
from models.reminder import reminders
from models.store import open_store
from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from services.failpoints import FailpointReached, arm
from services.tick import tick
from tests.services.delivery.town import CUT, DOWN, GONE, LATER, SPAM, YES, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")
TWO = policy(destinations=destinations("mail", "wecom"))


@pytest.mark.parametrize("answer", [YES, LATER, GONE, SPAM, CUT, DOWN], ids=lambda answer: f"{answer.verdict} {answer.scope}")
def test_i4_a_reminder_is_sent_exactly_when_its_message_has_an_accepted_attempt(town: Town, answer: Outcome) -> None:
    town.item()
    town.wire.script = [answer]
    town.tick(TUESDAY)
    accepted = {row.message_id for row in town.rows(attempts) if row.outcome == "accepted"}
    (reminder,) = town.rows(reminders)
    assert (reminder.state == "sent") == (reminder.message_id in accepted) == (answer is YES)


@pytest.mark.parametrize(("point", "copies"), [("D5c", 1), ("D7", 2), ("D8", 2), ("D9", 1)])
def test_i6_a_crash_doubles_at_most_the_message_in_hand_and_with_equal_bytes(town: Town, point: str, copies: int) -> None:
    for person in ("wangmin", "chenxia", "liguoqiang"):
        town.item(person=person)
    arm(f"{point}:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY)
    arm("")
    town.tick(TUESDAY + minutes(6))
    town.tick(TUESDAY + minutes(12))
    by_ref: dict[str, list[Envelope]] = {}
    for envelope in town.wire.taken:
        by_ref.setdefault(envelope.ref, []).append(envelope)
    assert len(by_ref) == 3
    assert sorted(len(some) for some in by_ref.values()) == [1, 1, copies]
    assert all(one == some[0] for some in by_ref.values() for one in some)


def test_i6_nobody_gets_a_third_copy_however_often_the_line_is_cut(town: Town) -> None:
    town.item()
    town.wire.script = [CUT] * 9
    for number in range(9):
        town.tick(TUESDAY + minutes(6 * number))
    assert [envelope.ref for envelope in town.wire.taken] == ["T2603-000001"] * 2
    assert town.message_states == ["failed"]
    assert "unreachable:wangmin" in town.open_problems


def test_i8_what_is_closed_during_the_conversation_does_not_leave(town: Town) -> None:
    occurrence = town.item()

    class Meanwhile(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            town.close(occurrence)
            return super().hand_over(envelope, marker=marker)

    wire = Meanwhile()
    assert town.tick(TUESDAY, channels={"mail": wire}).sent == 0
    assert wire.taken == []
    assert town.reminder_states == ["cancelled"]


def test_i9_a_worker_that_lost_its_lease_sends_nothing(town: Town) -> None:
    town.item()

    class Standing(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            tick(town.store, {"mail": town.wire}, town.policy, now=TUESDAY + minutes(5), alone=False)
            return super().hand_over(envelope, marker=marker)

    standing = Standing()
    tick(town.store, {"mail": standing}, town.policy, now=TUESDAY, alone=False)
    assert (len(town.wire.taken), standing.taken) == (1, [])


def test_i10_three_dispatchers_on_one_database_send_each_message_once(town: Town, store_url: str) -> None:
    people = [f"person-{number}" for number in range(24)]
    for person in people:
        town.item(person=person)
    named = policy(destinations={person: destinations("mail", person=person)[person] for person in people})
    wires, start = [Wire() for _ in range(3)], Barrier(3)

    def run(wire: Wire) -> None:
        store = open_store(store_url)
        start.wait()
        for _ in range(3):
            tick(store, {"mail": wire}, named, now=TUESDAY, alone=False)
        store.close()

    threads = [Thread(target=run, args=(wire,)) for wire in wires]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refs = [envelope.ref for wire in wires for envelope in wire.taken]
    assert len(refs) == len(set(refs)) == len(people)


@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-09", "2026-03-10"])
def test_i12_no_text_calls_a_past_day_near(town: Town, day: str) -> None:
    for number, step in enumerate(("T-3", "T-1", "T0")):
        town.item(f"第{number}件", due="2026-03-04", step=step, fire_at=at("2026-03-03"))
    town.item("还没到期的", due="2026-03-20")
    town.tick(at(day, "09:00"))
    (envelope,) = town.wire.taken
    for line in envelope.text.splitlines():
        if "3月4日" in line:
            assert not any(word in line for word in ("还剩", "即将", "今日到期", "将于"))
    assert envelope.text.count("已逾期") >= 3


def test_i12_a_text_that_waited_over_night_is_worded_anew(town: Town) -> None:
    town.item(due="2026-03-04", step="T-1")
    town.wire.script = [DOWN]
    town.tick(TUESDAY)
    town.tick(at("2026-03-05", "09:00"))
    assert "已逾期1个工作日" in town.wire.taken[0].text


@pytest.mark.parametrize("refusal", [GONE, SPAM])
@pytest.mark.parametrize("second", [True, False])
def test_i17_a_permanent_failure_leaves_a_fallback_or_a_problem_in_one_transaction(
    town: Town, refusal: Outcome, second: bool
) -> None:
    """An end right before the commit leaves neither, an end right after it leaves both."""
    town.item()
    rules = TWO if second else policy()
    for point, states in (("D8", ["leased"]), ("D9", ["failed", "pending"] if second else ["failed"])):
        town.wire.script = [refusal]
        arm(f"{point}:1:raise")
        with pytest.raises(FailpointReached):
            town.tick(TUESDAY + minutes(6 if point == "D9" else 0), policy=rules)
        arm("")
        assert town.message_states == states
        if point == "D8":
            assert town.open_problems == {}
            _bring_back(town)
    assert town.open_problems
    assert town.reminder_states == ["queued" if second else "failed"]
    assert second or "unreachable:wangmin" in town.open_problems


def _bring_back(town: Town) -> None:
    """As recovery would, had the marker not been written."""
    with town.store.write() as db:
        db.execute(update(attempts).where(attempts.c.outcome.is_(None)).values(outcome="not_sent", finished_at=TUESDAY))
        free = {"state": "pending", "phase": None, "lease_token": None, "lease_until": None}
        db.execute(update(messages).where(messages.c.state == "leased").values(**free))


@pytest.mark.parametrize("scope", list(Scope))
@pytest.mark.parametrize("verdict", [Verdict.DEFERRED, Verdict.REJECTED, Verdict.UNKNOWN])
def test_i18_no_answer_but_an_acceptance_is_recorded_as_one(town: Town, verdict: Verdict, scope: Scope) -> None:
    town.item()
    town.wire.script = [Outcome(verdict, scope, code="45009", words="errcode 45009")]
    assert town.tick(TUESDAY).sent == 0
    assert "accepted" not in town.outcomes
    assert "sent" not in {*town.message_states, *town.reminder_states}
