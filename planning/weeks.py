"""A weekly duty stays within its week.

Each week is its own round (周排查): the round of one week that is held in another would be counted there, and a week
would have two. So a rest day moves the day within the ISO week: first to the side that the duty's shift names, else to
the other side. A week without any workday (国庆、春节) has no round of its own: nobody is there to hold it, what stays on
duty over a holiday has a list of its own, and the next round looks back over both weeks and says so. No occurrence is
made for it, so that nothing is done twice and no period changes its name.

Source: our own choice, after how townships keep weekly rounds (每周一排查) over the long holidays; no rule of law says it.
"""

from __future__ import annotations

from datetime import date, timedelta

from planning.duty import Shift
from planning.periods import Span
from planning.rules import DateRule, Quota, Weekly
from planning.wording import day_name
from planning.workdays import Workdays

_WEEK = timedelta(days=7)


def week_of(rule: DateRule, nominal: date) -> Span | None:
    """The week in which a round must be held; None for a rule that has no round each week.

    A quota of several in each week is left alone: its parts are shorter than a week.
    """
    if not isinstance(rule, Weekly) and not (isinstance(rule, Quota) and rule.per == "week" and rule.count == 1):
        return None
    year, week, _ = nominal.isocalendar()
    monday = date.fromisocalendar(year, week, 1)
    return Span(f"{year}-W{week:02}", monday, monday + _WEEK - timedelta(days=1))


def roll_within(week: Span, nominal: date, shift: Shift, workdays: Workdays) -> date | None:
    """The workday of the week on which the round is held; None when the week has none. The shift is not ``none``."""
    before, after = workdays.last_workday(week.first, nominal), workdays.first_workday(nominal, week.last)
    return (before or after) if shift is Shift.BACKWARD else (after or before)


def left_out_before(week: Span, workdays: Workdays) -> tuple[Span, ...]:
    """The weeks without a workday right before this one, in order."""
    found: list[Span] = []
    monday = week.first - _WEEK
    while workdays.first_workday(monday, monday + _WEEK - timedelta(days=1)) is None:
        year, number, _ = monday.isocalendar()
        found.insert(0, Span(f"{year}-W{number:02}", monday, monday + _WEEK - timedelta(days=1)))
        monday -= _WEEK
    return tuple(found)


def explain_left_out(left_out: tuple[Span, ...]) -> str:
    """Why this round is for more than its own week: 2月16日至2月22日全是假日，那一周不另办，并入这一次."""
    if not left_out:
        return ""
    first, last = left_out[0].first, left_out[-1].last
    span = f"{day_name(first)}至{day_name(last, with_year=first.year != last.year)}"
    which = "那一周" if len(left_out) == 1 else f"那{len(left_out)}周"
    return f"{span}全是假日，{which}不另办，并入这一次"
