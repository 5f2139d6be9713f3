"""The web application: pages on top of one opened home."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import Depends, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from config.app import App
from web.access_log import AccessLog
from web.answers import add_answers
from web.api.app import PREFIX, create_api
from web.headers import FOREVER, OwnVisitorsOnly, SecurityHeaders
from web.limits import BodyLimit
from web.pages import (
    accounts,
    coming,
    duties,
    feedback,
    feeds,
    gathering,
    health,
    history,
    holidays,
    language,
    ledger,
    log,
    manage,
    mine,
    new_item,
    outbox,
    overview,
    own,
    people,
    problems,
    programs,
    settings,
    sign_in,
    staff,
    today,
    year,
)
from web.shell import STATIC, Shell

_GROUPS = (
    overview,
    year,
    ledger,
    history,
    outbox,
    coming,
    log,
    problems,
    staff,
    mine,
    feedback,
    sign_in,
    own,
    accounts,
    feeds,
    gathering,
    programs,
    manage,
    people,
    duties,
    new_item,
    holidays,
    settings,
    today,
    language,
    health,
)


def create_app(app: App) -> FastAPI:
    """Wire the pages to a home. Nothing is opened until a page asks for it."""
    web = FastAPI(title="Suishi", docs_url=None, redoc_url=None, openapi_url=None)
    shell = Shell(app)
    for group in _GROUPS:
        web.include_router(group.router(shell), dependencies=[Depends(shell.refresh)])
    web.mount(PREFIX, create_api(shell))
    web.mount("/static", _KeptFiles(directory=STATIC), name="static")
    add_answers(web, shell)
    address = urlsplit(app.settings.base_url)
    # The last added is the outermost: the log sees every answer, the headers are on every answer.
    web.add_middleware(BodyLimit, besides=f"{PREFIX}/")
    # Level 9 costs twice the time of 5 for 2 % fewer bytes.
    web.add_middleware(GZipMiddleware, minimum_size=500, compresslevel=5)
    web.add_middleware(OwnVisitorsOnly, base_url=app.settings.base_url)
    web.add_middleware(SecurityHeaders, tls=address.scheme == "https")
    web.add_middleware(AccessLog)
    return web


class _KeptFiles(StaticFiles):
    """Static files carry their digest in the address, so a browser never needs to ask again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOREVER
        return response
