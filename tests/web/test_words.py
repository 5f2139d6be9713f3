"""Codes as people say them."""

from __future__ import annotations

import pytest

from web.words import period_words


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2026", "2026年"),
        ("2026-03", "2026年3月"),
        ("2026-Q2", "2026年第二季度"),
        ("2026-H1-2", "2026年上半年第2次"),
        ("2026-W47.changkou", "2026年第47周"),
        ("2026-W07", "2026年第7周"),
        ("2026-10-M2", "2026年10月第2次"),
        ("2026-R3", "2026年第3次"),
        ("2026-2", "2026年第2次"),
        ("once", ""),
        ("整改-007", "整改-007"),
        ("渝曹罚-1", "渝曹罚-1"),
        ("临时-2026-001", "临时-2026-001"),
        ("2026-13", "2026年第13次"),
    ],
)
def test_a_period_is_said_and_a_name_of_the_offices_own_stays(period: str, said: str) -> None:
    assert period_words(period) == said
