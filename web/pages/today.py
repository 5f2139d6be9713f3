"""今日: what goes out today, what went out before, what did not and why; and the levers for when something stands still."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.machine_clock import machine_beat
from planning.access import Action
from planning.instants import instant
from reports.channels import Standing, standings
from reports.outbox import sent_by_channel
from reports.problems import open_problems
from reports.undelivered import undelivered
from reports.upkeep import upkeep
from services.backup import BackupFailed, back_up, newest
from services.clock_guard import accept_clock
from services.errors import Refused
from services.holding import release_hold
from services.resend import resend
from web.gate import Needs, Writes, typed_of, visitor_of
from web.pages.coming import Rehearsal, hidden
from web.shell import READ, Shell
from web.trial import OWN_READERS, send_trial
from web.words import for_page

_SEE_OTHER = 303
LOOKED_BACK = timedelta(days=7)
"""What did not go out stands on the page for so long."""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel of channels.yaml with its standing; ``usable`` is False where the file has a fault."""

    key: str
    kind: str
    usable: bool
    needs_address: bool
    own_address: str  # where the visitor himself is reached by it: the usual address for a test
    standing: Standing


class TodayPage:
    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.rehearsal = Rehearsal(shell)

    def show(self, request: Request, *, sentence: str = "", said: str = "", code: int = 200) -> Response:
        """``sentence`` is a refusal, ``said`` what was just done."""
        app = self.shell.app
        today = app.today()
        before = app.workdays.add(today, -1)
        day = self._next_day(today)
        return self.shell.page(
            request,
            "today.html",
            code=code,
            sentence=sentence,
            said=said,
            day=day,
            coming=self.rehearsal.until(datetime.combine(day, time.max, app.tz)),
            hide=hidden,
            went=[(one, sent_by_channel(app.store, one, tz=app.tz)) for one in (today, before)],
            not_gone=undelivered(app.store, since=instant(today, time(), app.tz) - LOOKED_BACK, now=app.now()),
            problems=[one for one in open_problems(app.store) if not one.advice],
            upkeep=upkeep(app.store),
            newest_backup=newest(app.home / "backups"),
            channels=self._channels(visitor_of(request).person),
            faults=app.office.errors[:20],
            silent_before=app.settings.silent_before,
            prefect_port=app.settings.prefect_port,
            next_year=today.year + 1,
            next_year_known=not app.workdays.is_provisional(today.year + 1),
        )

    def resend(self, request: Request) -> Response:
        done = resend(
            self.shell.app.store, typed_of(request).get("ref", ""), by=visitor_of(request).person, now=self.shell.app.now()
        )
        left_out = f"，另有{done.left_out}项已办结或移交" if done.left_out else ""
        return self._done(request, "resend", f"已安排重发{done.planned}项{left_out}，下一次派发时发出。")

    def release(self, request: Request) -> Response:
        count = release_hold(self.shell.app.store, by=visitor_of(request).person, now=self.shell.app.now())
        said = f"已放行{count}条积压的消息，下一次派发时补发。" if count else "现在没有积压等待放行的消息。"
        return self._done(request, "release_hold", said)

    def accept_clock(self, request: Request) -> Response:
        beat = machine_beat()
        if beat is None:
            raise Refused("这台机器没有可对照的计时器，不会因时钟跳变而暂停。", code="no_beat")
        held = accept_clock(self.shell.app.store, beat, now=self.shell.app.now())
        return self._done(request, "accept_clock", "已确认时间正确，恢复发送。" if held else "本来就没有暂停。")

    def back_up(self, request: Request) -> Response:
        app = self.shell.app
        try:
            made = back_up(app.store, app.home / "backups", now=app.now(), pg_dump=shutil.which("pg_dump"))
        except BackupFailed as failed:
            raise Refused(str(failed), code="backup_failed") from None
        said = f"已备份并核对：{made.place.name}，{made.size // 1024} KB，完成记录{made.entries}条。"
        return self._done(request, "backup", said)

    def try_channel(self, request: Request) -> Response:
        typed = typed_of(request)
        name = typed.get("channel", "")
        said = send_trial(self.shell.app, name, typed.get("address", "").strip())
        return self._done(request, "test_channel", said, about=name)

    def _done(self, request: Request, what: str, said: str, *, about: str = "") -> Response:
        self.shell.note(request, "run", about=f"{what} {about}".strip())
        return self.show(request, said=said)

    def _next_day(self, today: date) -> date:
        """The day whose messages are shown: today, or the next workday on a rest day."""
        workdays = self.shell.app.workdays
        return today if workdays.is_workday(today) else workdays.add(today, 1)

    def _channels(self, person: str) -> list[ChannelRow]:
        app = self.shell.app
        declared, usable = app.office.declared_channels or {}, app.office.channels
        policy = app.delivery_policy()
        own = {one.channel: one.address for one in policy.destinations.get(person, ())}
        found = standings(app.store, list(declared), now=app.now())
        return [
            ChannelRow(
                one.channel,
                declared[one.channel],
                one.channel in usable,
                not policy.rule(one.channel).group and declared[one.channel] not in OWN_READERS,
                own.get(one.channel, ""),
                one,
            )
            for one in found
        ]


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    page = TodayPage(shell)
    writes = Depends(Writes(shell, Action.RUN))

    @pages.api_route("/today", methods=READ, dependencies=[Depends(Needs(shell, Action.SEE_UPKEEP))])
    def show(request: Request) -> Response:
        return page.show(request)

    @pages.post("/today/{lever}", dependencies=[writes])
    def press(request: Request, lever: str) -> Response:
        acting = _LEVERS.get(lever)
        if acting is None:
            return RedirectResponse("/today", _SEE_OTHER)
        try:
            return acting(page, request)
        except Refused as refusal:
            shell.note(request, "run", refusal.code, about=lever)
            return page.show(request, sentence=for_page(refusal.sentence), code=409)

    return pages


_LEVERS = {
    "resend": TodayPage.resend,
    "release": TodayPage.release,
    "clock": TodayPage.accept_clock,
    "backup": TodayPage.back_up,
    "channel": TodayPage.try_channel,
}
