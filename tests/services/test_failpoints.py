"""Points at which a test may end, stop or delay the process; nothing happens there otherwise."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services import failpoints
from services.failpoints import POINTS, FailpointReached, arm, reach, tally

ROOT = Path(failpoints.__file__).parents[1]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    arm("")


@pytest.mark.parametrize(
    "spec",
    [
        "D1",
        "D1:",
        "D1:0",
        "D1:x",
        ":1",
        "D1:1:explode",
        "D1:1:kill:3",
        "D1:1:sleep:x",
        "D1:1:raise:2:3",
        "D99:1",
        "D1:-1",
        "D1:1 ",
    ],
)
def test_a_point_that_makes_no_sense_is_refused_in_one_sentence(spec: str) -> None:
    with pytest.raises(ValueError, match="看不懂"):
        arm(spec)


def test_a_point_strikes_the_time_it_was_told_and_only_then() -> None:
    arm("D4:3:raise")
    reach("D4")
    reach("D5b")
    reach("D4")
    with pytest.raises(FailpointReached):
        reach("D4")
    reach("D4")


def test_an_empty_word_disarms() -> None:
    arm("D4:1:raise")
    arm("")
    reach("D4")


def test_a_sleep_takes_its_time_and_goes_on() -> None:
    arm("D4:1:sleep:0.05")
    began = time.monotonic()
    reach("D4")
    assert time.monotonic() - began >= 0.05


def test_a_tally_counts_and_does_nothing_else() -> None:
    counts = tally()
    for name in ("D1", "D3", "D1"):
        reach(name)
    assert counts == {"D1": 2, "D3": 1}


def test_the_program_has_every_point_that_the_list_names_and_no_other() -> None:
    """Three lie inside the mail channel, which imports no services: tests put them there."""
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("services", "models", "flows", "web", "cli")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    there = {name for source in sources for name in re.findall(r'reach(?:\(|, )"(\w+)"', source)}
    assert there == set(POINTS) - {"D5", "D6", "D11"}
