from __future__ import annotations

import pytest

from models.store import Store
from tests.services.delivery.machine.world import World


@pytest.fixture
def world(store: Store) -> World:
    """The machine's town, played by hand: real plans, acts and ticks, and providers that keep account. Monday, 09:00."""
    return World(store)
