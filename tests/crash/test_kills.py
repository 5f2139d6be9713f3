"""Dispatchers that are ended by SIGKILL, on both databases, against a mail server that keeps count."""

from __future__ import annotations

import signal

import pytest

from tests.crash.storm import STEP, Storm

pytestmark = pytest.mark.crash

KILLS = 12


@pytest.mark.parametrize(
    ("point", "nth", "copies"),
    [
        ("B1", 1, 0),
        ("B2", 1, 0),
        ("D1", 1, 0),
        ("D2", 1, 0),
        ("D3", 1, 0),
        ("D4", 2, 0),
        ("D5", 1, 0),
        ("D5b", 1, 0),
        ("D5b", 3, 0),
        ("D5c", 2, 0),
        ("D6", 1, 1),
        ("D6", 3, 1),
        ("D7", 2, 1),
        ("D8", 1, 1),
        ("D8", 3, 1),
        ("D9", 2, 0),
    ],
)
def test_a_kill_loses_nothing_and_doubles_only_after_the_final_dot(storm: Storm, point: str, nth: int, copies: int) -> None:
    storm.add(3)
    assert storm.zygote.wait(storm.start(spec=f"{point}:{nth}:kill")) == -signal.SIGKILL
    storm.now += STEP
    storm.calm(2)
    count = storm.count()
    assert (count.lost, count.unsent, count.copies) == (0, 0, copies)


def test_kills_at_random_lose_nothing(storm: Storm) -> None:
    for _ in range(KILLS):
        storm.add()
        storm.kill_at_random()
    storm.calm(3)
    count = storm.count()
    assert (count.lost, count.unsent, count.messages) == (0, 0, storm.people)
    assert count.copies <= count.in_doubt <= count.kills
    assert count.most <= 2


@pytest.mark.parametrize("alone", [True, False])
def test_two_processes_at_once_double_nothing(storm: Storm, alone: bool) -> None:
    storm.add(30)
    both = [storm.start(alone=alone) for _ in range(2)]
    assert [storm.zygote.wait(child) for child in both] == [0, 0]
    storm.now += STEP
    storm.calm(1)
    count = storm.count()
    assert (count.lost, count.copies, count.unsent, count.messages) == (0, 0, 0, 30)
