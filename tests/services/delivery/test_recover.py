"""Each named point at which the process may end: nothing is lost, and a copy is possible only after the final dot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import insert, update

from models.message import attempts, messages
from notifications.envelope import Envelope, Marker, Outcome
from services.failpoints import FailpointReached, arm, reach
from services.tick import tick
from tests.services.delivery.town import SPAM, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    arm("")


def later(town: Town, count: int = 4, **more: object) -> None:
    """The ticks of the next half hour, past every lease."""
    for number in range(1, count + 1):
        town.tick(TUESDAY + minutes(6 * number), **more)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("point", "copies"),
    [("B1", 0), ("B2", 0), ("D1", 0), ("D2", 0), ("D3", 0), ("D4", 0), ("D5b", 0), ("D5c", 0), ("D7", 1), ("D8", 1), ("D9", 0)],
)
def test_an_end_at_any_point_loses_nothing(town: Town, point: str, copies: int, nth: int) -> None:
    for person in ("wangmin", "chenxia", "liguoqiang"):
        town.item(person=person)
    arm(f"{point}:{nth}:raise")
    reached = False
    try:
        town.tick(TUESDAY)
    except FailpointReached:
        reached = True
    assert reached == (nth == 1 or point not in {"B1", "B2"})
    arm("")
    later(town)
    refs = [envelope.ref for envelope in town.wire.taken]
    assert len(set(refs)) == 3
    assert len(refs) - 3 == (copies if reached else 0)
    assert town.reminder_states == ["sent"] * 3
    assert town.message_states == ["sent"] * 3
    assert None not in town.outcomes


def test_an_end_while_passing_to_the_next_destination_loses_nothing(town: Town) -> None:
    town.item()
    town.wire.script = [SPAM, SPAM]
    wecom = Wire("wecom")
    more = {"policy": policy(destinations=destinations("mail", "wecom")), "channels": {"wecom": wecom}}
    arm("D8:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY, **more)
    arm("")
    later(town, **more)
    assert len(wecom.taken) == 1
    assert town.reminder_states == ["sent"]


def test_an_end_while_recovering_loses_nothing(town: Town) -> None:
    town.item()
    arm("D7:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY)
    arm("D12:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY + minutes(6))
    arm("")
    later(town)
    assert len(town.wire.taken) == 2
    assert town.reminder_states == ["sent"]


def test_a_message_that_ends_its_sender_three_times_is_put_aside(town: Town) -> None:
    town.item()
    town.item(person="liguoqiang")

    class Killed(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            if envelope.name == "李国强":
                raise FailpointReached
            return super().hand_over(envelope, marker=marker)

    killed = Killed()
    for number in range(3):
        with pytest.raises(FailpointReached):
            town.tick(TUESDAY + minutes(6 * number), channels={"mail": killed})
    outcome = town.tick(TUESDAY + minutes(30), channels={"mail": killed})
    states = {row.person: (row.state, row.crashes) for row in town.rows(messages)}
    assert states == {"liguoqiang": ("dead", 3), "wangmin": ("sent", 0)}
    assert any("无法发出" in sentence for sentence in outcome.problems)
    assert any(key.startswith("dead:") for key in town.open_problems)
    assert sorted(town.reminder_states) == ["failed", "sent"]


def test_messages_claimed_with_the_one_in_hand_are_no_suspects(town: Town) -> None:
    for person in ("wangmin", "chenxia", "liguoqiang"):
        town.item(person=person)
    arm("D4:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY)
    arm("D3:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY + minutes(6))
    assert sorted(row.crashes for row in town.rows(messages)) == [0, 0, 1]
    arm("")
    later(town, 2)
    assert town.message_states == ["sent"] * 3
    assert sorted(row.tries for row in town.rows(messages)) == [1, 1, 2]


def test_a_lease_that_has_not_run_out_is_left_alone_without_the_lock(town: Town) -> None:
    town.item()
    arm("D4:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY)
    arm("")
    assert town.tick(TUESDAY + minutes(1), alone=False).recovered == 0
    assert town.tick(TUESDAY + minutes(3), alone=False).recovered == 1


def test_with_the_file_lock_a_dead_dispatchers_leases_come_back_at_once(town: Town) -> None:
    if town.store.dialect != "sqlite":
        return  # PostgreSQL may have senders on other machines: there a lease must run out
    town.item()
    arm("D4:1:raise")
    with pytest.raises(FailpointReached):
        town.tick(TUESDAY)
    arm("")
    outcome = town.tick(TUESDAY)
    assert (outcome.recovered, outcome.sent) == (1, 1)


def test_a_stopped_dispatcher_whose_lease_was_taken_sends_nothing(town: Town) -> None:
    """It stands still before the marker; another recovers its lease and sends; then it goes on."""
    town.item()

    class Standing(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            tick(town.store, {"mail": town.wire}, town.policy, now=TUESDAY + minutes(5), alone=False)
            return super().hand_over(envelope, marker=marker)

    standing = Standing()
    tick(town.store, {"mail": standing}, town.policy, now=TUESDAY, alone=False)
    assert len(town.wire.taken) == 1
    assert standing.taken == []
    assert town.outcomes == ["not_sent", "accepted"]


@pytest.mark.parametrize("spec", ["D1", "D1:", "D1:0", "D1:x", ":1", "D1:1:explode"])
def test_a_failpoint_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(ValueError, match=r"看不懂|not a valid"):
        arm(spec)


def test_an_unarmed_point_does_nothing() -> None:
    reach("D1")


def test_an_attempt_keeps_its_first_ending(town: Town) -> None:
    town.item()
    town.tick(TUESDAY)
    with pytest.raises(Exception, match="attempt"), town.store.write() as db:
        db.execute(update(attempts).values(outcome="rejected"))
    with town.store.write() as db:
        row = {"message_id": 1, "n": 9, "token": "t", "started_at": TUESDAY, "code": "", "detail": ""}
        db.execute(insert(attempts), row)
