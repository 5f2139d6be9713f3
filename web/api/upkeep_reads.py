"""What a program may read of the sending and the record: messages, what comes, how it runs, problems, the completion log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.requests import Request

from planning.access import Action
from planning.instants import instant
from reports.channels import standings
from reports.log import head, log
from reports.outbox import MessageFilters, message, outbox
from reports.problems import open_problems
from reports.undelivered import undelivered
from reports.upkeep import upkeep
from services.backup import newest
from services.errors import Refused
from web.api.forms.base import Window, plain
from web.api.forms.messages import ComingOut, ComingPage, MessageOut, MessagePage, MessageQuery, MessageTextOut
from web.api.forms.record import EntryOut, LogOut
from web.api.forms.upkeep import ChannelOut, ProblemOut, ProblemPage, TodayOut, UntoldOut
from web.api.gate import listen
from web.pages.coming import WORKDAYS, Rehearsal, hidden
from web.pages.outbox import readers_of, without_links
from web.pages.today import LOOKED_BACK
from web.shell import Shell
from web.words import MESSAGE_STATES, for_reader

MessageRef = Annotated[str, Path(max_length=40, pattern=r"^[A-Za-z0-9-]+$", description="T2603-000142")]


@dataclass(frozen=True)
class UpkeepReads:
    shell: Shell
    rehearsal: Rehearsal

    def messages(self, request: Request, asked: Annotated[MessageQuery, Query()]) -> MessagePage:
        """What went out, newest first, with the provider's own answers."""
        if asked.state and asked.state not in MESSAGE_STATES:
            raise Refused(f"消息没有“{asked.state[:20]}”这个状态，可用的有：{'、'.join(MESSAGE_STATES)}。", code="unknown_state")
        app = self.shell.app
        found = outbox(
            app.store,
            MessageFilters(
                states=(asked.state,) if asked.state else (),
                person=asked.person or None,
                readers=readers_of(self.shell, request),
                day=asked.day,
            ),
            tz=app.tz,
            limit=asked.limit,
            offset=asked.offset,
        )
        return MessagePage(total=found.total, items=plain(MessageOut, found.lines))

    def message(self, request: Request, ref: MessageRef) -> MessageTextOut:
        """One message with its text."""
        found = message(self.shell.app.store, ref, readers=readers_of(self.shell, request))
        if found is None:
            raise Refused(f"没有编号为“{ref}”的消息。", code="unknown_message")
        seen = MessageOut.model_validate(found)
        return MessageTextOut(**seen.model_dump(), text=without_links(found.text))

    def coming(self) -> ComingPage:
        """Every message of the next five workdays, as if nothing happened meanwhile."""
        app = self.shell.app
        last = app.workdays.add(app.today(), WORKDAYS)
        found = self.rehearsal.until(datetime.combine(last, time.max, app.tz))
        items = [ComingOut.model_validate(one).model_copy(update={"text": hidden(one.text)}) for one in found]
        return ComingPage(until=last, total=len(items), items=items)

    def today(self) -> TodayOut:
        """Whether it runs, how the channels stand, and what did not leave."""
        app = self.shell.app
        stands = upkeep(app.store)
        since = instant(app.today(), time(), app.tz) - LOOKED_BACK
        lost = undelivered(app.store, since=since, now=app.now())
        channels = standings(app.store, list(app.office.declared_channels or {}), now=app.now())
        return TodayOut(
            last_tick=stands.last_tick,
            last_watch=stands.last_watch,
            newest_backup=newest(app.home / "backups"),
            crowd_held=stands.crowd_held,
            clock_held=stands.clock_held,
            channels=plain(ChannelOut, channels),
            failed=plain(MessageOut, lost.failed),
            waiting=plain(MessageOut, lost.waiting),
            untold=plain(UntoldOut, lost.untold),
        )

    def problems(self) -> ProblemPage:
        """What the admin must know of, oldest first."""
        found = open_problems(self.shell.app.store)
        items = [ProblemOut.model_validate(one).model_copy(update={"text": for_reader(one.text)}) for one in found]
        return ProblemPage(total=len(items), items=items)

    def entries(self, asked: Annotated[Window, Query()]) -> LogOut:
        """The completion log, newest first."""
        store = self.shell.app.store
        found, newest_entry = log(store, limit=asked.limit, offset=asked.offset), head(store)
        return LogOut(
            total=found.total, head_seq=newest_entry.seq, head_code=newest_entry.code, items=plain(EntryOut, found.lines)
        )


def router(shell: Shell) -> APIRouter:
    calls, reads = APIRouter(tags=["read"]), UpkeepReads(shell, Rehearsal(shell))
    listen(
        calls,
        shell,
        "GET",
        {
            "/messages": (reads.messages, Action.SEE_MESSAGES),
            "/messages/{ref}": (reads.message, Action.SEE_MESSAGES),
            "/coming": (reads.coming, Action.SEE_UPKEEP),
            "/today": (reads.today, Action.SEE_UPKEEP),
            "/problems": (reads.problems, Action.SEE_UPKEEP),
            "/log": (reads.entries, Action.SEE_LOG),
        },
    )
    return calls
