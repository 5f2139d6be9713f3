"""What a browser holds after signing in: the session's token, and when it was last seen.

The time of the last page stands in the cookie itself, signed: a page that is only looked at writes nothing to the
database, and idleness ends the session all the same.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

_BROWSER = "suishi-browser"
_BROWSER_LASTS = 400 * 24 * 3600
"""Seconds; browsers keep no cookie longer."""

_STEP = 60  # seconds: a cookie is written anew at most once a minute


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """``key`` is the app's link key; ``secure`` follows from an https base_url; ``idle`` ends a session left alone."""

    key: bytes
    secure: bool
    idle: timedelta

    @property
    def name(self) -> str:
        """The prefix makes browsers refuse one that another host set (RFC 6265bis); it needs TLS."""
        return "__Host-sid" if self.secure else "sid"

    def give(self, response: Response, token: str, *, now: datetime) -> None:
        step = int(now.timestamp()) // _STEP
        value = f"{token}.{step}.{self._sign('seen', token, str(step))}"
        response.set_cookie(self.name, value, path="/", secure=self.secure, httponly=True, samesite="lax")

    def token(self, request: Request, *, now: datetime) -> str:
        """Empty without a session, or when the browser was idle for too long."""
        held, _, code = request.cookies.get(self.name, "").rpartition(".")
        token, _, step = held.rpartition(".")
        if not step.isdigit() or not hmac.compare_digest(code.encode(), self._sign("seen", token, step).encode()):
            return ""
        return token if now.timestamp() - int(step) * _STEP <= self.idle.total_seconds() + _STEP else ""

    def is_fresh(self, request: Request, *, now: datetime) -> bool:
        """Whether the cookie says this very minute already."""
        step = request.cookies.get(self.name, "").split(".")[1:2]
        return step == [str(int(now.timestamp()) // _STEP)]

    def drop(self, response: Response) -> None:
        response.delete_cookie(self.name, path="/", secure=self.secure, httponly=True, samesite="lax")

    def browser(self, request: Request) -> str:
        """The random name of this browser; empty before it first signed in."""
        return request.cookies.get(_BROWSER, "")

    def name_browser(self, response: Response, browser: str) -> None:
        response.set_cookie(
            _BROWSER, browser, max_age=_BROWSER_LASTS, path="/", secure=self.secure, httponly=True, samesite="lax"
        )

    def form_code(self, browser: str, person: str) -> str:
        """Outlives the session, so that what was typed before it ended can be sent after signing in again."""
        return self._sign("form", browser, person)

    def form_code_fits(self, sent: str, browser: str, person: str) -> bool:
        return bool(browser) and hmac.compare_digest(sent.encode(), self.form_code(browser, person).encode())

    def _sign(self, *parts: str) -> str:
        return hmac.new(self.key, "\0".join(("page.v1", *parts)).encode(), hashlib.sha256).hexdigest()
