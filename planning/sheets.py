"""催办单 and 督办单: which letter about an overdue item goes to whom, from which workday on. Plain data of the office."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from planning.duty import Role


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of letter. Its sentences hold placeholders; ``PLACEHOLDERS`` are those that are filled."""

    from_workday: int  # workdays overdue: 1 is T+1
    to: frozenset[Role]
    lamp: str  # 黄 | 橙 | 红
    heading: str  # 催办单
    opening: str = ""
    demand: str = ""
    closing: str = ""


LAMPS = ("黄", "橙", "红")
PLACEHOLDERS = ("事项", "时限", "逾期天数", "责任单位", "责任人", "编号", "次数")


def sheet_for(sheets: Iterable[Sheet], *, role: Role, workdays_overdue: int) -> Sheet | None:
    """The latest sheet that has begun and goes to that role; None when there is none."""
    begun = [sheet for sheet in sheets if role in sheet.to and 1 <= sheet.from_workday <= workdays_overdue]
    return max(begun, key=lambda sheet: sheet.from_workday, default=None)
