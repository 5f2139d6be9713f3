from __future__ import annotations

from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie

from starlette.requests import Request
from starlette.responses import Response

from web.staff_cookie import Held, StaffCookie

NOW = datetime(2026, 3, 5, 1, 0, tzinfo=UTC)
COOKIE = StaffCookie(b"k" * 32, secure=False)
WANG = Held("token-of-wang", "browser-1")


def _request(response: Response) -> Request:
    pairs = []
    for name, value in response.raw_headers:
        if name == b"set-cookie":
            for key, morsel in SimpleCookie(value.decode()).items():
                pairs.append(f"{key}={morsel.value}")
    return Request({"type": "http", "headers": [(b"cookie", "; ".join(pairs).encode())]})


def test_the_cookie_serves_its_own_link_only_and_no_script_reads_it() -> None:
    response = Response()
    StaffCookie(b"k" * 32, secure=True).give(response, link_id=7, token="abc")
    said = response.headers["set-cookie"].lower()
    assert "path=/s/7" in said
    assert "httponly" in said
    assert "samesite=lax" in said
    assert "secure" in said
    held = COOKIE.held(_request(response))
    assert held is not None
    assert held.token == "abc"


def test_a_form_code_is_worth_nothing_in_another_browser_or_for_another_link() -> None:
    code = COOKIE.form_code(WANG, link_id=7)
    assert COOKIE.form_code_fits(code, WANG, link_id=7)
    assert not COOKIE.form_code_fits(code, Held("token-of-wang", "browser-2"), link_id=7)
    assert not COOKIE.form_code_fits(code, WANG, link_id=8)
    assert not COOKIE.form_code_fits("", WANG, link_id=7)
    assert not COOKIE.form_code_fits("码", WANG, link_id=7)


def test_what_was_recorded_may_be_taken_back_for_ten_minutes_and_until_something_else_happens() -> None:
    response = Response()
    COOKIE.allow_undo(response, WANG, link_id=7, row_version=3, now=NOW)
    back = _request(response)

    def may(*, held: Held = WANG, minutes: int = 0, row_version: int = 3) -> bool:
        now = NOW + timedelta(minutes=minutes)
        return COOKIE.may_undo(back, held, link_id=7, row_version=row_version, now=now)

    assert may(minutes=9)
    assert not may(minutes=11)
    assert not may(row_version=4)
    assert not may(held=Held("token-of-wang", "browser-2"))
    assert not COOKIE.may_undo(Request({"type": "http", "headers": []}), WANG, link_id=7, row_version=3, now=NOW)
