"""Dispatchers that are ended by SIGKILL, on both databases, against a mail server that keeps count."""

from __future__ import annotations

import pytest

from tests.crash.storm import Storm
from tests.crash.works import STEP

pytestmark = pytest.mark.crash

KILLS = 8


def test_kills_at_random_lose_nothing(storm: Storm) -> None:
    for _ in range(KILLS):
        storm.add()
        storm.kill_at_random()
    storm.calm(3)
    count = storm.count()
    assert (count.lost, count.unsent) == (0, 0)
    # Whom two kills hit in the middle of his mail is written to at his next address: that is one message more.
    assert storm.people <= count.messages <= storm.people + count.in_doubt // 2
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
