"""What a program may read of the office: its units, people and duties, the year as a calendar, and the year's figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from planning.access import Action
from planning.roster import Person
from planning.rule_sentences import rule_sentence
from reports.duties import duty_facts
from reports.overview import overview
from reports.year import year_calendar
from web.api.forms.base import plain
from web.api.forms.duties import DutyFactsOut, DutyOut, DutyPage
from web.api.forms.office import (
    CalendarOut,
    FiguresOut,
    NamedFigures,
    OverviewOut,
    PersonOut,
    PersonPage,
    UnitOut,
    UnitPage,
)
from web.api.gate import listen
from web.gate import visitor_of
from web.party_choice import people_within, units_within
from web.shell import Shell
from web.words import KINDS

Year = Annotated[int | None, Query(ge=2000, le=2100)]


@dataclass(frozen=True)
class OfficeReads:
    shell: Shell

    def units(self, request: Request) -> UnitPage:
        """Those that the account may see, in official order."""
        found = units_within(self.shell.app.roster, self._seen(request))
        keys = {one.key for one in found}
        items = [UnitOut(key=one.key, name=one.name, parent=one.parent if one.parent in keys else None) for one in found]
        return UnitPage(total=len(items), items=items)

    def people(self, request: Request) -> PersonPage:
        """Whoever has a post in a unit that the account may see, in official order."""
        seen = self._seen(request)
        items = [self._person(one, seen) for one in people_within(self.shell.app.roster, seen)]
        return PersonPage(total=len(items), items=items)

    def duties(self, request: Request) -> DutyPage:
        """The duties of which the account may see occurrences, in the order of the files."""
        found = duty_facts(self.shell.app.store, as_of=self.shell.as_of, units_only=self._seen(request))
        rules = {one.key: rule_sentence(one.rule, one.shift) for one in self.shell.app.office.calendar.duties}
        items = [
            DutyOut(**DutyFactsOut.model_validate(one).model_dump(), rule=rules.get(one.key, ""), next_due_on=due_on)
            for one, due_on in found
        ]
        return DutyPage(total=len(items), items=items)

    def calendar(self, request: Request, year: Year = None) -> CalendarOut:
        """Every day of the year: a workday or not, and how much of what the account may see is due."""
        app, as_of = self.shell.app, self.shell.as_of
        wanted, seen = year or as_of.year, self._seen(request)
        found = year_calendar(app.store, wanted, as_of=as_of, workdays=app.workdays, units_only=seen, memo=self.shell.memo)
        return CalendarOut.model_validate(found)

    def figures(self, request: Request, year: Year = None) -> OverviewOut:
        """One year as the overview shows it; units in official order."""
        app, as_of = self.shell.app, self.shell.as_of
        seen = overview(
            app.store,
            year or as_of.year,
            as_of=as_of,
            workdays=app.workdays,
            units_only=self._seen(request),
            listed=1,
            tz=app.tz,
            memo=self.shell.memo,
        )
        return OverviewOut(
            year=seen.year,
            as_of=seen.as_of,
            whole=FiguresOut.model_validate(seen.whole),
            by_kind=[_named(key, KINDS[key], found) for key, found in seen.by_kind.items()],
            by_unit=[_named(unit.unit or "", unit.name, unit.figures) for unit in seen.by_unit],
            by_month=plain(FiguresOut, seen.by_month),
        )

    def _seen(self, request: Request) -> tuple[str, ...]:
        return self.shell.units_of(visitor_of(request))

    def _person(self, person: Person, seen: tuple[str, ...]) -> PersonOut:
        """Of the posts of somebody who holds several, the first that the account may see."""
        key = next(post.unit for post in person.posts if not seen or post.unit in seen)
        unit = self.shell.app.roster.units.get(key)
        return PersonOut(key=person.key, name=person.name, unit=key, unit_name=unit.name if unit else key)


def router(shell: Shell) -> APIRouter:
    calls, reads = APIRouter(tags=["read"]), OfficeReads(shell)
    listen(
        calls,
        shell,
        "GET",
        {
            "/units": (reads.units, Action.SEE_ROWS),
            "/people": (reads.people, Action.SEE_ROWS),
            "/duties": (reads.duties, Action.SEE_ROWS),
            "/calendar": (reads.calendar, Action.SEE_FIGURES),
            "/figures": (reads.figures, Action.SEE_FIGURES),
        },
    )
    return calls


def _named(key: str, name: str, figures: object) -> NamedFigures:
    return NamedFigures(key=key, name=name, figures=FiguresOut.model_validate(figures))
