from __future__ import annotations

import pytest

from planning.duty import Role
from planning.sheets import Sheet, sheet_for

PRESS = Sheet(1, frozenset({Role.OVERSEER}), "红", "催办单")
SUPERVISE = Sheet(3, frozenset({Role.OVERSEER, Role.LEADER}), "橙", "督办单")
AGAIN = Sheet(7, frozenset({Role.OVERSEER, Role.LEADER}), "红", "督办单")


@pytest.mark.parametrize(
    ("role", "days", "wanted"),
    [
        (Role.OVERSEER, 0, None),
        (Role.OVERSEER, 1, PRESS),
        (Role.OVERSEER, 2, PRESS),
        (Role.OVERSEER, 3, SUPERVISE),
        (Role.OVERSEER, 12, AGAIN),
        (Role.LEADER, 1, None),
        (Role.LEADER, 3, SUPERVISE),
        (Role.OWNER, 7, None),
    ],
)
def test_the_latest_sheet_that_has_begun_and_goes_to_the_role_is_taken(role: Role, days: int, wanted: Sheet | None) -> None:
    assert sheet_for((AGAIN, PRESS, SUPERVISE), role=role, workdays_overdue=days) == wanted


def test_an_office_without_sheets_has_none() -> None:
    assert sheet_for((), role=Role.OVERSEER, workdays_overdue=5) is None
