"""中文 or English: kept in the browser, nowhere else."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from web.doors import own_path
from web.gate import Needs
from web.languages import COOKIE, Language
from web.shell import READ, Shell

_SEE_OTHER = 303
_LASTS = 365 * 24 * 3600  # seconds


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()

    @pages.api_route("/language/{wanted}", methods=READ, dependencies=[Depends(Needs(shell, Action.ENTER))])
    def choose(request: Request, wanted: Language) -> Response:
        response = RedirectResponse(own_path(request.query_params.get("next", "/")), _SEE_OTHER)
        secure = shell.app.settings.base_url.startswith("https:")
        response.set_cookie(COOKIE, wanted, max_age=_LASTS, path="/", secure=secure, httponly=True, samesite="lax")
        return response

    return pages
