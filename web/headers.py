"""What every answer carries, and which requests are turned away before a page sees them.

The policy is the one of OWASP ASVS 5.0 chapter 3.4: nothing loads from elsewhere, nothing inline runs, no page may be framed.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
)
WITH_FRAME = f"{CONTENT_POLICY}; frame-src 'self'"
"""For the one page that shows a mail inside a frame of our own."""

MAIL_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'none'; sandbox"
"""For the frame itself: a mail is laid out with style attributes, and may do nothing at all."""

FILE_POLICY = "default-src 'none'; sandbox"
"""For a file that somebody handed in."""

FOREVER = "public, max-age=31536000, immutable"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_PORTS = {"http": 80, "https": 443}

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: with it browsers send «Origin: null» even to ourselves, and the check below could not tell a stranger.
    "Referrer-Policy": "same-origin",
}


class SecurityHeaders:
    """Adds the headers; a page's own Content-Security-Policy or Cache-Control stands."""

    def __init__(self, app: ASGIApp, *, tls: bool) -> None:
        self.app = app
        self.tls = tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
                headers.setdefault("Cache-Control", "no-store")
                if self.tls:
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            await send(message)

        await self.app(scope, receive, send_with_headers)


class OwnVisitorsOnly:
    """Turns away a foreign Host (DNS rebinding) and a write that another site's page sends (CSRF).

    A Host that is an address, ``localhost`` or the office's own name passes: a rebinding attack needs a name of its own.
    A write may come from a page of that Host or of ``base_url``: a proxy may ask us under another Host than the browser saw.
    """

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        self.own_host = (urlsplit(base_url).hostname or "localhost").lower()
        self.own_origin = _origin(base_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            refusal = self._refusal(Headers(scope=scope), scope["method"])
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _refusal(self, headers: Headers, method: str) -> PlainTextResponse | None:
        host = headers.get("host", "")
        if not self._is_own(host):
            return PlainTextResponse("这个地址不是本系统的地址，请用管理员告诉您的网址打开。", 421)
        if method not in SAFE_METHODS and self._is_from_elsewhere(headers, host):
            return PlainTextResponse("这次提交不是从本系统的页面发出的，没有保存。请回到原来的页面再试。", 403)
        return None

    def _is_from_elsewhere(self, headers: Headers, host: str) -> bool:
        if "sec-purpose" in headers or headers.get("purpose") == "prefetch":
            return True
        site = headers.get("sec-fetch-site")
        if site is not None and site != "same-origin":
            return True
        said = headers.get("origin")
        if said is None:
            return False
        origin = _origin(said)
        # Whether the browser spoke TLS to a proxy is not to be seen here, so our Host counts under either scheme.
        return origin is None or (origin != self.own_origin and origin != _origin(f"{origin[0]}://{host}"))

    def _is_own(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return False
        if name in {"localhost", self.own_host}:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _origin(address: str) -> tuple[str, str, int] | None:
    """Scheme, host and port of an address, the port written out (RFC 6454, 4); None when it has no such thing."""
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None
