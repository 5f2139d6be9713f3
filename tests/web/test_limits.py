from __future__ import annotations

from web.limits import Pace


def test_a_link_may_be_opened_so_often_a_minute_and_then_again_in_the_next() -> None:
    pace = Pace(3, 60)
    assert [pace.allows("wang", at=second) for second in (0.0, 1.0, 2.0, 3.0)] == [True, True, True, False]
    assert pace.allows("wang", at=60.5)
    assert not pace.allows("wang", at=60.6)


def test_one_visitors_haste_is_not_anothers() -> None:
    pace = Pace(1, 60)
    assert pace.allows("wang", at=0)
    assert pace.allows("chen", at=0)
    assert not pace.could("wang", at=1)


def test_the_memory_of_visitors_is_bounded() -> None:
    pace = Pace(1, 60, keys=10)
    for visitor in range(1000):
        pace.allows(str(visitor), at=0)
    assert len(pace._seen) <= 10
