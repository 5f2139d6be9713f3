"""人员和单位: everybody in the official order, and the forms that change people.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.editing.document import Document
from config.editing.field_text import as_typed
from config.editing.refusals import EditRefused, EditUnfinished
from config.people import FILE
from planning.access import Action
from planning.lookup import standing_in
from reports.ledger_columns import Value
from reports.table_file import TableColumn, table_xlsx
from web.file_change import fresh_draft
from web.gate import Needs, Writes
from web.pages.change_steps import NOTHING, take_step
from web.pages.leaving import Leaving
from web.pages.new_people import NewPersonForm, NewUnitForm
from web.pages.person import LeftForm, PersonForm, PersonPage, StandInEndForm, StandInForm
from web.pages.unit import UnitForm
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.words import CHANNELS

TITLE = "人员名册"
_COLUMNS = (
    TableColumn("姓名", 10, centred=True),
    TableColumn("单位", 24),
    TableColumn("职务", 18),
    TableColumn("岗位", 24),
    TableColumn("渠道", 14, centred=True),
    TableColumn("离任", 11, centred=True),
    TableColumn("代号", 16),
)


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows, writes = Depends(Needs(shell, Action.EDIT_FILES)), Depends(Writes(shell, Action.EDIT_FILES))

    @pages.api_route("/people", methods=READ, dependencies=[shows])
    def everybody(request: Request) -> Response:
        return _everybody(shell, request)

    @pages.api_route("/people.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        rows = list(_rows(shell))
        head = table_head(shell, TITLE, remark="不含接收地址。")
        return table_answer(shell, request, head, "people", lambda it: table_xlsx(it, _COLUMNS, rows, total=len(rows)))

    @pages.api_route("/people/{key}", methods=READ, dependencies=[shows])
    def person(request: Request, key: str) -> Response:
        return PersonPage(shell, request, key).show(NOTHING)

    @pages.post("/people/{key}", dependencies=[writes])
    def change_person(request: Request, key: str) -> Response:
        return take_step(shell, request, PersonForm(shell, request, key))

    @pages.post("/people/{key}/stand-in", dependencies=[writes])
    def add_stand_in(request: Request, key: str) -> Response:
        return take_step(shell, request, StandInForm(shell, request, key))

    @pages.post("/people/{key}/stand-in/end", dependencies=[writes])
    def end_stand_in(request: Request, key: str) -> Response:
        return take_step(shell, request, StandInEndForm(shell, request, key))

    @pages.post("/people/{key}/left", dependencies=[writes])
    def leave(request: Request, key: str) -> Response:
        return take_step(shell, request, LeftForm(shell, request, key))

    @pages.post("/people/{key}/hand-over", dependencies=[writes])
    def hand_over(request: Request, key: str) -> Response:
        return Leaving(shell, request, key).hand_over_all()

    @pages.post("/people/{key}/test", dependencies=[Depends(Writes(shell, Action.RUN))])
    def test(request: Request, key: str) -> Response:
        return PersonPage(shell, request, key).send_test()

    _add_units_and_new(pages, shell)
    return pages


def _add_units_and_new(pages: APIRouter, shell: Shell) -> None:
    shows, writes = Depends(Needs(shell, Action.EDIT_FILES)), Depends(Writes(shell, Action.EDIT_FILES))

    @pages.api_route("/units/{key}", methods=READ, dependencies=[shows])
    def unit(request: Request, key: str) -> Response:
        return UnitForm(shell, request, key).show(NOTHING)

    @pages.post("/units/{key}", dependencies=[writes])
    def change_unit(request: Request, key: str) -> Response:
        return take_step(shell, request, UnitForm(shell, request, key))

    @pages.api_route("/new/person", methods=READ, dependencies=[shows])
    def new_person(request: Request) -> Response:
        return NewPersonForm(shell, request).show(NOTHING)

    @pages.post("/new/person", dependencies=[writes])
    def add_person(request: Request) -> Response:
        return take_step(shell, request, NewPersonForm(shell, request))

    @pages.api_route("/new/unit", methods=READ, dependencies=[shows])
    def new_unit(request: Request) -> Response:
        return NewUnitForm(shell, request).show(NOTHING)

    @pages.post("/new/unit", dependencies=[writes])
    def add_unit(request: Request) -> Response:
        return take_step(shell, request, NewUnitForm(shell, request))


def _rows(shell: Shell) -> Iterator[tuple[Value, ...]]:
    """A row for each post, people in official order; addresses stay in the file that holds them."""
    roster = shell.app.roster
    for person in roster.people.values():
        channels = tuple(dict.fromkeys(CHANNELS.get(one.channel, one.channel) for one in person.destinations))
        for post in person.posts:
            unit = roster.units.get(post.unit)
            named = unit.name if unit else post.unit
            yield person.name, named, post.title, "、".join(post.roles), channels, person.left_on, person.key


def _everybody(shell: Shell, request: Request) -> Response:
    app = shell.app
    roster, today = app.roster, app.today()
    left_out, unfinished = _left_out(shell)
    away = {one.key: standing_in(one, roster, today) for one in roster.people.values() if one.stand_ins}
    return shell.page(
        request,
        "people.html",
        units=list(roster.units.values()),
        people=list(roster.people.values()),
        names={key: one.name for key, one in roster.people.items()},
        unit_names={key: one.name for key, one in roster.units.items()},
        in_place_of={key: one.name for key, one in away.items() if one is not None and one.key != key},
        left_out=left_out,
        unfinished=unfinished,
        faults=[one for one in app.office.errors if one.file == FILE],
    )


def _left_out(shell: Shell) -> tuple[list[tuple[str, str]], str]:
    """Keys and names of people whom the file has and whom a fault of their own keeps out of the office.

    And the sentence about an edit that was cut off: it is said once, so this page must say it.
    """
    app, unfinished = shell.app, ""
    try:
        draft = fresh_draft(app)
    except EditUnfinished as refusal:
        unfinished, draft = refusal.sentence, fresh_draft(app)
    try:
        rows = Document.of(draft.text(FILE)).members(("people",))
    except EditRefused:  # the page says what is wrong with the file
        return [], unfinished
    known = app.roster.people
    named = [(as_typed(row.get("key")), as_typed(row.get("name"))) for row in rows if isinstance(row, dict)]
    return [(key, name) for key, name in named if key and key not in known], unfinished
