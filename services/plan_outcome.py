"""What a plan answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.plan_updates import Update


@dataclass(frozen=True, slots=True)
class Move:
    """One due day that moved."""

    ref: str
    title: str
    from_on: date
    to_on: date
    reason: str
    told: tuple[str, ...]  # names of the people who will get one notice


@dataclass(frozen=True, slots=True)
class PlanOutcome:
    added: int  # new occurrences, and withdrawn ones that came back
    moved: tuple[Move, ...]
    withdrawn: tuple[str, ...]  # references
    updated: int  # other edits: title, people, ladder
    unchanged: int
    notices: int  # of a moved day or a withdrawal, that will go out
    by_kind: Mapping[str, int]  # open occurrences per kind after the plan
    provisional: int  # open occurrences whose day is 暂定
    gone: tuple[str, ...]  # duties no longer in the files; kept unless retired
    degraded: bool  # some duty could not be read or planned; the rest was
    problems: tuple[str, ...]  # whole Chinese sentences
    dry_run: bool
    many: bool  # more moves and goes than anybody changes on purpose: writing it takes yes_many
    heard: int = 0  # leave silence: they are reminded from now on (启用日 moved back)
    heard_overdue: int = 0  # of these, whose day has passed
    hushed: int = 0  # fall silent
    updates: tuple[Update, ...] = ()  # what is changed besides dates, by kind

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.moved or self.withdrawn or self.updated)
