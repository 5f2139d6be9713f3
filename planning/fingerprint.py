"""What a duty's plan leaned on, as one short text: equal texts mean that there is nothing to reconcile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from planning.basis import PlanBasis
from planning.duty import Duty
from planning.placement import Crew

PLAN_VERSION = "p2"
"""Raised when the same files would be planned otherwise by newer code, so that every duty is looked at again."""

_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for every duty of one plan, digested once."""

    workdays: str
    rest: str

    @classmethod
    def of(cls, basis: PlanBasis) -> Setting:
        # A notice may speak of the December before, and a T-10 of January reaches into it; both neighbours count.
        touched = {near for year in basis.years for near in (year - 1, year, year + 1)}
        rest = (basis.years, basis.tz.key, basis.remind_at, basis.day_ends_at, basis.silent_before)
        return cls(workdays=basis.workdays.revision(sorted(touched)), rest=_digest(rest))


def fingerprint(duty: Duty, crews: Sequence[Crew], setting: Setting) -> str:
    """``version.duty.workdays.people-and-settings``; where the duty stands in its file does not count."""
    return ".".join((PLAN_VERSION, _digest(replace(duty, source="")), setting.workdays, _digest((setting.rest, tuple(crews)))))


def only_workdays_changed(before: str, after: str) -> bool:
    """Whether the duty is as it was and the workday tables are not: dates that move then move for the holidays."""
    old, new = before.split("."), after.split(".")
    return len(old) == len(new) and old[:2] == new[:2] and old[2] != new[2]


def _digest(value: object) -> str:
    # Frozen dataclasses, tuples and plain values print the same in every process.
    return sha256(repr(value).encode()).hexdigest()[:_LENGTH]
