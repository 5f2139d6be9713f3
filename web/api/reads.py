"""What a program may read of the occurrences: lists, one with its whole history and its files, what waits for whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from planning.access import Action, may
from reports.extension_requests import pending_requests
from reports.history import History, history
from reports.mine import MyLine
from reports.occurrences import STATE_WORDS, Filters, listing
from services.errors import Refused
from web.api.forms.base import plain
from web.api.forms.duties import DutyFactsOut
from web.api.forms.messages import MessageOut
from web.api.forms.occurrences import (
    CompletionOut,
    DueMoveOut,
    EvidenceOut,
    HistoryOut,
    MineOut,
    MyLineOut,
    OccurrenceOut,
    OccurrencePage,
    OccurrenceQuery,
    PartOut,
    PendingOut,
    PendingPage,
    ReminderOut,
    RequestOut,
)
from web.api.forms.record import EntryOut
from web.api.gate import Program, listen
from web.evidence_file import evidence_file
from web.gate import require, visitor_of
from web.pages.mine import own_items
from web.pages.outbox import readers_of
from web.shell import Shell
from web.typed import NumberInPath

Ref = Annotated[str, Path(max_length=120, pattern=r"^[^:\s]+:[^\s]+$", description="study-law:2026-Q1")]


class WholeFile(FileResponse):
    """A file that is given as a whole: a part that is asked for would be refused in words that are no answer of ours."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in scope["headers"] if name != b"range"]
        await super().__call__({**scope, "headers": headers}, receive, send)


@dataclass(frozen=True)
class Reads:
    shell: Shell

    def occurrences(self, request: Request, asked: Annotated[OccurrenceQuery, Query()]) -> OccurrencePage:
        """By due day. ``state`` is one of the words of the list's filter; an unknown one is refused."""
        if asked.state and asked.state not in STATE_WORDS:
            raise Refused(f"没有“{asked.state[:20]}”这个状态，可用的有：{'、'.join(STATE_WORDS)}。", code="unknown_state")
        app, allowed = self.shell.app, self.shell.units_of(visitor_of(request))
        filters = Filters(
            kinds=(asked.kind.value,) if asked.kind else (),
            units=(asked.unit,) if asked.unit and (not allowed or asked.unit in allowed) else allowed,
            persons=(asked.person,) if asked.person else (),
            states=(asked.state,) if asked.state else (),
            text=asked.text,
            due_from=asked.due_from,
            due_to=asked.due_to,
        )
        found = listing(
            app.store,
            filters,
            as_of=self.shell.as_of,
            workdays=app.workdays,
            limit=asked.limit,
            offset=asked.offset,
            tz=app.tz,
            memo=self.shell.memo,
        )
        return OccurrencePage(total=found.total, items=plain(OccurrenceOut, found.lines))

    def one(self, request: Request, ref: Ref) -> HistoryOut:
        """Everything that is known of one occurrence, and what its duty asks."""
        seen = _seen(self.shell, request, ref)
        readers = readers_of(self.shell, request)
        messages = plain(MessageOut, seen.messages)
        return HistoryOut(
            occurrence=OccurrenceOut.model_validate(seen.line),
            duty=DutyFactsOut.model_validate(seen.duty),
            planned_at=seen.planned_at,
            assignments=plain(PartOut, seen.assignments),
            due_changes=plain(DueMoveOut, seen.due_changes),
            extension_requests=plain(RequestOut, seen.requests),
            reminders=plain(ReminderOut, seen.reminders),
            messages=[one if readers is None or one.person in readers else _covered(one) for one in messages],
            completions=plain(CompletionOut, seen.completions),
            evidence=[
                EvidenceOut(number=number, name=one.name, sha256=one.sha256, size=one.size, at=one.at)
                for number, one in enumerate(seen.evidence, start=1)
            ],
            entries=plain(EntryOut, seen.entries),
        )

    def evidence(self, request: Request, ref: Ref, number: NumberInPath) -> Response:
        """The file as it is kept, as an attachment."""
        found = evidence_file(_seen(self.shell, request, ref).evidence, number, folder=self.shell.app.evidence_folder)
        if found is None:
            raise Refused(f"“{ref[:60]}”没有第{number}份佐证。", code="unknown_evidence")
        headers = {name: found.headers[name] for name in ("content-disposition", "content-security-policy")}
        return WholeFile(found.path, media_type=found.media_type, headers={**headers, "Accept-Ranges": "none"})

    def requests(self, request: Request) -> PendingPage:
        """The wishes for a later day that nobody has decided yet, the nearest due day first."""
        visitor = visitor_of(request)
        found = [
            one
            for one in pending_requests(self.shell.app.store)
            if may(visitor, Action.SEE_ROWS, unit=one.unit, persons=one.persons)
        ]
        return PendingPage(total=len(found), items=plain(PendingOut, found))

    def mine(self, request: Request) -> MineOut:
        """What the account's person sees as 我的事项."""
        person = visitor_of(request).person
        found = own_items(self.shell, person)
        return MineOut(
            person=person,
            overdue=_mine(found.overdue),
            today=_mine(found.today),
            coming=_mine(found.coming),
            waiting=_mine(found.waiting),
            deciding=_mine(found.deciding),
            later=found.later,
        )


def router(shell: Shell) -> APIRouter:
    calls, reads = APIRouter(tags=["read"]), Reads(shell)
    listen(
        calls,
        shell,
        "GET",
        {
            "/occurrences": (reads.occurrences, Action.SEE_ROWS),
            "/occurrences/{ref}": (reads.one, Action.SEE_ROWS),
            "/extension-requests": (reads.requests, Action.SEE_ROWS),
            "/mine": (reads.mine, Action.OWN),
        },
    )
    whole_file = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    calls.add_api_route(
        "/occurrences/{ref}/evidence/{number}",
        reads.evidence,
        methods=["GET"],
        response_class=Response,
        responses={200: whole_file},
        dependencies=[Depends(Program(shell, Action.SEE_ROWS))],
    )
    return calls


def _seen(shell: Shell, request: Request, ref: str) -> History:
    """The occurrence, if the account may see it. Raises Refused: unknown_occurrence; NotAllowed."""
    try:
        found = history(shell.app.store, ref, as_of=shell.as_of, workdays=shell.app.workdays, tz=shell.app.tz)
    except ValueError:
        found = None
    if found is None:
        raise Refused(f"没有编号为“{ref[:60]}”的办理项。", code="unknown_occurrence")
    require(request, Action.SEE_ROWS, unit=found.line.unit, persons=[one.person for one in found.assignments])
    return found


def _covered(message: MessageOut) -> MessageOut:
    """Of another's message the record says that it went out, and how; not what else it spoke of."""
    return message.model_copy(update={"subject": "", "about": []})


def _mine(lines: tuple[MyLine, ...]) -> list[MyLineOut]:
    return [
        MyLineOut(
            occurrence=OccurrenceOut.model_validate(one.line),
            in_place_of=one.in_place_of,
            asked_by=one.asked_by,
            owners=list(one.owners),
            only_helps=one.only_helps,
        )
        for one in lines
    ]
