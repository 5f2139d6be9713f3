"""One line per request, without what must not be kept: no query, and no token of a staff link."""

from __future__ import annotations

import logging
import re
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_LOG = logging.getLogger("suishi.web.access")
_TOKEN_PATH = re.compile(r"^(/t/|/ics/|/in/)[^/]+")


def without_token(path: str) -> str:
    """The path without the token of a link, a feed or a sign-in code, for who writes it readably and safely himself."""
    return _TOKEN_PATH.sub(r"\1…", path)


def masked(path: str) -> str:
    """The path without the token, and without what would forge a log line."""
    return without_token(path).encode("unicode_escape", "replace").decode().replace(r"\u2026", "…")


class AccessLog:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = perf_counter()
        status = 500

        async def watching(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watching)
        finally:
            _LOG.info("%s %s %d %.0fms", scope["method"], masked(scope["path"]), status, (perf_counter() - began) * 1000)
