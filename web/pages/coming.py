"""将要发出: what goes out in the next working days, to whom and with which words, before anything is sent."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from itertools import groupby
from threading import Lock

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action
from planning.wording import day_name
from reports.overview import last_change
from reports.table_file import TableColumn, table_xlsx
from services.rehearse import Rehearsed, rehearse
from web.gate import Needs
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.words import CHANNELS

TITLE = "将要发出"
WORKDAYS = 5
_COLUMNS = (
    TableColumn("时间", 17, centred=True),
    TableColumn("收件人", 10, centred=True),
    TableColumn("渠道", 12, centred=True),
    TableColumn("主题", 44),
    TableColumn("涉及的办理项", 26),
)
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

    def ahead() -> tuple[date, list[Rehearsed]]:
        app = shell.app
        last = app.workdays.add(app.today(), WORKDAYS)
        return last, rehearsal.until(datetime.combine(last, time.max, app.tz))

    @pages.api_route("/coming.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request) -> Response:
        last, messages = ahead()
        rows = [
            (f"{one.at:%Y-%m-%d %H:%M}", one.name, CHANNELS.get(one.channel, one.channel), one.subject, one.occurrences)
            for one in messages
        ]
        head = table_head(shell, TITLE, scope=f"到{day_name(last)}", remark="其间有人办结或改期的，到时不发。")
        return table_answer(shell, request, head, "coming", lambda it: table_xlsx(it, _COLUMNS, rows, total=len(rows)))

    @pages.api_route("/coming", methods=READ, dependencies=[shows])
    def show(request: Request) -> Response:
        last, messages = ahead()
        days = [(day, list(found)) for day, found in groupby(messages, key=lambda one: one.at.date())]
        return shell.page(request, "coming.html", days=days, total=len(messages), last=last, hide=hidden)

    return pages


def hidden(text: str) -> str:
    """Without the secret part of the links: who looks at this page is not who the link is for."""
    return _LINK.sub(r"\1……", text)
