"""问题清单: what the admin must know of, since when, how often seen, and what to do."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from reports.problems import open_problems
from web.gate import Needs
from web.shell import READ, Shell


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_UPKEEP))

    @pages.api_route("/problems", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        found = open_problems(shell.app.store)
        return shell.page(
            request,
            "problems.html",
            problems=[one for one in found if not one.advice],
            advice=[one for one in found if one.advice],
        )

    return pages
