"""将要发出: what goes out in the next working days, to whom and with which words, before anything is sent."""

from __future__ import annotations

import re
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


class Rehearsal:
    """The last rehearsal: it is played again only when the record, the files or the minute have changed."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self._stamp: object = None
        self._messages: list[Rehearsed] = []
        self._lock = Lock()

    def until(self, until: datetime) -> list[Rehearsed]:
        """Every message that goes out until then, as if nothing else happened."""
        app = self.shell.app
        now = app.now().replace(second=0, microsecond=0)
        stamp = (last_change(app.store), app.office.revision, now, until)
        with self._lock:  # two readers at once need not play the same days twice
            if self._stamp != stamp:
                policy, channels = app.delivery_policy(), set(app.office.channels)
                self._messages = rehearse(app.store, policy, now=now, until=until, channels=channels)
                self._stamp = stamp
            return self._messages


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.SEE_UPKEEP))
    rehearsal = Rehearsal(shell)

    @pages.api_route("/coming", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        app = shell.app
        last = app.workdays.add(app.today(), WORKDAYS)
        messages = rehearsal.until(datetime.combine(last, time.max, app.tz))
        days = [(day, list(found)) for day, found in groupby(messages, key=lambda one: one.at.date())]
        return shell.page(request, "coming.html", days=days, total=len(messages), last=last, hide=hidden)

    return pages


def hidden(text: str) -> str:
    """Without the secret part of the links: who looks at this page is not who the link is for."""
    return _LINK.sub(r"\1……", text)
