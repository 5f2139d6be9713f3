"""Dispatchers that are ended by SIGKILL, on both databases, against a mail server that keeps count."""

from __future__ import annotations

import signal

import pytest

from tests.crash.storm import STEP, Storm

pytestmark = pytest.mark.crash

KILLS = 12


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize(
    ("point", "copies"),
    [
        ("B1", 0),
        ("B2", 0),
        ("D1", 0),
        ("D2", 0),
        ("D3", 0),
        ("D4", 0),
        ("D5", 0),
        ("D5b", 0),
        ("D5c", 0),
        ("D6", 1),
        ("D7", 1),
        ("D8", 1),
        ("D9", 0),
    ],
)
def test_a_kill_loses_nothing_and_doubles_only_after_the_final_dot(storm: Storm, point: str, copies: int, nth: int) -> None:
    storm.add(3)
    ended = storm.zygote.wait(storm.start(spec=f"{point}:{nth}:kill"))
    only_once = point in {"B1", "B2", "D5"} or (point in {"D1", "D2", "D3"} and nth == 2)
    if nth == 1 or not only_once:
        assert ended == -signal.SIGKILL
    storm.now += STEP
    storm.calm(3)
    count = storm.count()
    assert (count.lost, count.unsent) == (0, 0)
    assert count.copies == (copies if ended == -signal.SIGKILL else 0)


def test_kills_at_random_lose_nothing(storm: Storm) -> None:
    for _ in range(KILLS):
        storm.add(4)
        storm.kill_at_random(within=0.25)
    storm.calm()
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
