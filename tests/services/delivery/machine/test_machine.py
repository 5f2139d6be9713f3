"""Hypothesis plays the town: a few hundred steps each time, fifteen thousand when there is time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.delivery.machine.town_machine import TownMachine
from tests.services.delivery.machine.world import memory_store

PLAIN = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)


@pytest.fixture(autouse=True)
def ground(sqlite_template: Path) -> Iterator[None]:
    TownMachine.template = sqlite_template
    TownMachine.store = memory_store()
    yield
    TownMachine.store.close()


def test_whatever_happens_in_whatever_order_the_laws_hold() -> None:
    """Always the same lives, and no search for a shorter one when a law breaks: the time is bounded either way."""
    bounded = settings(PLAIN, max_examples=15, stateful_step_count=25, derandomize=True, phases=(Phase.generate,))
    run_state_machine_as_test(TownMachine, settings=bounded)


@pytest.mark.nightly
def test_the_laws_hold_through_three_hundred_lives_of_fifty_steps() -> None:
    run_state_machine_as_test(TownMachine, settings=settings(PLAIN, max_examples=300, stateful_step_count=50))
