"""临时交办: a forwarded order or a title becomes an item in two presses. What was understood is shown before it is written.

Nothing is guessed silently: whoever confirms has seen the day with its weekday. Once written the plan is really run, and
the person hears of it at the next dispatch.
"""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.app import HomeUnusable
from config.editing.refusals import EditedMeanwhile, EditRefused
from planning.access import Action
from reports.occurrences import Filters, listing
from services.errors import DATABASE_FAULTS, Refused
from web.file_change import NoChange, carry_out, rehearse_plan
from web.gate import Needs, Writes, require, typed_of, visitor_of
from web.pages.change_steps import NOTHING, Told, told_of
from web.pages.order_reading import OwnerMissing, Understood, understand
from web.pages.order_writing import Written, twin_of, write_item
from web.party_choice import people_and_units
from web.shell import READ, Shell
from web.words import for_page

_TRIES = 3
"""Somebody else may be adding an item at the same moment; each try starts from the files as they are then."""

_WITHDRAWN = "withdrawn"


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
        self._refuse_beyond_scope(seen)
        if step != "confirm":
            return self._show(seen, NOTHING)
        if self.typed.get("shown") != seen.stamp:  # what is to be written is not what stood on the page
            return self._show(seen, Told("请再看一遍：日期重新算过了。", code=409))
        return self._write(seen)

    def _write(self, seen: Understood) -> Response:
        try:
            return self._written(seen)
        except (EditRefused, Refused, HomeUnusable, OSError, *DATABASE_FAULTS) as fault:
            self.shell.note(self.request, "files", getattr(fault, "code", "") or "failed", about="new item")
            return self._show(seen, told_of(self.request, fault))

    def _written(self, seen: Understood) -> Response:
        for _ in range(_TRIES):
            twin = twin_of(self.app, seen)
            if twin is not None and self._has_followed(twin):
                return self._done(twin, again=True)
            change, item = write_item(self.app, seen) if twin is None else (NoChange(self.app), twin)
            if rehearse_plan(change, actor=self.visitor.person).many:
                raise Refused("文件里还有没编排的大改动，先不能交办：请管理员到“管理”里按文件重新编排。", code="many_changes")
            try:
                made = carry_out(change, actor=self.visitor.person, yes_many=False)
            except EditedMeanwhile:
                continue
            self.shell.note(self.request, "files", about=f"new item {item.key} {' '.join(change.files)}".strip())
            return self._done(item, why_not=made.why_not)
        raise Refused("文件一直有人在改，没有保存。填写的内容都在，请再按一次。", code="edited_meanwhile")

    def _has_followed(self, item: Written) -> bool:
        """Whether the plan has what the file says. It has not when the database was busy at the first press."""
        if not self._is_planned(item):
            return True  # there is nothing to follow yet
        app = self.app
        found = listing(app.store, Filters(refs=(item.ref,)), as_of=app.today(), workdays=app.workdays, tz=app.tz)
        return any(line.state != _WITHDRAWN for line in found.lines)

    def _is_planned(self, item: Written) -> bool:
        return item.due_on.year in self.app.planned_years()

    def _show(self, seen: Understood, told: Told) -> Response:
        return self._page("new_item_seen.html", told, seen)

    def _done(self, item: Written, *, again: bool = False, why_not: str = "") -> Response:
        app = self.app
        return self.shell.page(
            self.request,
            "new_item_done.html",
            code=503 if why_not else 200,
            item=item,
            again=again,
            why_not=for_page(why_not),
            planned=self._is_planned(item),
            half_day_limit=app.settings.delivery.half_day_limit,
            windows="、".join(str(one) for one in app.settings.windows),
        )

    def _page(self, template: str, told: Told, seen: Understood | None = None) -> Response:
        app = self.app
        return self.shell.page(
            self.request,
            template,
            code=told.code,
            told=told,
            typed=self.typed,
            parties=people_and_units(app.roster, app.today(), within=self.visitor.units),
            seen=seen,
        )

    def _refuse_beyond_scope(self, seen: Understood) -> None:
        """An office may give work to its own units and people only, whatever was sent."""
        roster = self.app.roster
        for party in (seen.owner, *seen.partners, *filter(None, [seen.overseer])):
            form, _, key = party.partition(":")
            person = roster.people.get(key) if form == "person" else None
            unit = person.unit if person is not None else key if form == "unit" else None
            if party != seen.overseer:
                require(self.request, Action.ADD_ITEM, unit=unit, persons=[])
