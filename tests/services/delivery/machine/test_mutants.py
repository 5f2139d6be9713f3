"""The machine is tested in its turn: each planted bug must be found, within few lives of the town."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.delivery.machine.mutants import MUTANTS, Planted
from tests.services.delivery.machine.town_machine import TownMachine
from tests.services.delivery.machine.world import memory_store

SEARCH = settings(
    max_examples=60,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    phases=(Phase.generate,),  # it need not be told well, only found
    suppress_health_check=list(HealthCheck),
)
"""The same lives each time: without a planted bug they all end well, which is the first test here."""

FOUND_SOON = (
    "no_mark_that_a_reminder_is_in_a_message",
    "no_marker",
    "a_refusal_counts_as_accepted",
    "no_fallback",
    "a_crash_after_the_data_counts_as_before",
)
"""Found within ten lives, in a second or two each."""


@pytest.fixture(autouse=True)
def ground(sqlite_template: Path) -> Iterator[None]:
    TownMachine.template = sqlite_template
    TownMachine.store = memory_store()
    yield
    TownMachine.store.close()


@pytest.mark.long
def test_without_a_planted_bug_the_search_finds_nothing() -> None:
    run_state_machine_as_test(TownMachine, settings=SEARCH)


@pytest.mark.parametrize(
    "planted",
    [pytest.param(one, marks=() if one.__name__ in FOUND_SOON else pytest.mark.long, id=one.__name__) for one in MUTANTS],
)
def test_the_machine_finds_the_planted_bug(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch)
    with pytest.raises(Exception, match=r"I\d+|lost|finished|constraint"):
        run_state_machine_as_test(TownMachine, settings=SEARCH)
