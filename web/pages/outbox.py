"""发件箱: what was sent to whom, what was not, why, and each message as its reader sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from planning.access import Action, Reach, reach_of
from reports.channel_rests import channel_rests
from reports.occurrences import Filters, listing
from reports.outbox import MessageFilters, MessageLine, every_message, message, outbox
from reports.outbox_file import outbox_xlsx
from reports.table_file import TableHead
from services.links import token_of
from web.gate import Needs, visitor_of
from web.headers import MAIL_POLICY, WITH_FRAME
from web.list_address import asked_word
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.words import CHANNELS, MESSAGE_STATES

TITLE = "发件箱"
PAGE_SIZE = 30
_NOT_FOUND = 404
_LINK = re.compile(r"\{link:\d+\}")
_IN_TEXT = "……"
"""Stands where the reader finds the secret part of the link."""


@dataclass(frozen=True, slots=True)
class Wish:
    state: str = ""
    person: str = ""
    day: str = ""
    page: int = 1

    def query(self, **changes: str | int) -> str:
        said = {name: getattr(self, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in said.items() if value not in {"", 1}})


def read_wish(request: Request) -> Wish:
    query = request.query_params
    page = query.get("page", "1")
    state = query.get("state", "")
    return Wish(
        state=state if state in MESSAGE_STATES else "",
        person=asked_word(query, "person"),
        day=query.get("day", "") if _day(query.get("day", "")) else "",
        page=int(page) if page.isdecimal() and len(page) < len("100000") and int(page) > 0 else 1,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_MESSAGES))

    @pages.api_route("/outbox", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        wish = read_wish(request)
        filters = _filters(shell, request, wish)
        found = outbox(shell.app.store, filters, tz=shell.app.tz, limit=PAGE_SIZE, offset=(wish.page - 1) * PAGE_SIZE)
        return shell.page(
            request,
            "outbox.html",
            wish=wish,
            messages=found.lines,
            total=found.total,
            by_state=found.by_state,
            pages=max(1, -(-found.total // PAGE_SIZE)),
            people=list(shell.app.roster.people.values()),
            rests=[said for one in channel_rests(shell.app.store, now=shell.app.now()) if (said := one.sentence(shell.app.tz))],
        )

    @pages.api_route("/outbox.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        """The list as it is filtered, without addresses and texts."""
        wish, app = read_wish(request), shell.app
        head = table_head(shell, TITLE, scope=_in_words(shell, wish))
        filters = _filters(shell, request, wish)

        def write(head: TableHead) -> bytes:
            with every_message(app.store, filters, tz=app.tz) as (total, lines):
                return outbox_xlsx(lines, head, total=total, tz=app.tz, channels=CHANNELS)

        return table_answer(shell, request, head, "outbox", write)

    @pages.api_route("/outbox/{ref}", methods=READ, dependencies=[shows])
    def one(request: Request, ref: str) -> Response:
        found = _found(shell, request, ref)
        text = without_links(found.text)
        headers = {"Content-Security-Policy": WITH_FRAME}
        return shell.page(
            request,
            "message.html",
            headers=headers,
            message=found,
            text=text,
            titles=_titles(shell, found),
            links=_staff_links(shell, found),
        )

    @pages.api_route("/outbox/{ref}/mail", methods=READ, dependencies=[shows])
    def mail(request: Request, ref: str) -> Response:
        """The mail's own HTML, for the frame: it may not load, run, send or open anything."""
        found = _found(shell, request, ref)
        headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse(without_links(found.html), headers=headers)

    return pages


def _filters(shell: Shell, request: Request, wish: Wish) -> MessageFilters:
    states = (wish.state,) if wish.state else ()
    return MessageFilters(states, wish.person or None, readers_of(shell, request), _day(wish.day))


def _in_words(shell: Shell, wish: Wish) -> str:
    person = shell.app.roster.people.get(wish.person)
    said = (MESSAGE_STATES.get(wish.state, ""), person.name if person else wish.person, wish.day)
    return "、".join(filter(None, said))


def readers_of(shell: Shell, request: Request) -> set[str] | None:
    """Whose messages the visitor may see; None: everybody's."""
    visitor = visitor_of(request)
    if reach_of(visitor, Action.SEE_MESSAGES) is Reach.OWN:
        return {visitor.person}
    if visitor.units is None:
        return None
    people = shell.app.roster.people.values()
    return {one.key for one in people if any(post.unit in visitor.units for post in one.posts)} | {visitor.person}


def without_links(text: str) -> str:
    """Who looks at a message is not who its links are for."""
    return _LINK.sub(_IN_TEXT, text)


def _found(shell: Shell, request: Request, ref: str) -> MessageLine:
    found = message(shell.app.store, ref, readers=readers_of(shell, request))
    if found is None:
        raise HTTPException(_NOT_FOUND)
    return found


def _titles(shell: Shell, found: MessageLine) -> dict[str, str]:
    """What the message speaks of, by reference."""
    if not found.about:  # a filter without references would find everything
        return {}
    wanted = Filters(refs=found.about)
    lines = listing(shell.app.store, wanted, as_of=shell.as_of, workdays=shell.app.workdays).lines
    return {line.ref: line.title for line in lines}


def _staff_links(shell: Shell, found: MessageLine) -> list[str]:
    """The addresses behind the message's links: only a demo shows them, for who tries out the staff page."""
    if not shell.app.demo:
        return []
    key = shell.app.link_key
    carried = [link for link in found.links if "id" in link]
    return [f"/t/{token_of(key, link['assignment'], link['serial'], link.get('reader', ''))}" for link in carried]
