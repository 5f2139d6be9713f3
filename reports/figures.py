"""The figures of a set of occurrences, with definitions that leave no room for quarrels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func

from models.occurrence import OccurrenceState, occurrences
from reports.conditions import (
    Bounds,
    is_done,
    is_extension_pending,
    is_kept,
    is_open,
    is_overdue,
    is_stagnant,
    is_unproved,
    is_unsigned,
)

_row = occurrences.c


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one year, kind, unit or month. What was withdrawn is in none of them.

    total = done + overdue + pending + silent + waived; due = done + overdue; done = on_time + late.
    """

    total: int = 0
    done: int = 0
    late: int = 0  # done, after the day in force
    overdue: int = 0
    pending: int = 0  # open, and not overdue: still in time, or waiting for its notice or for a later day (延期待批)
    silent: int = 0  # open from before the start date (启用日): neither due nor pending
    waived: int = 0
    extended: int = 0
    unproved: int = 0  # done without evidence
    unsigned: int = 0  # done, and nobody signed it off yet
    provisional: int = 0  # open on a day that a holiday notice may still move
    extension_pending: int = 0  # of those pending: somebody asked for a later day, and nobody has decided yet
    stagnant: int = 0  # of those pending: somebody was told, and nothing has happened for days

    @property
    def on_time(self) -> int:
        return self.done - self.late

    @property
    def due(self) -> int:
        """What should have been done by now, or was: the base of every rate (应完成)."""
        return self.done + self.overdue

    @property
    def on_time_rate(self) -> str:
        return rate(self.on_time, self.due)

    @property
    def done_rate(self) -> str:
        return rate(self.done, self.due)

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in COUNTED))


COUNTED = tuple(Figures.__dataclass_fields__)

STATE_OF: Mapping[str, str] = {
    "total": "",
    "due": "due",
    "done": "done",
    "on_time": "on-time",
    "late": "late",
    "overdue": "overdue",
    "pending": "pending",
    "stagnant": "stagnant",
    "extension_pending": "extension-pending",
    "silent": "silent",
    "waived": "waived",
    "extended": "extended",
    "unproved": "unproved",
    "unsigned": "unsigned",
    "provisional": "provisional",
}
"""Which of the lists' words finds exactly what a figure counts; the empty one finds all that is kept."""


def rate(part: int, whole: int) -> str:
    """86.0%; 无 when there is nothing to divide by (never 100%). Only what is complete shows as 100.0%."""
    if whole == 0:
        return "无"
    tenths = (2000 * part + whole) // (2 * whole)
    if part < whole:
        tenths = min(tenths, 999)
    return f"{tenths // 10}.{tenths % 10}%"


def counts(bounds: Bounds) -> list[ColumnElement[Any]]:
    """The columns of an aggregate query, labelled as Figures names them."""
    meanings: dict[str, ColumnElement[bool]] = {
        "total": is_kept(),
        "done": is_done(),
        "late": and_(is_done(), _row.late),
        "overdue": is_overdue(bounds.as_of),
        "silent": and_(is_open(), _row.silent),
        "waived": _row.state == OccurrenceState.WAIVED,
        "extended": and_(is_kept(), _row.extensions > 0),
        "unproved": is_unproved(),
        "unsigned": is_unsigned(),
        "provisional": and_(is_open(), _row.provisional),
        "extension_pending": is_extension_pending(),
        "stagnant": is_stagnant(bounds),
    }
    return [func.sum(case((meaning, 1), else_=0)).label(name) for name, meaning in meanings.items()]


def figures_of(row: Row[Any]) -> Figures:
    """The figures in one row of such a query."""
    found = {name: int(getattr(row, name) or 0) for name in COUNTED if name != "pending"}
    pending = found["total"] - found["done"] - found["overdue"] - found["silent"] - found["waived"]
    return Figures(**found, pending=pending)
