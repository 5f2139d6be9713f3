"""The demonstration's past: the township's pack, played through the real services up to now.

Nothing is written past the services: what the pages show was planned, reminded and recorded the way a real office
would have done it. Who is late, and how many people came, is drawn from the occurrence's own name, so that every
demonstration of a day looks the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from planning.deciding import able_to_sign_off
from planning.duty import Shift
from planning.workdays import Workdays
from reports.history import history
from reports.occurrences import Filters, OccurrenceLine, listing
from services.complete import complete
from services.errors import Refused
from services.plan import PlanOutcome, plan
from services.sign_off import review, sign_off
from services.tick import tick

if TYPE_CHECKING:
    from config.app import App

PLAYED_DAYS = 45
"""How many days back the reminders are really sent; what lies before was recorded afterwards (补录)."""

NEVER, LATE, LATE_DAYS = 6, 9, 6
"""Of a hundred: so many are still open, so many more were late, and by at most so many days."""

HOLIDAYS = "holiday-import"
"""The pack's duty to import next year's days off: done when the table is there, and not by a draw."""

NOTES = (
    "按计划完成，材料已归档。",
    "现场办理，参加人员已签到。",
    "结合赶场天开展，群众反响较好。",
    "已会同有关单位共同办理。",
    "",
    "",
)


def play_year(app: App, *, progress: Callable[[str, int, int], None], played_days: int = PLAYED_DAYS) -> PlanOutcome:
    """Plan as of January, record what was done since, send what the last ``played_days`` had to say.

    ``progress(what, done, total)`` is called as the work goes on.
    """
    today = app.today()
    start = datetime.combine(date(today.year, 1, 2), time(9), app.tz)
    outcome = plan(app.store, app.plan_basis(), now=start, actor="demo")
    played_from = today - timedelta(days=played_days)
    past = listing(app.store, Filters(states=("open",), due_to=today), as_of=today, workdays=app.workdays).lines
    done_on = {
        line.ref: day for line in past if (day := _done_on(line, today, since=played_from, workdays=app.workdays)) is not None
    }
    early = sorted(
        (line for line in past if line.ref in done_on and done_on[line.ref] < played_from),
        key=lambda line: _moment(app, line, done_on[line.ref]),
    )
    for number, line in enumerate(early, 1):
        _record(app, line, done_on[line.ref])
        _sign_off(app, line, done_on[line.ref])
        progress("补录今年已办的事项", number, len(early))
    _play_days(app, past, done_on, played_from, progress)
    return outcome


def _play_days(
    app: App,
    past: tuple[OccurrenceLine, ...],
    done_on: dict[str, date],
    played_from: date,
    progress: Callable[[str, int, int], None],
) -> None:
    today = app.today()
    policy = app.delivery_policy()
    policy = replace(policy, rules=replace(policy.rules, stale_after_days=(today - played_from).days))
    days = [played_from + timedelta(days=n) for n in range((today - played_from).days)]
    with app.open_channels() as channels:
        first = app.workdays.add(date(today.year, 1, 2), 1)  # what was given out with the year's plan is told at once
        tick(app.store, channels, policy, now=datetime.combine(first, time(8, 50), app.tz))
        for number, day in enumerate(days, 1):
            if app.workdays.is_workday(day):
                tick(app.store, channels, policy, now=datetime.combine(day, time(8, 50), app.tz))
            today_done = [line for line in past if done_on.get(line.ref) == day]
            for line in sorted(today_done, key=lambda line: _moment(app, line, day)):
                _record(app, line, day)
            progress("重放近几周的提醒和办理", number, len(days))


def _done_on(line: OccurrenceLine, today: date, *, since: date, workdays: Workdays) -> date | None:
    """The day somebody did it: mostly in time, sometimes late; of what fell due ``since``, now and then not yet."""
    draw = _draw(line.ref)
    if line.duty_key == HOLIDAYS and workdays.is_provisional(line.due_on.year + 1):
        return None  # anybody can see on the same pages that it was not done
    if line.due_on >= since and (line.awaiting_notice or draw % 100 < NEVER):
        return None
    if draw % 100 < NEVER + LATE:
        day = line.due_on + timedelta(days=1 + draw // 100 % LATE_DAYS)
    else:
        day = line.due_on - timedelta(days=draw // 100 % 5)
    day = workdays.roll(max(day, date(line.due_on.year, 1, 4)), Shift.FORWARD)  # nobody works on a day off
    return day if day < today else None


def _record(app: App, line: OccurrenceLine, day: date) -> None:
    draw = _draw(line.ref)
    people = app.roster.people
    doer = next((key for key, person in people.items() if person.name in line.owners), next(iter(people)))
    now = _moment(app, line, day)
    if line.standing:
        review(
            app.store,
            line.ref,
            by=doer,
            by_name=people[doer].name,
            recorded_by=doer,
            note="已复核，继续坚持。",
            via="page",
            now=now,
            done_on=day,
            workdays=app.workdays,
        )
        return
    asked = next((duty.measures for duty in app.office.calendar.duties if duty.key == line.duty_key), ())
    measures = {one.name: 1 + _draw(line.ref + one.name) % _ceiling(one.unit) for one in asked}
    try:
        complete(
            app.store,
            line.ref,
            by=doer,
            by_name=people[doer].name,
            recorded_by=doer,
            via="link",
            now=now,
            done_on=day,
            workdays=app.workdays,
            measures=measures,
            note=NOTES[draw % len(NOTES)],
            folder=app.evidence_folder,
        )
    except Refused:  # evidence that the demonstration does not have: it stays open, as it would in the office
        return


def _sign_off(app: App, line: OccurrenceLine, day: date) -> None:
    """What was done months ago has been signed off since; of the last weeks it waits, so that there is something to see."""
    seen = history(app.store, line.ref, as_of=day, workdays=app.workdays)
    if seen is None or seen.line.state != "done" or not seen.line.sign_off_needed:
        return
    able = able_to_sign_off([part for part in seen.assignments if part.active])
    doers = {one.by for one in seen.completions}
    verifier = next((part.person for part in able if part.person not in doers), None)
    if verifier is not None:
        now = _moment(app, line, app.workdays.add(day, 1))
        sign_off(app.store, line.ref, by=verifier, via="link", now=now, note="现场核查属实。")


def _moment(app: App, line: OccurrenceLine, day: date) -> datetime:
    draw = _draw(line.ref)
    return datetime.combine(day, time(10 + draw % 7, draw % 60), app.tz)


def _ceiling(unit: str) -> int:
    return {"人次": 180, "人": 60, "份": 300, "件": 12, "条": 20}.get(unit, 3)


def _draw(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6], "big")
