"""Every route of the pages and of the interface, and addresses that fill it.

The routes are read from the running application: a new one is tried by test_routes.py and test_reading_changes_nothing.py
as soon as it is there. One without a parameter needs nothing here. One with parameters gets a line in ``SAMPLES``: its path
as the router has it, and the function that gives the things it can be about: ``items`` where ``{ref}`` is an occurrence,
``messages`` where it is a message, and so on; a write of the interface also gets a body in ``BODIES``. Something new gets
a function of its own that yields a :class:`Thing` for each of: something of 王敏's own, something of her unit that is
somebody else's, something of another unit. Where the gate alone decides, ``filled(name="…")`` is enough: the thing belongs
to nobody. A route that fails for want of a line here says so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any

from PIL import Image
from sqlalchemy import insert
from starlette.routing import Mount, Route

from models.message import messages as message_table
from planning.access import AccountRole, Action, TokenKind
from reports.attendance import sign_in_sheet
from services.attendance import wall_code
from services.evidence import NewEvidence
from services.tokens import make_token
from tests.rows import message_row
from web.api.app import PREFIX
from web.gate import Needs

MINE, ANOTHERS, ELSEWHERE = "fix:整改-007", "study-law:2026-Q1", "report:2026"
"""Occurrences: 王敏's own, of her unit 司法所 but 陈霞's, and of 党政办公室."""

UNGATED = {f"{PREFIX}/openapi.json"}
"""The description of the interface: it tells how to ask, and nothing about the town."""

BODIES: dict[str, dict[str, object]] = {
    "done": {"by": "wangmin", "done_on": "2026-04-07"},
    "extend": {"by": "wangmin", "to": "2026-07-10", "reason": "场地冲突"},
    "hand-over": {"to": "fenggang", "reason": "工作调整"},
    "sign-off": {"note": "现场看过"},
    "reopen": {"reason": "登记有误"},
    "send-back": {"reason": "照片看不清"},
    "void": {"number": 1, "reason": "传错了"},
    "waive": {"reason": "上级取消"},
    "undo": {"reason": "填错了"},
    "acknowledge": {},
    "snooze": {"until": "2026-04-20"},
    "withdraw-extension": {},
    "decide-extension": {"verdict": "approve", "answer": "同意"},
    "evidence": {},
    "items": {"title": "报送排查表", "owner": "person:nobody", "due_on": "2026-04-20"},
    "feedback": {"text": "提醒太多"},
    "answer": {"answer": "已减少"},
}
"""What a program says with a write, by the last word of its path: a body that is not understood is never asked for rights."""

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Way:
    """One method of one route."""

    method: str
    path: str  # as the router has it, from the root
    gates: tuple[Needs, ...] = field(compare=False)

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def action(self) -> Action:
        (gate,) = self.gates
        return gate.action

    @property
    def by_program(self) -> bool:
        return self.path.startswith(PREFIX)

    @property
    def parameters(self) -> list[str]:
        return _PARAMETER.findall(self.path)


@dataclass(frozen=True)
class Thing:
    """What a request is about. ``persons`` are assigned to it; None: it belongs to nobody, and the gate alone decides."""

    fills: Mapping[str, str]
    unit: str | None = None
    persons: tuple[str, ...] | None = None
    refused: int = 403  # how it is told that this one is not for the visitor; 404 where not even its being there is told

    def address(self, way: Way) -> str:
        return _PARAMETER.sub(lambda found: self.fills[found[1]], way.path)


@dataclass
class Furnished:
    """A town in which there is something behind every route."""

    town: Any

    def __post_init__(self) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (8, 8)).save(picture, "JPEG")
        for ref, by, name in ((MINE, "wangmin", "王敏"), (ANOTHERS, "chenxia", "陈霞"), (ELSEWHERE, "zhangwei", "张伟")):
            self.town.done(
                ref,
                date(2026, 4, 7),
                by=by,
                name=name,
                measures={"场次": 1} if ref == ANOTHERS else {},
                evidence=[NewEvidence("现场.jpg", picture.getvalue())],
                folder=self.town.app.evidence_folder,
            )
        now = self.town.clock.now
        with self.town.app.store.write() as db:
            for number, person in enumerate(("wangmin", "chenxia", "zhangwei"), 1):
                row = message_row(id=number, ref=f"T2604-{number:06d}", dedupe_key=str(number), built_at=now, next_at=now)
                db.execute(insert(message_table), row | {"person": person, "html": "<p>提醒</p>"})

    @cached_property
    def staff_token(self) -> str:
        return str(self.town.link("study-law:2026-Q2", "chenxia"))

    @cached_property
    def link_id(self) -> str:
        """Of the staff link that this browser holds."""
        return str(self.town.get(f"/t/{self.staff_token}").headers["location"]).rpartition("/")[2]

    @cached_property
    def feed(self) -> str:
        store, now = self.town.app.store, self.town.clock.now
        return make_token(store, TokenKind.PERSON_FEED, "wangmin", note="", by="wangmin", now=now)

    @cached_property
    def hall(self) -> int:
        sheet = sign_in_sheet(self.town.app.store, "study-law:2026-Q2")
        assert sheet
        return sheet.occurrence_id

    def key_of_a_program(self, person: str) -> str:
        store, now = self.town.app.store, self.town.clock.now
        return make_token(store, TokenKind.PROGRAM, person, note="平台", by="zhangwei", now=now)

    def wall(self, now: datetime) -> str:
        return wall_code(self.town.app.link_key, self.hall, now=now)

    def things(self, way: Way) -> list[Thing]:
        """At least one for every route; fails for a route that SAMPLES does not know."""
        if not way.parameters:
            return [Thing({})]
        assert way.path in SAMPLES, f"{way.path} has parameters: give it a line in SAMPLES of {__name__}"
        return list(SAMPLES[way.path](self))


def all_ways(application: Any) -> list[Way]:
    found = [
        Way(method, prefix + route.path, tuple(one.dependency for one in gates if isinstance(one.dependency, Needs)))
        for prefix, route, gates in _routes(application.routes, "")
        for method in sorted(route.methods or ())
    ]
    return [way for way in found if way.path not in UNGATED]


def _routes(routes: Any, prefix: str) -> Iterator[tuple[str, Route, Any]]:
    for route in routes:
        whole = getattr(route, "original_router", None)  # FastAPI keeps each included router as it is
        if whole is not None:
            yield from _routes(whole.routes, prefix)
        elif isinstance(route, Mount):
            yield from _routes(getattr(route.app, "routes", ()), prefix + route.path)
        else:
            yield prefix, route, getattr(route, "dependencies", ())


def items(_: Furnished, **more: str) -> list[Thing]:
    return [
        Thing({"ref": MINE} | more, "sifasuo", ("wangmin", "chenxia")),
        Thing({"ref": ANOTHERS} | more, "sifasuo", ("chenxia", "zhangjun", "liguoqiang")),
        Thing({"ref": ELSEWHERE} | more, "dangzhengban", ("zhangwei",)),
    ]


def evidence(town: Furnished) -> list[Thing]:
    return items(town, number="1")


def messages(_: Furnished) -> list[Thing]:
    """A message belongs to its reader, and to the units in which he has a post."""
    return [
        Thing({"ref": "T2604-000001"}, "sifasuo", ("wangmin",), refused=404),
        Thing({"ref": "T2604-000002"}, "sifasuo", ("chenxia",), refused=404),
        Thing({"ref": "T2604-000003"}, "dangzhengban", ("zhangwei",), refused=404),
    ]


def filled(**fills: str) -> Callable[[Furnished], list[Thing]]:
    return lambda _: [Thing(fills)]


def links(town: Furnished) -> list[Thing]:
    """The link that this browser holds, one that it does not hold, and one that nobody ever had."""
    return [Thing({"link_id": number}) for number in (town.link_id, "1", "999999")]


def staff_tokens(town: Furnished) -> list[Thing]:
    broken = ("a" * 26, "", town.staff_token[:-1], town.staff_token.upper(), f"r1-{'a' * 26}", "%00", "令牌")
    return [Thing({"token": token}) for token in (town.staff_token, *filter(None, broken))]


def feeds(town: Furnished) -> list[Thing]:
    return [Thing({"token": token}) for token in (town.feed, "a" * 32, "x", "%00")]


def wall_codes(town: Furnished) -> list[Thing]:
    return [Thing({"code": code}) for code in (town.wall(town.town.clock.now), "x", "1-2-3", "%00")]


SAMPLES: dict[str, Callable[[Furnished], list[Thing]]] = {
    "/year/{year}": lambda _: [Thing({"year": year}) for year in ("2026", "2027", "abc")],
    "/o/{ref}": items,
    "/o/{ref}/evidence/{number}": evidence,
    "/outbox/{ref}": messages,
    "/outbox/{ref}/mail": messages,
    "/t/{token}": staff_tokens,
    "/s/{link_id}": links,
    "/s/{link_id}/mine": links,
    "/s/{link_id}/evidence/{number}": lambda town: [Thing(one.fills | {"number": "1"}) for one in links(town)],
    "/me/items/{ref}/evidence/{number}": evidence,
    "/feedback/{number}/answer": filled(number="1"),
    "/accounts/{person}/{change}": filled(person="fenggang", change="unlock"),
    "/ics/{token}.ics": feeds,
    "/gather/{ref}": items,
    "/gather/{ref}/wall": items,
    "/gather/{ref}/sheet.xlsx": items,
    "/in/{code}": wall_codes,
    "/in/{number}/sign": lambda town: [Thing({"number": str(town.hall)}), Thing({"number": "999999"})],
    "/language/{wanted}": filled(wanted="zh"),
    "/today/{lever}": filled(lever="release-hold"),
    "/people/{key}": lambda _: [Thing({"key": key}) for key in ("fenggang", "nobody")],
    "/units/{key}": filled(key="huilong"),
    "/duties/{key}": lambda _: [Thing({"key": key}) for key in ("safe", "nothing")],
    f"{PREFIX}/occurrences/{{ref}}": items,
    f"{PREFIX}/occurrences/{{ref}}/evidence/{{number}}": evidence,
    f"{PREFIX}/messages/{{ref}}": messages,
    f"{PREFIX}/feedback/{{number}}/answer": filled(number="1"),
}
_ON_PAGES = {"withdraw-extension": "withdraw", "decide-extension": "decide"}
"""Acts that a page calls by a shorter name: it shows the wish beside the button."""

for _act in (
    "done",
    "undo",
    "extend",
    "withdraw-extension",
    "hand-over",
    "acknowledge",
    "snooze",
    "sign-off",
    "send-back",
    "void",
    "decide-extension",
    "reopen",
    "waive",
):
    _form = _ON_PAGES.get(_act, _act)
    SAMPLES[f"/s/{{link_id}}/{_form}"] = links
    SAMPLES[f"/me/items/{{ref}}/{_form}"] = items
    SAMPLES[f"{PREFIX}/occurrences/{{ref}}/{_act}"] = items
SAMPLES[f"{PREFIX}/occurrences/{{ref}}/evidence"] = items
SAMPLES["/me/items/{ref}"] = items
for _form in ("stand-in", "stand-in/end", "left", "hand-over", "test"):
    SAMPLES[f"/people/{{key}}/{_form}"] = filled(key="fenggang")

VISITORS = [(role, scope) for role in AccountRole for scope in (None, "sifasuo", "huilong")]
"""What 王敏 may be, and for which units: all, her own, and another."""
