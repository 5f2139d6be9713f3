"""The steps of a ladder at one due day: when each speaks to a role, and which of them come too late to speak at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from planning.basis import PlanBasis
from planning.duty import Duty, Role
from planning.escalation import hears
from planning.ladder import moments

AT_ASSIGNMENT = -9999
"""The offset of ``assigned``: before every step that counts from the due day."""


class Moment(NamedTuple):
    """One step for one role at one due day."""

    step: str
    offset: int  # workdays from the due day
    fire_at: datetime  # aware, UTC
    say: str


class Entry(NamedTuple):
    """A reminder to be written: it waits for its moment, or is folded because a newer one speaks for it."""

    moment: Moment
    folded: bool


class Agenda:
    """The moments of one duty, counted once for each due day and role. ``now`` is the moment of assignment."""

    def __init__(self, duty: Duty, basis: PlanBasis, *, now: datetime) -> None:
        self._duty = duty
        self._basis = basis
        self._now = now
        self._moments: dict[tuple[date, Role, frozenset[Role]], tuple[Moment, ...]] = {}
        self._entries: dict[tuple[date, Role, frozenset[Role]], tuple[Entry, ...]] = {}

    def moments(self, due_on: date, role: Role, present: frozenset[Role]) -> tuple[Moment, ...]:
        """The steps that the role hears, in the order of the ladder; ``present`` are the roles that somebody holds."""
        if (due_on, role, present) not in self._moments:
            self._count_out(due_on, present)
        return self._moments[due_on, role, present]

    def entries(self, due_on: date, role: Role, present: frozenset[Role]) -> tuple[Entry, ...]:
        """The role's reminders when it enters the occurrence now: of the steps already past the newest speaks."""
        known = self._entries.get((due_on, role, present))
        if known is None:
            known = enter(self.moments(due_on, role, present), now=self._now, newest_speaks=True)
            self._entries[due_on, role, present] = known
        return known

    def _count_out(self, due_on: date, present: frozenset[Role]) -> None:
        basis = self._basis
        dated = moments(
            self._duty.ladder, due_on, workdays=basis.workdays, remind_at=basis.remind_at, tz=basis.tz, assigned_at=self._now
        )
        for role in Role:
            self._moments[due_on, role, present] = tuple(
                Moment(step.name, AT_ASSIGNMENT if step.offset is None else step.offset, fire_at, step.say)
                for step, fire_at in dated
                if hears(step.audience, role, present)
            )


def enter(wanted: Sequence[Moment], *, now: datetime, newest_speaks: bool) -> tuple[Entry, ...]:
    """Future steps wait; past ones are folded, but for the newest when ``newest_speaks``."""
    past = [moment for moment in wanted if moment.fire_at <= now]
    newest = max(past, key=_age) if past and newest_speaks else None
    return tuple(Entry(moment, folded=moment.fire_at <= now and moment is not newest) for moment in wanted)


def _age(moment: Moment) -> tuple[datetime, int]:
    return moment.fire_at, moment.offset
