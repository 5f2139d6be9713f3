"""将要发出: what goes out in the next working days, to whom and with which words, before anything is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, time
from itertools import groupby
from threading import Lock

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from reports.overview import last_change
from services.rehearse import Rehearsed, rehearse
from web.gate import Needs
from web.shell import READ, Shell

WORKDAYS = 5
_LINK = re.compile(r"(/t/)[0-9a-z]+")


@dataclass(slots=True)
class _Kept:
    """The last rehearsal: it is played again only when the record, the files or the minute have changed."""

    stamp: object = None
    messages: list[Rehearsed] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_UPKEEP))
    kept = _Kept()

    @pages.api_route("/coming", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        app = shell.app
        last = app.workdays.add(app.today(), WORKDAYS)
        messages = _rehearsed(shell, kept, datetime.combine(last, time.max, app.tz))
        days = [(day, list(found)) for day, found in groupby(messages, key=lambda one: one.at.date())]
        return shell.page(request, "coming.html", days=days, total=len(messages), last=last, hide=_hidden)

    return pages


def _rehearsed(shell: Shell, kept: _Kept, until: datetime) -> list[Rehearsed]:
    app = shell.app
    now = app.now().replace(second=0, microsecond=0)
    stamp = (last_change(app.store), app.office.revision, now, until)
    with kept.lock:  # two readers at once need not play the same days twice
        if kept.stamp != stamp:
            kept.messages = rehearse(app.store, app.delivery_policy(), now=now, until=until, channels=set(app.office.channels))
            kept.stamp = stamp
        return kept.messages


def _hidden(text: str) -> str:
    """Without the secret part of the links: who looks at this page is not who the link is for."""
    return _LINK.sub(r"\1……", text)
