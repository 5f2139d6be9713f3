from __future__ import annotations

import pytest

from models.store import Store
from tests.services.delivery.town import Town


@pytest.fixture
def town(store: Store) -> Town:
    return Town(store)
