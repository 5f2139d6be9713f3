"""办结日志: the append-only record, whether its chain is whole, and a box to check a code that was kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from planning.acts import VIAS, act_name
from reports.history import payload_of
from reports.log import Head, LogLine, Verification, head, log, parse_anchor, verify
from web.gate import Needs
from web.shell import READ, Shell

PAGE_SIZE = 30
_LONGEST = 100  # characters of a pasted code


@dataclass(frozen=True, slots=True)
class Entry:
    line: LogLine
    title: str
    act: str
    name: str
    via: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the check of a pasted code says."""

    good: bool
    sentences: tuple[str, ...]


class LastCheck:
    """Walking the whole chain takes seconds at 100,000 entries: its result is kept until there is a newer entry."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._lock = Lock()
        self._known: tuple[Head, Verification] | None = None

    def get(self) -> Verification:
        store = self._shell.app.store
        with self._lock:
            newest = head(store)
            if self._known is None or self._known[0] != newest:
                self._known = (newest, verify(store))
            return self._known[1]


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_LOG))
    last_check = LastCheck(shell)

    @pages.api_route("/log", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        page = _page(request.query_params.get("page", "1"))
        anchor = request.query_params.get("anchor", "").strip()[:_LONGEST]
        found = log(shell.app.store, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
        return shell.page(
            request,
            "log.html",
            check=last_check.get(),
            newest=head(shell.app.store),
            anchor=anchor,
            answer=_compare(shell, anchor) if anchor else None,
            entries=[_entry(shell, line) for line in found.lines],
            page=page,
            pages=max(1, -(-found.total // PAGE_SIZE)),
        )

    return pages


def _page(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len("100000") and int(text) > 0 else 1


def _compare(shell: Shell, anchor: str) -> Answer:
    try:
        seq, code = parse_anchor(anchor)
        checked = verify(shell.app.store, anchors=[(seq, code)])
    except ValueError as error:
        return Answer(good=False, sentences=(str(error),))
    return Answer(checked.ok, checked.sentences)


def _entry(shell: Shell, line: LogLine) -> Entry:
    person = shell.app.roster.people.get(line.actor)
    title = payload_of(line).get("title")
    return Entry(
        line=line,
        title=title if isinstance(title, str) else "",
        act=act_name(line.kind),
        name=person.name if person else {"system": "系统"}.get(line.actor, line.actor),
        via=VIAS.get(line.via, line.via),
    )
