"""What a program may record. Each call is one call of one service, once; said again it is refused with who did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from planning.access import Action, Reach, reach_of
from planning.chain import short_code
from planning.roster import Person
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
from web.api.gate import Program
from web.api.reads import Ref, seen_by
from web.gate import NotAllowed, visitor_of
from web.shell import Shell

VIA = "program"
_CONFLICT: dict[int | str, dict[str, Any]] = {409: {"model": Fault, "description": "It cannot be done now: the message says why"}}


@dataclass(frozen=True)
class Writings:
    shell: Shell

    def done(self, request: Request, ref: Ref, said: DoneIn) -> RecordedOut:
        """Record that it was done, by whom and when; of a standing duty that it was reviewed."""
        seen = seen_by(self.shell, request, ref, Action.RECORD)
        app = self.shell.app
        person = _doer(self.shell, request, said.by)
        doing: Doing = {
            "by": person.key,
            "by_name": person.name,
            "recorded_by": visitor_of(request).person,
            "via": VIA,
            "now": _now(self.shell),
            "as_of": self.shell.as_of,
            "done_on": said.done_on,
            "workdays": app.workdays,
            "measures": dict(said.measures),
        }
        if seen.line.standing:
            return _written(review(app.store, ref, note=said.note, **doing))
        return _written(complete(app.store, ref, note=said.note, nothing_to_report=said.nothing_to_report, **doing))

    def extension(self, request: Request, ref: Ref, said: ExtendIn) -> RecordedOut:
        """A later day; where the office asks for approval, the wish for one."""
        seen_by(self.shell, request, ref, Action.RECORD)
        return _written(_extended(self.shell, request, ref, said))

    def handing(self, request: Request, ref: Ref, said: HandOverIn) -> RecordedOut:
        """Another owner."""
        seen_by(self.shell, request, ref, Action.RECORD)
        to = _person(self.shell, said.to)
        return _written(
            hand_over(
                self.shell.app.store,
                ref,
                to=to.key,
                to_name=to.name,
                by=visitor_of(request).person,
                reason=said.reason,
                via=VIA,
                now=_now(self.shell),
                from_person=said.from_person,
            )
        )

    def signing(self, request: Request, ref: Ref, said: SignOffIn) -> RecordedOut:
        """By the verifier for whom the program acts."""
        seen_by(self.shell, request, ref, Action.DECIDE)
        by = visitor_of(request).person
        return _written(sign_off(self.shell.app.store, ref, by=by, via=VIA, now=_now(self.shell), note=said.note))

    def reopening(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Take back a completion or a waiver; both stay on record."""
        seen_by(self.shell, request, ref, Action.CHANGE)
        by = visitor_of(request).person
        return _written(reopen(self.shell.app.store, ref, by=by, reason=said.reason, via=VIA, now=_now(self.shell)))

    def waiving(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Not to be done, for a reason somebody answers for."""
        seen_by(self.shell, request, ref, Action.CHANGE)
        by = visitor_of(request).person
        return _written(waive(self.shell.app.store, ref, by=by, reason=said.reason, via=VIA, now=_now(self.shell)))


def router(shell: Shell) -> APIRouter:
    calls, writes = APIRouter(tags=["write"], responses=_CONFLICT), Writings(shell)
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


def _extended(shell: Shell, request: Request, ref: str, said: ExtendIn) -> Recorded:
    app, by = shell.app, _doer(shell, request, said.by)
    recorded_by = visitor_of(request).person
    if app.settings.extension_approval != "none":
        return ask_extension(
            app.store,
            ref,
            to=said.to,
            by=by.key,
            by_name=by.name,
            reason=said.reason,
            via=VIA,
            now=_now(shell),
            tz=app.tz,
            approval=app.settings.extension_approval,
            recorded_by=recorded_by,
        )
    return extend(
        app.store,
        ref,
        to=said.to,
        by=by.key,
        reason=said.reason,
        via=VIA,
        now=_now(shell),
        workdays=app.workdays,
        remind_at=app.settings.remind_at,
        tz=app.tz,
        recorded_by=recorded_by,
    )


def _now(shell: Shell) -> datetime:
    """In the office's zone: the services word days by it."""
    return shell.app.now().astimezone(shell.app.tz)


def _doer(shell: Shell, request: Request, key: str) -> Person:
    """In whose name it is recorded: whoever may act on his own items only records nobody else's doing."""
    visitor = visitor_of(request)
    if reach_of(visitor, Action.RECORD) is Reach.OWN and key != visitor.person:
        raise NotAllowed
    return _person(shell, key)


def _person(shell: Shell, key: str) -> Person:
    person = shell.app.roster.people.get(key)
    if person is None:
        raise Refused(f"没有代号为 {key[:30]} 的人。", code="unknown_person")
    return person


def _written(recorded: Recorded | Completed) -> RecordedOut:
    return RecordedOut(ref=recorded.ref, seq=recorded.seq, code=short_code(recorded.hash))
