"""What a rule yields: one due instance of a duty in one period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Due:
    """One due instance. ``period`` names it for ever (2026-Q1, 2026-03, 整改-007); the dates may move."""

    period: str
    on: date  # the day it is due, after the shift
    nominal: date  # the rule's own day, before the shift
    starts: date | None = None  # first day of a range, week or span
    provisional: bool = False  # 暂定: a year without a holiday notice had a say
    awaiting_notice: bool = False  # the date is only expected; the reminder asks for the notice
    standing: bool = False  # a review of something that is never ticked off
    explanation: str = ""  # "原定10月1日,遇国庆节假期,顺延至10月8日"; empty when nothing moved
