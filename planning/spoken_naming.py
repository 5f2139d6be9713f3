"""What a spoken word for a day stands for, before 前 and the workday table have their say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time
from enum import Enum, IntEnum
from typing import NamedTuple

from planning.workdays import Workdays

YEAR_MONTHS = 12


class Shape(Enum):
    """How the day behaves."""

    DAY = "day"  # stays where it is named; 前 excludes it
    END = "end"  # the end of a span: 前 includes it, and it goes back to the span's last workday
    WORKDAYS = "workdays"  # counted by the table: always a workday
    COUNTED = "counted"  # counted in natural days: goes on to the next workday only when asked


class Precision(IntEnum):
    """Of two names of one day (周五（11月20日）) the more precise one counts."""

    WEEKDAY = 0
    DAY_OF_MONTH = 1
    RELATIVE = 2
    DATE = 3


class Naming(NamedTuple):
    """A day, as one word names it."""

    day: date
    shape: Shape = Shape.DAY
    precision: Precision = Precision.RELATIVE
    said: str = ""  # what was assumed, in Chinese
    moved: str = ""  # what to say instead of 原定…提前至… when the span's end goes back
    vague: bool = False  # too little to be a deadline inside a longer text
    part: str = ""  # 今晚: 晚
    at: time | None = None  # 48小时内 ends at an hour


@dataclass(frozen=True, slots=True)
class Scene:
    """When the words are read, and by which table."""

    on: date
    at: time | None
    workdays: Workdays
    roll_forward: bool


def shift_months(day: date, months: int) -> tuple[int, int]:
    """Year and month some months after the day's."""
    index = day.year * YEAR_MONTHS + day.month - 1 + months
    return index // YEAR_MONTHS, index % YEAR_MONTHS + 1


def clauses(said: Iterable[str]) -> str:
    """One explanation of several, each clause once."""
    return "；".join(dict.fromkeys(clause for part in said for clause in part.split("；") if clause))


def provisional(year: int) -> str:
    return f"{year}年的放假通知还没有录入，这一天是暂定的"
