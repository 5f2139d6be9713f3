"""Every failpoint on both databases: a worker is killed there, another takes over, nothing is lost or done twice.

``python -m benchmarks.faults`` does the same for the first, the fifth and the last time that each point is reached.
"""

from __future__ import annotations

import pytest

from services.failpoints import POINTS as NAMED
from tests.crash.matrix import POINTS, Bench, Case, Left

pytestmark = pytest.mark.crash

NTH = {"G1": 1, "G2": 12, "G3": 1, "P4": 1}
"""The second time everywhere, but where it comes once; the twelfth statement is in the middle of the migration."""

WORKS = [(work, point) for work, points in POINTS.items() for point in points]


@pytest.mark.parametrize(("work", "point"), WORKS, ids=[point for _, point in WORKS])
def test_a_kill_at_any_point_loses_nothing_and_doubles_only_after_the_final_dot(bench: Bench, work: str, point: str) -> None:
    case = Case(work, point, NTH.get(point, 2))
    assert bench.run(case) == Left(lost=0, copies=case.copies)


def test_the_matrix_knows_every_point() -> None:
    assert {point for _, point in WORKS} == set(NAMED)
