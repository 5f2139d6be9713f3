"""What a browser holds after it opened a reminder's link: the token out of the address, into a cookie for that link only.

The cookie is HttpOnly, SameSite=Lax and bound to ``/s/LINK``. The form's CSRF code and the right to undo are signed for
the random number in it, so they are worth nothing in another browser.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

UNDO_FOR = timedelta(minutes=10)

_LINK = "suishi-link"
_UNDO = "suishi-undo"


@dataclass(frozen=True, slots=True)
class Held:
    token: str
    browser: str  # random, made when the link was first opened here


@dataclass(frozen=True, slots=True)
class StaffCookie:
    """``key`` is the app's link key; ``secure`` follows from an https base_url."""

    key: bytes
    secure: bool

    def give(self, response: Response, *, link_id: int, token: str) -> None:
        browser = secrets.token_urlsafe(18)
        self._set(response, _LINK, f"{token}.{browser}", link_id, max_age=None)

    def held(self, request: Request) -> Held | None:
        token, dot, browser = request.cookies.get(_LINK, "").rpartition(".")
        return Held(token, browser) if dot and token and browser else None

    def form_code(self, held: Held, *, link_id: int) -> str:
        return self._sign("form", str(link_id), held.browser)

    def form_code_fits(self, sent: str, held: Held, *, link_id: int) -> bool:
        return hmac.compare_digest(sent.encode(), self.form_code(held, link_id=link_id).encode())

    def allow_undo(self, response: Response, held: Held, *, link_id: int, row_version: int, now: datetime) -> None:
        """Let this browser take back what it just recorded, until something else happens to the occurrence."""
        until = int((now + UNDO_FOR).timestamp())
        code = self._sign("undo", str(link_id), held.browser, str(until), str(row_version))
        self._set(response, _UNDO, f"{until}.{code}", link_id, max_age=int(UNDO_FOR.total_seconds()))

    def may_undo(self, request: Request, held: Held, *, link_id: int, row_version: int, now: datetime) -> bool:
        until, _, code = request.cookies.get(_UNDO, "").partition(".")
        if not until.isdigit() or int(until) < now.timestamp():
            return False
        expected = self._sign("undo", str(link_id), held.browser, until, str(row_version))
        return hmac.compare_digest(code.encode(), expected.encode())

    def forbid_undo(self, response: Response, *, link_id: int) -> None:
        response.delete_cookie(_UNDO, path=f"/s/{link_id}", secure=self.secure, httponly=True, samesite="lax")

    def _set(self, response: Response, name: str, value: str, link_id: int, *, max_age: int | None) -> None:
        response.set_cookie(name, value, max_age=max_age, path=f"/s/{link_id}", secure=self.secure, httponly=True, samesite="lax")

    def _sign(self, *parts: str) -> str:
        return hmac.new(self.key, "\0".join(("staff-page.v1", *parts)).encode(), hashlib.sha256).hexdigest()
