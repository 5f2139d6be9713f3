"""A duty becomes dates: which day each of its periods is due, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from planning.candidates import Candidate, candidates
from planning.due import Due
from planning.duty import Duty, Shift
from planning.periods import ONCE, Span
from planning.roster import Unit
from planning.rules import Quota, Standing
from planning.weeks import explain_left_out, left_out_before, roll_within, week_of
from planning.workdays import Workdays, explain_shift


def dues(duty: Duty, *, years: Iterable[int], workdays: Workdays, units: Sequence[Unit] = ()) -> list[Due]:
    """Every due instance of the duty whose period belongs to one of the years, in order of years.

    ``units`` matters to a duty with ``for_each``: each unit of that kind gets its own (2026-03.huilong), in the order
    given. A period's name stays when its date moves, be it over the end of a month or year.
    Raises ValueError with a Chinese sentence when the rule itself is impossible (an RRULE, a solar term's name).
    """
    wanted = [year for year in sorted(set(years)) if _serves(duty, year)]
    suffixes = _suffixes(duty, units)
    shift = _shift(duty)
    standing = duty.standing or isinstance(duty.rule, Standing)
    found: list[Due] = []
    for candidate in candidates(duty.rule, wanted, workdays):
        nominal = candidate.nominal
        week = None if shift is Shift.NONE else week_of(duty.rule, nominal)
        on = workdays.roll(nominal, shift) if week is None else roll_within(week, nominal, shift, workdays)
        if on is None:
            continue  # a week that is all holiday: the next one's round is for both (planning.weeks)
        provisional = _is_provisional(candidate, on, workdays)
        left_out = () if week is None else _left_out(duty, week, workdays)
        reasons = ("" if on == nominal else explain_shift(nominal, on, workdays), explain_left_out(left_out))
        explanation = "；".join(reason for reason in reasons if reason)
        name = duty.period_key or ONCE if candidate.period == ONCE else candidate.period
        found.extend(
            Due(name + suffix, on, nominal, candidate.starts, provisional, candidate.awaiting_notice, standing, explanation)
            for suffix in suffixes
        )
    return found


def _left_out(duty: Duty, week: Span, workdays: Workdays) -> tuple[Span, ...]:
    """Weeks that this round looks back on, as far as the duty was there already."""
    return tuple(one for one in left_out_before(week, workdays) if _serves(duty, int(one.period.partition("-")[0])))


def _serves(duty: Duty, year: int) -> bool:
    return (duty.from_year is None or duty.from_year <= year) and (duty.until_year is None or year <= duty.until_year)


def _suffixes(duty: Duty, units: Sequence[Unit]) -> tuple[str, ...]:
    if duty.for_each is None:
        return ("",)
    return tuple(f".{unit.key}" for unit in units if unit.kind == duty.for_each)


def _shift(duty: Duty) -> Shift:
    # "At least k in each span" has no day of its own that could stay on a rest day, should the span be all holiday.
    return Shift.BACKWARD if duty.shift is Shift.NONE and isinstance(duty.rule, Quota) else duty.shift


def _is_provisional(candidate: Candidate, on: date, workdays: Workdays) -> bool:
    """暂定 when any year between the day counted from, the rule's day and the due day has no table.

    A day that does not shift is provisional as well in such a year, for its reminders count workdays.
    """
    if workdays.touches_provisional(candidate.nominal, on):
        return True
    return candidate.counted_from is not None and workdays.touches_provisional(candidate.counted_from, on)
