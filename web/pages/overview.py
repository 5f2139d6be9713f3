"""总览: the leaders' one screen. Figures, what is overdue with names, what comes next."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from reports.figures import Figures
from reports.log import head
from reports.occurrences import NO_UNIT
from reports.overview import Overview, overview
from reports.plans import last_plan
from reports.year import YearCalendar, year_calendar
from web.charts import Strip, columns, strip
from web.figure_links import Sums, sums_of
from web.gate import Needs, visitor_of
from web.list_address import OWN, Wish
from web.list_chips import unit_words
from web.pages.year import asked_year, years_around
from web.shell import READ, Shell
from web.words import KINDS

LISTED = 10


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_FIGURES))

    @pages.api_route("/", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        app, as_of = shell.app, shell.as_of
        year = asked_year(request.query_params.get("year", ""), as_of)
        units = shell.units_of(visitor_of(request))
        seen = overview(
            app.store,
            year,
            as_of=as_of,
            workdays=app.workdays,
            units_only=units,
            listed=LISTED,
            tz=app.tz,
            memo=shell.memo,
        )
        calendar = year_calendar(app.store, year, as_of=as_of, workdays=app.workdays, units_only=units, memo=shell.memo)
        return shell.page(
            request,
            "overview.html",
            seen=seen,
            years=years_around(as_of),
            notes=notes(shell, calendar),
            whole=sums_of(str(year), seen.whole, Wish(when=str(year))),
            kinds=kinds(seen),
            units=by_unit(shell, seen),
            months=months(seen),
            columns=columns([_stack(month) for month in seen.by_month]),
            strips=halves(calendar),
            newest=head(app.store),
        )

    return pages


def kinds(seen: Overview) -> list[Sums]:
    return [sums_of(KINDS[key], one, Wish(when=str(seen.year), kind=key)) for key, one in seen.by_kind.items()]


def by_unit(shell: Shell, seen: Overview) -> list[Sums]:
    """Each unit's own: what is below it stands in lines of its own."""
    roster, found = shell.app.roster, []
    with_others_below = {one.parent for one in roster.units.values()}
    for one in seen.by_unit:
        key = one.unit or NO_UNIT
        unit = key + OWN if key in with_others_below else key
        name = unit_words(unit, roster) if unit != key else one.name
        found.append(sums_of(name, one.figures, Wish(when=str(seen.year), unit=unit)))
    return found


def months(seen: Overview) -> list[Sums]:
    return [sums_of(f"{month}月", one, Wish(when=f"{seen.year}-{month:02}")) for month, one in enumerate(seen.by_month, start=1)]


def notes(shell: Shell, calendar: YearCalendar) -> list[str]:
    """What the figures lean on: a plan that is not whole, a provisional year. Other problems are a line on every page."""
    said = []
    plan = last_plan(shell.app.store)
    if plan is None:
        said.append("还没有排定计划。请管理员运行 suishi plan。")
    elif plan.degraded:
        said.append(f"有事项没有读懂，其余照常排定：{'；'.join(plan.problems[:3])}")
    if calendar.provisional:
        said.append(f"{calendar.year} 年放假安排的通知尚未公布，该年日期均为暂定。")
    return said


def halves(calendar: YearCalendar) -> tuple[Strip, Strip]:
    """The heat strip in two halves, so that a day is large enough to press on a phone."""
    days = [day for month in calendar.months for day in month.days]
    counts = {day.day: day.due for day in days}
    overdue = frozenset(day.day for day in days if day.overdue)
    return strip(calendar.year, 1, 6, counts, overdue), strip(calendar.year, 7, 12, counts, overdue)


def _stack(month: Figures) -> dict[str, int]:
    return {
        "done": month.on_time,
        "late": month.late,
        "overdue": month.overdue,
        "open": month.pending,
        "waived": month.waived,
        "silent": month.silent,
    }
