"""临时交办: a forwarded order or a title becomes an item in two presses. What was understood is shown before it is written.

Nothing is guessed silently: whoever confirms has seen the day with its weekday. Once written the plan is really run, and
the person hears of it at the next dispatch.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.app import HomeUnusable
from config.editing.refusals import EditRefused
from planning.access import Action
from services.errors import DATABASE_FAULTS, Refused
from web.gate import Needs, Writes, require, typed_of, visitor_of
from web.pages.change_steps import NOTHING, Told, told_of
from web.pages.order_reading import INCLUDE, OwnerMissing, Understood, each_choices, understand
from web.pages.order_writing import Registered, is_planned, register
from web.party_choice import Groups, people_and_units
from web.shell import READ, Shell
from web.words import for_page

_FAULTS = (EditRefused, Refused, HomeUnusable, OSError, *DATABASE_FAULTS)


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()

    @pages.api_route("/items/new", methods=READ, dependencies=[Depends(Needs(shell, Action.ADD_ITEM))])
    def ask(request: Request) -> Response:
        return NewItem(shell, request).ask(NOTHING)

    @pages.post("/items/new", dependencies=[Depends(Writes(shell, Action.ADD_ITEM))])
    def take(request: Request) -> Response:
        return NewItem(shell, request).take()

    return pages


class NewItem:
    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.app = shell.app
        self.request = request
        self.visitor = visitor_of(request)
        self.typed = typed_of(request) if request.method == "POST" else {}

    def ask(self, told: Told) -> Response:
        """The first page; what was typed stands there again."""
        return self._page("new_item.html", told)

    def take(self) -> Response:
        step = self.typed.get("step", "")
        if step == "back":
            return self.ask(NOTHING)
        try:
            seen = understand(self.app, self.typed, units=self.visitor.units)
        except OwnerMissing as missing:
            return self.ask(Told(missing.sentence, read=missing.read, code=409))
        except Refused as refusal:
            return self.ask(Told(for_page(refusal.sentence), code=409))
        refuse_beyond_scope(self.shell, self.request, seen)
        if step != "confirm":
            return self._show(seen, NOTHING)
        if self.typed.get("shown") != seen.stamp:  # what is to be written is not what stood on the page
            return self._show(seen, Told("请再看一遍：日期重新算过了。", code=409))
        return self._write(seen)

    def _write(self, seen: Understood) -> Response:
        try:
            return self._done(registered(self.shell, self.request, seen), seen)
        except _FAULTS as fault:
            return self._show(seen, told_of(self.request, fault))

    def _show(self, seen: Understood, told: Told) -> Response:
        return self._page("new_item_seen.html", told, seen)

    def _parties(self) -> Groups:
        app, units = self.app, self.visitor.units
        each = each_choices(app, units)
        return [*people_and_units(app.roster, app.today(), within=units), *([("各单位分别办", each)] if each else [])]

    def _done(self, made: Registered, seen: Understood) -> Response:
        app = self.app
        return self.shell.page(
            self.request,
            "new_item_done.html",
            code=503 if made.why_not else 200,
            item=made.item,
            each=bool(seen.for_each),
            others=seen.other_tasks,
            owner=seen.owner,
            again=made.again,
            why_not=for_page(made.why_not),
            planned=is_planned(app, made.item),
            half_day_limit=app.settings.delivery.half_day_limit,
            windows="、".join(str(one) for one in app.settings.windows),
        )

    def _page(self, template: str, told: Told, seen: Understood | None = None) -> Response:
        return self.shell.page(
            self.request,
            template,
            code=told.code,
            told=told,
            typed=self.typed,
            parties=self._parties(),
            seen=seen,
            include=INCLUDE,
        )


def refuse_beyond_scope(shell: Shell, request: Request, seen: Understood) -> None:
    """An office may give work to its own units and people only, whatever was sent. Raises NotAllowed."""
    for each in shell.app.roster.units.values():
        if seen.for_each and each.kind == seen.for_each:
            require(request, Action.ADD_ITEM, unit=each.key, persons=[])
    for party in seen.partners if seen.for_each else (seen.owner, *seen.partners):
        form, _, key = party.partition(":")
        person = shell.app.roster.people.get(key) if form == "person" else None
        unit = person.unit if person is not None else key if form == "unit" else None
        require(request, Action.ADD_ITEM, unit=unit, persons=[])


def registered(shell: Shell, request: Request, seen: Understood) -> Registered:
    """Write and plan it; the security log says who changed the files, or why he could not. Raises as ``register``."""
    try:
        made = register(shell.app, seen, actor=visitor_of(request).person)
    except _FAULTS as fault:
        shell.note(request, "files", getattr(fault, "code", "") or "failed", about="new item")
        raise
    if not made.again:
        shell.note(request, "files", about=f"new item {made.item.key} {' '.join(made.files)}".strip())
    return made
