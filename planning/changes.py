"""What a plan would write for one occurrence that is already there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from planning.placement import Part
from planning.stepping import Moment

Cause = Literal["plan", "holidays"]


class Ending(NamedTuple):
    """A reminder that is not to be sent any more."""

    reminder: int
    state: Literal["superseded", "cancelled"]
    reason: str


class Adjusted(NamedTuple):
    """A reminder still waiting whose moment or words changed while its due day did not."""

    reminder: int
    offset: int
    fire_at: datetime
    say: str


class NewReminder(NamedTuple):
    """A reminder for an assignment that is there (its id) or is written together with it (the part)."""

    assignment: int | Part
    moment: Moment
    due_epoch: int
    folded: str = ""  # why it is folded at once; empty when it waits


class DateMove(NamedTuple):
    from_on: date
    to_on: date
    due_epoch: int
    cause: Cause
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """One occurrence's difference. ``columns`` are set as they stand; the row's version rises with every change."""

    row: int
    ref: str
    title: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    move: DateMove | None = None
    reopened: bool = False
    withdrawn: bool = False
    released: tuple[int, ...] = ()
    revived: tuple[int, ...] = ()
    joined: tuple[Part, ...] = ()
    ended: tuple[Ending, ...] = ()
    adjusted: tuple[Adjusted, ...] = ()
    entered: tuple[NewReminder, ...] = ()
    forgotten: tuple[int, ...] = ()  # assignments that know no day any more: they were told that it is off
    told: tuple[str, ...] = ()  # names of those who get one notice
    came: tuple[Part, ...] = ()  # who answers from now on, for the first time or again
    went: tuple[Part, ...] = ()  # who no longer does
    overdue: bool = False  # its day in force has passed

    @property
    def heard(self) -> bool:
        """It leaves silence: from now on it is reminded and counts as overdue (启用日 moved back)."""
        return self.columns.get("silent") is False and not self.withdrawn

    @property
    def hushed(self) -> bool:
        """It falls silent (启用日 moved forward)."""
        return self.columns.get("silent") is True and not self.withdrawn

    @property
    def is_empty(self) -> bool:
        return not (self.columns or self.released or self.revived or self.joined or self.ended or self.adjusted or self.entered)
