"""临时交办 by a program: the fields come one by one, the file stays the source, and the plan runs after it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request

from config.editing.adhoc import FILE
from planning.access import Action
from web.api.forms.record import ItemOut
from web.api.forms.said import ItemIn
from web.api.gate import listen
from web.api.writes import CONFLICT
from web.pages.new_item import refuse_beyond_scope, registered
from web.pages.order_reading import Fields, understand_fields
from web.pages.order_writing import is_planned
from web.shell import Shell


class NotPlanned(Exception):  # noqa: N818 - it is an answer, not a fault
    """The file is written, and the plan could not follow: the same call again makes it follow."""


@dataclass(frozen=True)
class NewItems:
    shell: Shell

    def add(self, request: Request, said: ItemIn) -> ItemOut:
        """Register an item that came in between. The same title, owner and day again: the answer is the item that is there."""
        app = self.shell.app
        fields = Fields(
            title=said.title,
            owner=said.owner,
            due=said.due_on or said.due.strip(),
            partners=tuple(said.partners),
            overseer=said.overseer,
            source=said.source,
            note=said.note,
        )
        seen = understand_fields(app, fields)
        refuse_beyond_scope(self.shell, request, seen)
        made = registered(self.shell, request, seen)
        if made.why_not:
            raise NotPlanned(made.why_not)
        return ItemOut(
            key=made.item.key,
            ref=made.item.refs[0],
            refs=list(made.item.refs),
            file=FILE,
            title=made.item.title,
            owners=list(made.item.names),
            partners=list(made.item.partners),
            overseer=made.item.overseer,
            due_on=made.item.due_on,
            explanation=seen.due.explanation,
            workdays_left=made.item.workdays_left,
            planned=is_planned(app, made.item),
            again=made.again,
        )


def router(shell: Shell) -> APIRouter:
    calls = APIRouter(tags=["write"], responses=dict(CONFLICT))
    listen(calls, shell, "POST", {"/items": (NewItems(shell).add, Action.ADD_ITEM)})
    return calls
