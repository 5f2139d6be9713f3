"""What the rows hold of one occurrence, as plain values for the comparison with what should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from planning.duty import Role

MOVED, CANCELLED, HANDED_OVER = "moved", "cancelled", "handed-over"
EXTENSION_ASKED, EXTENSION_DECIDED, SNOOZED = "extension-asked", "extension-decided", "snoozed"
AGAIN = "again"
"""The office sends once more what did not arrive (重发)."""

SIGN_OFF_STEPS: Mapping[str, int] = {"sign-off": 0, "sign-off+3": 3, "sign-off+7": 7, "sign-off+10": 10, "sign-off+15": 15}
"""Steps that ask for a sign-off (销号), with the workdays since the completion."""

SIGN_OFF_UP_STEPS: Mapping[str, int] = {"sign-off-up+10": 10, "sign-off-up+15": 15}
"""Steps that tell who stands above that it is still awaited."""

SENT_BACK = "sent-back"
"""The verifier returned what was reported done (退回)."""

NOTICES = frozenset(
    {MOVED, CANCELLED, HANDED_OVER, EXTENSION_ASKED, EXTENSION_DECIDED, SNOOZED, AGAIN, SENT_BACK}
    | SIGN_OFF_STEPS.keys()
    | SIGN_OFF_UP_STEPS.keys()
)
"""Steps that stand outside the ladder: they tell of a change, or come at a day that the reader chose."""

RESTING_WITH_THE_LADDER = frozenset({SNOOZED})
"""Of these steps what rests while an extension is awaited (延期待批), as the ladder does; the others are told."""

OWED = frozenset({HANDED_OVER, EXTENSION_ASKED, EXTENSION_DECIDED, SENT_BACK})
"""Notices that are still to be told when the due day moves before they were."""


def rests_meanwhile(step: str) -> bool:
    """Whether a reminder of this step is not told while an extension is awaited (延期待批)."""
    return step not in NOTICES or step in RESTING_WITH_THE_LADDER


PLANNED_LATE = "planned_late"
"""Why a step that had passed when it was planned is folded: a newer one speaks for it."""

RELEASED, PLAN_REV, SILENT = "released", "plan_rev", "silent"
DROPPING_REASONS = frozenset({RELEASED, PLAN_REV, SILENT})
"""Why a plan ends a reminder that a later plan may want again: its row stays ended, so the next one needs a new epoch."""


FIRST_HEARD = "启用日提前，此前没有提醒过"
"""What a reminder says that had passed in silence: it tells the reader why it comes so late, and ``why`` the same."""


class Stage(StrEnum):
    """How far a reminder has come, as far as a plan must know."""

    WAITING = "waiting"  # planned
    PENDING = "pending"  # in a message that nobody holds: it can still be called back
    ON_THE_WIRE = "on the wire"  # in a message being handed over, or cut off: it counts as told
    SENT = "sent"
    DROPPED = "dropped"  # ended by an earlier plan, and so missing should its step be wanted again
    ENDED = "ended"  # folded, superseded, expired, failed or closed with its occurrence


@dataclass(frozen=True, slots=True)
class HeldReminder:
    id: int
    step: str
    offset: int
    due_epoch: int
    fire_at: datetime
    say: str
    stage: Stage

    @property
    def can_be_called_back(self) -> bool:
        return self.stage in {Stage.WAITING, Stage.PENDING}


@dataclass(frozen=True, slots=True)
class HeldPart:
    """One assignment and its reminders of the epoch in force, with whatever else is still unsent."""

    id: int
    person: str
    name: str
    role: Role
    active: bool
    handed: bool  # by a human's hand over: the plan leaves it alone
    told_due_on: date | None
    reminders: tuple[HeldReminder, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """One occurrence. ``columns`` are those that the plan may edit, by their name."""

    id: int
    duty_key: str
    period: str
    state: str  # open, done, waived, withdrawn
    nominal_on: date
    planned_on: date
    due_on: date
    due_epoch: int
    extensions: int
    silent: bool
    columns: Mapping[str, Any]
    parts: tuple[HeldPart, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.state == "open"

    @property
    def is_withdrawn(self) -> bool:
        return self.state == "withdrawn"

    @property
    def moved_by_hand(self) -> bool:
        """Somebody gave it a day of its own (延期, a reopening): the plan's day no longer rules it."""
        return self.extensions > 0 or self.due_on != self.planned_on
