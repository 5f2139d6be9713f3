"""What a browser holds after signing in: the session's token, and when it was last seen.

The time of the last page stands in the cookie itself, signed: a page that is only looked at writes nothing to the
database, and idleness ends the session all the same.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

_BROWSER_LASTS = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer."""

_BROWSER_NAME = re.compile(r"[A-Za-z0-9_-]{16,64}")
_STEP = 60  # seconds: a cookie is written anew at most once a minute


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """``key`` is the app's link key; ``secure`` follows from an https base_url; ``idle`` ends a session left alone."""

    key: bytes
    secure: bool
    idle: timedelta

    @property
    def name(self) -> str:
        return self._named("sid")

    def give(self, response: Response, token: str, *, now: datetime) -> None:
        step = int(now.timestamp()) // _STEP
        value = f"{token}.{step}.{self._sign('seen', token, str(step))}"
        self._set(response, self.name, value)

    def token(self, request: Request, *, now: datetime) -> str:
        """Empty without a session, or when the browser was idle for too long."""
        token, step = self._held(request)
        return token if now.timestamp() - step * _STEP <= self.idle.total_seconds() + _STEP else ""

    def old_token(self, request: Request) -> str:
        """The token whatever its age: signing in again ends that session."""
        return self._held(request)[0]

    def is_fresh(self, request: Request, *, now: datetime) -> bool:
        """Whether the cookie says this very minute already."""
        return self._held(request)[1] == int(now.timestamp()) // _STEP

    def drop(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def browser(self, request: Request) -> str:
        """The random name of this browser; empty before it first signed in."""
        held = request.cookies.get(self._named("suishi-browser"), "")
        return held if _BROWSER_NAME.fullmatch(held) else ""

    def browser_or_new(self, request: Request) -> str:
        return self.browser(request) or secrets.token_urlsafe(18)

    def name_browser(self, response: Response, browser: str) -> None:
        self._set(response, self._named("suishi-browser"), browser, max_age=_BROWSER_LASTS)

    def form_code(self, browser: str, person: str) -> str:
        """Outlives the session, so that what was typed before it ended can be sent after signing in again."""
        return self._sign("form", browser, person)

    def form_code_fits(self, sent: str, browser: str, person: str) -> bool:
        return bool(browser) and hmac.compare_digest(sent.encode("utf-8", "replace"), self.form_code(browser, person).encode())

    def _named(self, name: str) -> str:
        """The prefix makes browsers refuse one that another host or a plain page set (RFC 6265bis, 4.1.3.2); it needs TLS."""
        return f"__Host-{name}" if self.secure else name

    def _held(self, request: Request) -> tuple[str, int]:
        """The token and the minute in which it was last seen; empty and 0 unless we wrote both."""
        token, dot, seen = request.cookies.get(self.name, "").partition(".")
        step, _, code = seen.partition(".")
        if not dot or not hmac.compare_digest(code.encode(), self._sign("seen", token, step).encode()):
            return "", 0
        return token, int(step)

    def _set(self, response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
        response.set_cookie(name, value, max_age=max_age, path="/", secure=self.secure, httponly=True, samesite="lax")

    def _sign(self, *parts: str) -> str:
        text = "\0".join(("page.v1", *parts))
        return hmac.new(self.key, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
