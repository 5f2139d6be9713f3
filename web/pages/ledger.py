"""完成台账: the list of occurrences. Every filter is in the address, so that a view can be shared and Back works."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from planning.periods import day_in_month
from reports.occurrences import STATE_WORDS, Filters, listing
from web.gate import Needs, visitor_of
from web.shell import READ, Shell
from web.words import KINDS

PAGE_SIZE = 30

_WHEN = re.compile(r"(20\d\d)(?:-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the address asks for; anything it says that we do not know counts as not said."""

    kind: str = ""
    unit: str = ""
    person: str = ""
    state: str = ""
    text: str = ""
    when: str = ""  # due in 2026, or in 2026-03
    day: str = ""  # 2026-03-05: the year page's link
    since: str = ""  # the overview's links name a span of days
    until: str = ""
    page: int = 1

    def query(self, **changes: str | int) -> str:
        """The address's query for this wish with changes; empty fields and page 1 are left out."""
        said = {name: getattr(self, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in said.items() if value not in {"", 1}})


def read_wish(query: QueryParams) -> Wish:
    page = query.get("page", "1")
    return Wish(
        kind=query.get("kind", "") if query.get("kind", "") in KINDS else "",
        unit=query.get("unit", "")[:60],
        person=query.get("person", "")[:60],
        state=query.get("state", "") if query.get("state", "") in STATE_WORDS else "",
        text=query.get("text", "").strip()[:60],
        when=query.get("when", "") if _WHEN.fullmatch(query.get("when", "")) else "",
        day=query.get("day", "") if _day(query.get("day", "")) else "",
        since=query.get("since", "") if _day(query.get("since", "")) else "",
        until=query.get("until", "") if _day(query.get("until", "")) else "",
        page=int(page) if page.isdecimal() and len(page) < len("100000") and int(page) > 0 else 1,
    )


def filters_of(wish: Wish, units: tuple[str, ...] = ()) -> Filters:
    """``units`` are those that the visitor may see; empty: all of them."""
    first, last = _between(wish)
    return Filters(
        kinds=(wish.kind,) if wish.kind else (),
        units=(wish.unit,) if wish.unit and (not units or wish.unit in units) else units,
        persons=(wish.person,) if wish.person else (),
        states=(wish.state,) if wish.state else (),
        text=wish.text,
        due_from=first,
        due_to=last,
    )


def _between(wish: Wish) -> tuple[date | None, date | None]:
    """The narrowest span of due days that the wish names."""
    if wish.day:
        only = _day(wish.day)
        return only, only
    if wish.since or wish.until:
        return _day(wish.since), _day(wish.until)
    named = _WHEN.fullmatch(wish.when)
    if named:
        year, month = int(named[1]), named[2]
        first = date(year, int(month or 1), 1)
        return first, day_in_month(year, int(month or 12), 31)
    return None, None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_ROWS))

    @pages.api_route("/list", methods=READ, dependencies=[shows])
    def ledger(request: Request) -> Response:
        wish = read_wish(request.query_params)
        app, as_of = shell.app, shell.as_of
        units = shell.units_of(visitor_of(request))
        found = listing(
            app.store,
            filters_of(wish, units),
            as_of=as_of,
            workdays=app.workdays,
            limit=PAGE_SIZE,
            offset=(wish.page - 1) * PAGE_SIZE,
        )
        return shell.page(
            request,
            "ledger.html",
            wish=wish,
            lines=found.lines,
            total=found.total,
            pages=max(1, -(-found.total // PAGE_SIZE)),
            units=[unit for unit in app.roster.units.values() if not units or unit.key in units],
            people=list(app.roster.people.values()),
            state_words=STATE_WORDS,
            years=(as_of.year - 1, as_of.year, as_of.year + 1),
        )

    return pages
