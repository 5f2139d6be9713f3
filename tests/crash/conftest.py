from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.crash.storm import Storm, Zygote, hatching
from tests.crash.storm import storm as storm_over


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    with hatching() as running:
        yield running


@pytest.fixture
def storm(store_url: str, zygote: Zygote) -> Iterator[Storm]:
    with storm_over(store_url, zygote) as running:
        yield running
