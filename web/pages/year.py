"""年历: twelve months with 休/班 marks, each month's theme and what is due on each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from planning.wording import day_name, weekday_name
from reports.year import DayCell, MonthCells, year_calendar
from web.charts import shade
from web.gate import Needs, visitor_of
from web.shell import READ, Shell
from web.typed import typed_number

_EARLIEST, _LATEST = 2000, 2100
_SHADES = 3
_WEEK = 7
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class YearDay:
    on: date
    due: int
    shade: int  # 1-3 when something is due
    overdue: bool
    mark: str  # 休, 班 or empty
    words: str


@dataclass(frozen=True, slots=True)
class YearMonth:
    number: int
    theme: str
    weeks: tuple[tuple[YearDay | None, ...], ...]  # from Monday; None outside the month


def asked_year(text: str, as_of: date) -> int:
    """The year in an address; this year when it names none that makes sense."""
    year = int(text) if text.isdecimal() and len(text) == len("2026") else as_of.year
    return year if _EARLIEST <= year <= _LATEST else as_of.year


def years_around(as_of: date) -> tuple[int, int, int]:
    return (as_of.year - 1, as_of.year, as_of.year + 1)


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_FIGURES))

    @pages.api_route("/year", methods=READ, dependencies=[shows])
    def this_year() -> Response:
        return RedirectResponse(f"/year/{shell.as_of.year}", 303)

    @pages.api_route("/year/{year}", methods=READ, dependencies=[shows])
    def show(request: Request, year: str) -> Response:
        as_of = shell.as_of
        wanted = typed_number(year)
        if asked_year(year, as_of) != wanted:
            raise HTTPException(_NOT_FOUND)
        units = shell.units_of(visitor_of(request))
        seen = year_calendar(shell.app.store, wanted, as_of=as_of, workdays=shell.app.workdays, units_only=units)
        months = [YearMonth(month.month, month.theme, tuple(_weeks(month, seen.busiest))) for month in seen.months]
        return shell.page(
            request, "year.html", year=seen.year, years=years_around(as_of), provisional=seen.provisional, months=months
        )

    return pages


def _weeks(month: MonthCells, busiest: int) -> Iterator[tuple[YearDay | None, ...]]:
    cells: list[YearDay | None] = [None] * month.days[0].day.weekday()
    cells += [_day(cell, busiest) for cell in month.days]
    cells += [None] * (-len(cells) % _WEEK)
    for start in range(0, len(cells), _WEEK):
        yield tuple(cells[start : start + _WEEK])


def _day(cell: DayCell, busiest: int) -> YearDay:
    said = [day_name(cell.day) + weekday_name(cell.day)]
    if cell.mark:
        said.append(f"{cell.note}{'放假' if cell.mark == '休' else '调休上班'}")
    if cell.due:
        said.append(f"到期{cell.due}项，已办结{cell.done}项")
    if cell.overdue:
        said.append(f"逾期{cell.overdue}项")
    if cell.provisional:
        said.append("日期暂定")
    return YearDay(cell.day, cell.due, shade(cell.due, busiest, _SHADES), cell.overdue > 0, cell.mark, "，".join(said))
