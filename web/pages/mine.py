"""我的事项: one person's list. Behind a session each line opens; behind a reminder's link it tells what, whose and by when."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action, Reach, reach_of
from planning.lookup import stood_in_for
from reports.feedback import opinions_of
from reports.mine import Asking, Mine, mine
from services.extension_requests import deciding_roles
from web.gate import Needs, visitor_of
from web.pages.staff_link import NO_ROBOTS
from web.shell import READ, Shell

_ANSWERS = 3
"""Newest of one's own opinions that the list shows with their answers."""


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()

    @pages.api_route("/me", methods=READ, dependencies=[Depends(Needs(shell, Action.OWN))])
    def show(request: Request) -> Response:
        visitor = visitor_of(request)
        found = own_items(shell, visitor.person)
        may_decide = reach_of(visitor, Action.DECIDE) is not Reach.NONE
        said = opinions_of(shell.app.store, visitor.person, limit=_ANSWERS)
        return shell.page(
            request,
            "mine.html",
            mine=found if may_decide else replace(found, deciding=()),
            not_his=0 if may_decide else len(found.deciding),
            person=visitor.name,
            by_link=False,
            base="",
            answered=[one for one in said if one.answered_at is not None],
        )

    return pages


def behind_link(shell: Shell, request: Request, *, person: str, name: str, base: str) -> Response:
    """A forwarded mail must not open everything that somebody has to do: nothing on this page leads on."""
    found = own_items(shell, person)
    return shell.page(
        request, "mine.html", headers=NO_ROBOTS, mine=found, person=name, by_link=True, base=base, answered=[], not_his=0
    )


def own_items(shell: Shell, person: str) -> Mine:
    app, settings = shell.app, shell.app.settings
    today = app.today()
    asking = Asking(
        person,
        frozenset(one.key for one in stood_in_for(person, app.roster, today)),
        deciding_roles(settings.extension_approval),
        settings.admin,
    )
    return mine(app.store, asking, as_of=today, workdays=app.workdays)
