"""What a program may record. Each call is one call of one service, once; said again it is refused with who did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from planning.access import Action
from planning.chain import short_code
from services.change import reopen, waive
from services.complete import complete
from services.completion import Completed, Doing
from services.errors import Refused
from services.extend import extend
from services.extension_requests import ask_extension
from services.hand_over import hand_over
from services.held import Recorded
from services.sign_off import review, sign_off
from web.api.forms import DoneIn, ExtendIn, Fault, HandOverIn, ReasonIn, RecordedOut, SignOffIn
from web.api.gate import NOT_YOURS, Program
from web.api.reads import Ref
from web.limits import Pace
from web.pages.staff_acts import successor
from web.pages.staff_session import Sessions
from web.pages.staff_visit import Acting, Visit, acting_for
from web.shell import Shell

VIA = "program"
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Fault, "description": "It cannot be done now: the message says why"}}


@dataclass(frozen=True)
class Writings:
    shell: Shell
    sessions: Sessions

    def done(self, request: Request, ref: Ref, said: DoneIn) -> RecordedOut:
        """Record that it was done, by whom and when; of a standing duty that it was reviewed."""
        visit = self._visit(request, ref, Action.RECORD)
        app, doer = self.shell.app, _acting(visit, "done", said.by)
        doing: Doing = {
            "by": doer.person,
            "by_name": doer.name,
            "recorded_by": visit.reader,
            "via": VIA,
            "now": _now(self.shell),
            "as_of": self.shell.as_of,
            "done_on": said.done_on,
            "workdays": app.workdays,
            "measures": dict(said.measures),
        }
        if visit.seen.line.standing:
            return _written(review(app.store, ref, note=said.note, **doing))
        return _written(complete(app.store, ref, note=said.note, nothing_to_report=said.nothing_to_report, **doing))

    def extension(self, request: Request, ref: Ref, said: ExtendIn) -> RecordedOut:
        """A later day; where the office asks for approval, the wish for one."""
        visit = self._visit(request, ref, Action.RECORD)
        return _written(_extended(self.shell, visit, said, by=_acting(visit, "extend", said.by)))

    def handing(self, request: Request, ref: Ref, said: HandOverIn) -> RecordedOut:
        """Another owner. ``from_person`` is needed only where there are several owners."""
        visit = self._visit(request, ref, Action.RECORD)
        owner = _acting(visit, "hand_over", said.from_person or "")
        to = successor(self.shell.app, said.to)
        return _written(
            hand_over(
                self.shell.app.store,
                ref,
                to=to.key,
                to_name=to.name,
                by=owner.person,
                reason=said.reason,
                via=VIA,
                now=_now(self.shell),
                from_person=owner.person,
                recorded_by=visit.reader,
            )
        )

    def signing(self, request: Request, ref: Ref, said: SignOffIn) -> RecordedOut:
        """By the verifier for whom the program acts."""
        visit = self._visit(request, ref, Action.DECIDE)
        signer = _acting(visit, "sign_off", "")
        return _written(
            sign_off(
                self.shell.app.store,
                ref,
                by=signer.person,
                via=VIA,
                now=_now(self.shell),
                note=said.note,
                recorded_by=visit.reader,
            )
        )

    def reopening(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Take back a completion or a waiver; both stay on record."""
        by = _acting(self._visit(request, ref, Action.CHANGE), "reopen", "")
        return _written(reopen(self.shell.app.store, ref, by=by.person, reason=said.reason, via=VIA, now=_now(self.shell)))

    def waiving(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Not to be done, for a reason somebody answers for."""
        by = _acting(self._visit(request, ref, Action.CHANGE), "waive", "")
        return _written(waive(self.shell.app.store, ref, by=by.person, reason=said.reason, via=VIA, now=_now(self.shell)))

    def _visit(self, request: Request, ref: str, action: Action) -> Visit:
        """The same look at the item and its people as a page's: what the page refuses, a program is refused."""
        try:
            return self.sessions.visit(request, ref, action)
        except HTTPException:
            raise Refused(f"没有编号为“{ref[:60]}”的办理项。", code="unknown_occurrence") from None


def router(shell: Shell) -> APIRouter:
    calls, writes = APIRouter(tags=["write"], responses=_CONFLICT), Writings(shell, Sessions(shell, Pace(300, 60)))
    routes: dict[str, tuple[Callable[..., Any], Action]] = {
        "done": (writes.done, Action.RECORD),
        "extend": (writes.extension, Action.RECORD),
        "hand-over": (writes.handing, Action.RECORD),
        "sign-off": (writes.signing, Action.DECIDE),
        "reopen": (writes.reopening, Action.CHANGE),
        "waive": (writes.waiving, Action.CHANGE),
    }
    for act, (write, action) in routes.items():
        path = f"/occurrences/{{ref}}/{act}"
        calls.add_api_route(path, write, methods=["POST"], dependencies=[Depends(Program(shell, action))])
    return calls


def _extended(shell: Shell, visit: Visit, said: ExtendIn, *, by: Acting) -> Recorded:
    app, ref = shell.app, visit.seen.line.ref
    if app.settings.extension_approval != "none":
        return ask_extension(
            app.store,
            ref,
            to=said.to,
            by=by.person,
            by_name=by.name,
            reason=said.reason,
            via=VIA,
            now=_now(shell),
            tz=app.tz,
            approval=app.settings.extension_approval,
            recorded_by=visit.reader,
        )
    return extend(
        app.store,
        ref,
        to=said.to,
        by=by.person,
        reason=said.reason,
        via=VIA,
        now=_now(shell),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        recorded_by=visit.reader,
    )


def _now(shell: Shell) -> datetime:
    """In the office's zone: the services word days by it."""
    return shell.app.now().astimezone(shell.app.tz)


def _acting(visit: Visit, form: str, wanted: str) -> Acting:
    """In whose name it is recorded: ``wanted`` (a person key), or who alone may be meant. Raises Refused."""
    names = acting_for(visit, form)
    if not names or (wanted and wanted not in {one.person for one in names}):
        raise Refused("这件事项的这一步，不能由这个密钥代表的账号办理，或者不能记在这个人名下。", code=NOT_YOURS)
    if wanted:
        return next(one for one in names if one.person == wanted)
    himself = next((one for one in names if one.person == visit.reader), None)
    if himself is None and len(names) > 1:
        raise Refused("这件事项有几个人承办，请写明是谁的。", code="which_owner")
    return himself or names[0]


def _written(recorded: Recorded | Completed) -> RecordedOut:
    return RecordedOut(ref=recorded.ref, seq=recorded.seq, code=short_code(recorded.hash))
