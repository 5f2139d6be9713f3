"""Every page, read from the router, with an address of the busy town and somebody who looks at it.

A new route without parameters is looked at by the admin as soon as it is there. One with parameters gets its looks in
``LOOKS``, under its path as the router has it; so does a page that others see differently. What answers with something
else than a page is named in ``NO_PAGES`` with its reason. tests/web/test_every_page.py fails for a route that is in none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from config.app import App
from tests.web.all_routes import Way, all_ways
from tests.web.busy_town import NOW
from web.app import create_app
from web.pages.staff import FORMS

_HOME = Path(__file__).parent / "home"

NO_PAGES = {
    "/year": "leads to this year's",
    "/set-up": "leads to signing in, once somebody can; tests/web/test_every_press.py looks at it",
    "/o/{ref}/evidence/{number}": "a file",
    "/s/{link_id}/evidence/{number}": "a file",
    "/me/items/{ref}/evidence/{number}": "a file",
    "/outbox/{ref}/mail": "stands in the frame of the message's page",
    "/t/{token}": "leads to /s/{link_id}",
    "/ics/{token}.ics": "a calendar",
    "/list.xlsx": "a file",
    "/outbox.xlsx": "a file",
    "/log.xlsx": "a file",
    "/coming.xlsx": "a file",
    "/duties.xlsx": "a file",
    "/people.xlsx": "a file",
    "/gather/{ref}/sheet.xlsx": "a file",
    "/list.csv": "a file",
    "/health": "for programs",
    "/language/{wanted}": "leads back to where one was",
    **dict.fromkeys(
        (f"{item}/{name.replace('_', '-')}" for item in ("/s/{link_id}", "/me/items/{ref}") for name in FORMS),
        "leads back to the item",
    ),
}


@dataclass(frozen=True)
class Look:
    """One look at one page. ``path`` speaks of the busy town's things by name."""

    route: str
    path: str
    who: str = "admin"  # of tests.web.busy_town.PEOPLE, or nobody
    first: str = ""  # opened before it: a reminder's link, which leaves its cookie
    status: int = 200
    on_phones: bool = False  # at that width alone: another look at this page is at both

    @property
    def name(self) -> str:
        return f"{self.who} {self.first}{self.path}"


def _by_link(link: str, *, mine: bool = False) -> Look:
    part = f"/s/{{{link.removesuffix('link')}part}}"
    route = "/s/{link_id}/mine" if mine else "/s/{link_id}"
    return Look(route, part + "/mine" * mine, "nobody", first=f"/t/{{{link}}}")


def _items(*pairs: tuple[str, str]) -> tuple[Look, ...]:
    return tuple(Look("/me/items/{ref}", f"/me/items/{{{thing}}}", who) for thing, who in pairs)


LOOKS: dict[str, tuple[Look, ...]] = {
    "/year/{year}": (Look("/year/{year}", "/year/2026"), Look("/year/{year}", "/year/2027", "leader")),
    "/list": (
        Look("/list", "/list", "office"),
        Look("/list", "/list?when=2026-10&state=overdue&text=x", "leader"),
    ),
    "/o/{ref}": tuple(Look("/o/{ref}", f"/o/{{{thing}}}") for thing in ("done", "overdue", "extended", "wished", "signed")),
    "/outbox": (Look("/outbox", "/outbox"), Look("/outbox", "/outbox", "staff"), Look("/outbox", "/outbox?state=failed")),
    "/outbox/{ref}": tuple(
        Look("/outbox/{ref}", f"/outbox/{{{thing}}}") for thing in ("message", "message_failed", "message_pending")
    ),
    "/log": (Look("/log", "/log", "auditor"), Look("/log", "/log?anchor=1:zzz", "auditor")),
    "/s/{link_id}": (
        _by_link("open_link"),
        _by_link("done_link"),
        _by_link("wished_link"),
        _by_link("decider_link"),
        _by_link("verifier_link"),
    ),
    "/s/{link_id}/mine": (_by_link("open_link", mine=True),),
    "/me/items/{ref}": _items(
        ("open", "admin"),
        ("zero", "admin"),
        ("overdue", "admin"),
        ("done", "admin"),
        ("wished", "admin"),
        ("unsigned", "admin"),
        ("waived", "admin"),
    ),
    "/me": (Look("/me", "/me", "staff"), Look("/me", "/me", "leader"), Look("/me", "/me")),
    "/feedback": (Look("/feedback", "/feedback", "nobody"), Look("/feedback", "/feedback?ref={overdue}", "staff")),
    "/sign-in": (Look("/sign-in", "/sign-in", "nobody"),),
    "/activate": (Look("/activate", "/activate", "nobody"),),
    "/gather/{ref}": (Look("/gather/{ref}", "/gather/{hall}"),),
    "/gather/{ref}/wall": (Look("/gather/{ref}/wall", "/gather/{hall}/wall"),),
    "/in/{code}": (Look("/in/{code}", "/in/{wall}", "nobody"),),
    "/people/{key}": (Look("/people/{key}", "/people/wangmin"),),
    "/units/{key}": (Look("/units/{key}", "/units/sifasuo"),),
    "/duties/{key}": (Look("/duties/{key}", "/duties/study-law"),),
    "/today": (Look("/today", "/today"), Look("/today", "/today", "auditor")),
}
"""By route; one without parameters that is not here is looked at by the admin."""

NO_SUCH = (
    Look("", "/nothing-here", "nobody", status=404),
    Look("", "/nothing-here", "staff", status=404),
    Look("", "/accounts", "staff", status=403),
    Look("", "/t/aaaaaaaaaaaaaaaaaaaaaaaaaa", "nobody", status=410),
    Look("", "/in/1-aaaaaaaaaaaaaaaaaaaa", "nobody", status=410),
)
"""What stands in a page's place when there is none."""


def shown() -> list[Way]:
    """Every route that only shows, of the pages and not of the interface for programs."""
    application = create_app(App(_HOME, environ={}, clock=lambda: NOW))
    return [way for way in all_ways(application) if way.method == "GET" and not way.by_program]


def unknown() -> list[str]:
    """Routes with parameters that nobody has given a look."""
    return [way.path for way in shown() if way.parameters and way.path not in LOOKS and way.path not in NO_PAGES]


def gone() -> list[str]:
    """Lines of the tables here that no route has any more."""
    return sorted({*LOOKS, *NO_PAGES} - {way.path for way in shown()})


def every_look() -> list[Look]:
    return [*_looks(shown()), *NO_SUCH]


def _looks(ways: list[Way]) -> Iterator[Look]:
    for way in ways:
        if way.path in NO_PAGES or (way.parameters and way.path not in LOOKS):
            continue
        first, *others = LOOKS.get(way.path, (Look(way.path, way.path),))
        yield first
        yield from (replace(other, on_phones=True) for other in others)
