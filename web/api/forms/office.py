"""The office as it goes out: units, people, the year as a calendar, and its figures."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from web.api.forms.base import Out


class UnitOut(BaseModel):
    """``parent`` is null at the top, and where the parent lies outside of what the account may see."""

    key: str
    name: str
    parent: str | None


class UnitPage(BaseModel):
    total: int
    items: list[UnitOut]


class PersonOut(BaseModel):
    """Addresses are not given out."""

    key: str
    name: str
    unit: str
    unit_name: str


class PersonPage(BaseModel):
    total: int
    items: list[PersonOut]


class CalendarDayOut(Out):
    """``mark`` is 休 (off by notice), 班 (worked by notice) or empty; ``note`` the festival or a local reason."""

    day: date
    workday: bool
    mark: str
    note: str
    due: int
    done: int
    overdue: int
    provisional: int


class CalendarMonthOut(Out):
    month: int
    theme: str
    days: list[CalendarDayOut]


class CalendarOut(Out):
    """``provisional``: there is no holiday notice for the year yet, and its workdays are those of a plain week."""

    year: int
    provisional: bool
    months: list[CalendarMonthOut]


class FiguresOut(Out):
    total: int
    due: int
    done: int
    on_time: int
    late: int
    overdue: int
    pending: int
    silent: int
    waived: int
    extended: int
    unproved: int
    unsigned: int
    provisional: int
    extension_pending: int
    stagnant: int


class NamedFigures(BaseModel):
    key: str
    name: str
    figures: FiguresOut


class OverviewOut(BaseModel):
    year: int
    as_of: date
    whole: FiguresOut
    by_kind: list[NamedFigures]
    by_unit: list[NamedFigures]
    by_month: list[FiguresOut]
