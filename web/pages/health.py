"""/health: whether the pages can be served, for a supervisor. Tells nothing about the town."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse

from planning.access import Action
from reports.log import head
from services.errors import DATABASE_FAULTS
from web.gate import Needs
from web.shell import READ, Shell

_LOG = logging.getLogger("suishi.web")


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.ENTER))

    @pages.api_route("/health", methods=READ, dependencies=[shows])
    def health() -> JSONResponse:
        try:
            head(shell.app.store)
        except DATABASE_FAULTS:
            _LOG.exception("the database does not answer")
            return JSONResponse({"ok": False, "database": False}, status_code=503)
        return JSONResponse({"ok": True, "database": True})

    return pages
