"""Looking changes nothing: mail scanners, previews and curious colleagues open every address, again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from planning.access import AccountRole
from services.tick import tick
from tests.web.all_routes import Furnished, all_ways
from tests.web.every_row import changed, digests
from web.headers import SAFE_METHODS

REQUESTS = 1_000

QUERIES = (
    "",
    "?year=2027",
    "?page=2",
    "?next=/list",
    "?who=wangmin",
    "?state=overdue&person=chenxia",
    "?anchor=1:abc",
    "?ref=fix:整改-007",
    "?done_on=2026-04-07&code=x&reason=y&by=wangmin",
    "?page=%00&year=9999999999&day=2026-02-30&unit=%2e%2e",
)


def addresses(furnished: Furnished) -> list[tuple[str, str]]:
    """Method and address of whatever may be looked at, every sample of it."""
    looking = [way for way in all_ways(furnished.town.client._transport.app) if way.method in SAFE_METHODS]
    found = [(way.method, thing.address(way)) for way in looking for thing in furnished.things(way)]
    for form in ("done", "undo", "decide"):  # what only a button does, opened like a page
        found += [("GET", f"/s/{furnished.link_id}/{form}"), ("GET", f"/me/items/fix:整改-007/{form}")]
    return [*found, ("GET", "/sign-out"), ("GET", "/accounts/wangmin/disable"), ("GET", "/nothing"), ("HEAD", "/health")]


@pytest.fixture
def furnished(town: Any) -> Furnished:
    """With everything sent that is due, and a browser that holds a staff link."""
    made = Furnished(town)
    with town.app.open_channels() as channels:
        tick(town.app.store, channels, town.app.delivery_policy(), now=town.clock.now)
    assert made.link_id
    assert made.feed
    assert made.hall
    return made


def test_a_thousand_looks_at_every_address_leave_every_row_as_it_was(furnished: Furnished) -> None:
    town = furnished.town
    wanted = addresses(furnished)
    key = furnished.key_of_a_program("zhangwei")
    visitors = (
        ("zhangwei", AccountRole.ADMIN, None),
        ("wangmin", AccountRole.STAFF, "sifasuo"),
        ("wangmin", AccountRole.AUDITOR, None),
        (None, AccountRole.STAFF, None),
    )
    seen: set[int] = set()
    staff: list[int] = []
    asked = 0
    for turn in range(REQUESTS):
        who, role, scope = visitors[turn % len(visitors)]
        if who is None:
            town.sign_out()
        else:
            town.sign_in(who, role, scope)
        before = digests(town.app.store)
        for number, (method, path) in enumerate(wanted):
            query = QUERIES[(number + turn) % len(QUERIES)]
            headers = {"Authorization": f"Bearer {key if turn % 2 else 'broken'}"} if path.startswith("/api/") else {}
            ask = town.get if method == "GET" else town.head
            answer = ask(f"{path}{query}", headers=headers)
            assert answer.status_code < 500, (method, path, query)
            seen.add(answer.status_code)
            if path == f"/s/{furnished.link_id}":  # the address of the link, opened just before, gave this browser its cookie
                staff.append(answer.status_code)
        asked += len(wanted)
        assert changed(before, digests(town.app.store)) == [], who
        town.clock.now += timedelta(minutes=7)
        if asked >= REQUESTS and turn >= len(visitors):
            break
    assert asked >= REQUESTS
    assert {200, 303, 403, 404, 405} <= seen
    assert staff.count(200) >= len(visitors)
    assert set(staff) <= {200, 410, 429}  # thirty views a minute; without one there is no cookie either
