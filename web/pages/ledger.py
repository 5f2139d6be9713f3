"""完成台账: the list of occurrences, and the same list as a file."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from planning.roster import Person, Unit
from reports import ledger_csv, spreadsheet
from reports.log import head
from reports.occurrences import STATE_WORDS, Filters, listing
from web.gate import Needs, visitor_of
from web.list_address import BY_UNIT, OWN, Wish, filters_of, read_wish, spans_of, unheeded
from web.list_chips import FILTER_NAMES, chips_of, has_below, in_words, unit_words
from web.party_choice import people_within, units_within
from web.shell import READ, Shell
from web.table_files import file_answer
from web.words import span_name

TITLE = "完成台账"
PAGE_SIZE = 30
ON_ONE_PAGE = 1_000
"""Lines of a list that is asked for as a whole, for printing."""

_SEE_OTHER, _REFUSED = 303, 400

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the form offers; what the address names and nobody offers is among them, or the form would lose it."""

    units: list[Option]
    people: list[Option]
    spans: list[tuple[str, list[Option]]]  # by year


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_ROWS))

    @pages.api_route("/list", methods=READ, dependencies=[shows])
    def ledger(request: Request) -> Response:
        if "" in request.query_params.values():  # a form sends its empty fields too: what is shared should be short
            query = _asked(shell, request)[0].query()
            return RedirectResponse(f"/list?{query}" if query else "/list", _SEE_OTHER)
        return show(shell, request)

    @pages.api_route("/list.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        """The list as it is filtered, and no row that the list would not show."""
        app = shell.app
        wish, filters = _asked(shell, request)
        try:
            content = spreadsheet.export_xlsx(
                app.store,
                filters,
                as_of=shell.as_of,
                workdays=app.workdays,
                tz=app.tz,
                title=TITLE,
                filters_words=in_words(wish, app.roster),
                office=app.settings.office,
            )
        except ValueError as error:  # more lines than a file holds
            return show(shell, request, refusal=str(error))
        return _file(shell, content, spreadsheet.MEDIA_TYPE, "xlsx")

    @pages.api_route("/list.csv", methods=READ, dependencies=[shows])
    def values(request: Request) -> Response:
        app = shell.app
        _, filters = _asked(shell, request)
        try:
            content = ledger_csv.export_csv(app.store, filters, as_of=shell.as_of, workdays=app.workdays, tz=app.tz)
        except ValueError as error:
            return show(shell, request, refusal=str(error))
        return _file(shell, content, ledger_csv.MEDIA_TYPE, "csv")

    return pages


def _asked(shell: Shell, request: Request) -> tuple[Wish, Filters]:
    roster = shell.app.roster
    seen = shell.units_of(visitor_of(request))
    wish = read_wish(request.query_params, roster, seen)
    return wish, filters_of(wish, roster, seen)


def _file(shell: Shell, content: bytes, media_type: str, suffix: str) -> Response:
    return file_answer(content, media_type, title=TITLE, plain="ledger", as_of=shell.as_of, suffix=suffix)


def show(shell: Shell, request: Request, *, refusal: str = "") -> Response:
    app, as_of = shell.app, shell.as_of
    seen = shell.units_of(visitor_of(request))
    wish, filters = _asked(shell, request)
    size = ON_ONE_PAGE if wish.whole else PAGE_SIZE
    found = listing(
        app.store,
        filters,
        as_of=as_of,
        workdays=app.workdays,
        limit=size,
        offset=(wish.page - 1) * size,
        tz=app.tz,
        memo=shell.memo,
    )
    return shell.page(
        request,
        "ledger.html",
        code=_REFUSED if refusal else 200,
        refusal=refusal,
        unheeded=[FILTER_NAMES[name] for name in unheeded(request.query_params, wish)],
        wish=wish,
        chips=chips_of(wish, app.roster),
        choices=choices(shell, wish, seen),
        lines=found.lines,
        total=found.total,
        pages=max(1, -(-found.total // size)),
        printable=PAGE_SIZE < found.total <= ON_ONE_PAGE and not wish.whole,
        state_words=STATE_WORDS,
        by_unit=BY_UNIT,
        newest=head(app.store),
    )


def choices(shell: Shell, wish: Wish, seen: tuple[str, ...]) -> Choices:
    roster, year = shell.app.roster, shell.as_of.year
    units = [option for one in units_within(roster, seen) for option in _unit(one, shell)]
    people = [_person(one) for one in people_within(roster, seen)]
    years = sorted({year - 1, year, year + 1, *([int(wish.when[:4])] if wish.when else [])})
    return Choices(
        units=_with(units, wish.unit, unit_words(wish.unit, roster)),
        people=_with(people, wish.person, name_of(shell, wish.person)),
        spans=[(span_name(str(one)), [(name, span_name(name)) for name in spans_of(one)]) for one in years],
    )


def name_of(shell: Shell, person: str) -> str:
    known = shell.app.roster.people.get(person)
    return person if known is None else known.name


def _unit(unit: Unit, shell: Shell) -> list[Option]:
    keys = (unit.key, unit.key + OWN) if has_below(unit.key, shell.app.roster) else (unit.key,)
    return [(key, unit_words(key, shell.app.roster)) for key in keys]


def _person(person: Person) -> Option:
    return person.key, person.name


def _with(options: list[Option], value: str, words: str) -> list[Option]:
    return options if not value or any(value == known for known, _ in options) else [*options, (value, words)]
