"""What a program may record of an occurrence: each call is one act, once; said again it is refused with who did it.

The acts are those of the pages (web/pages/item_acts.py), and so is who may do them (web/pages/staff_visit.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request

from planning.access import Action
from planning.chain import short_code
from services.completion import Completed
from services.errors import Refused
from services.held import Recorded
from web.api.carried import Carried, carried, described
from web.api.forms.base import Fault
from web.api.forms.record import RecordedOut
from web.api.forms.said import (
    AcknowledgeIn,
    DecideIn,
    DoneIn,
    EvidenceIn,
    ExtendIn,
    HandOverIn,
    ReasonIn,
    SignOffIn,
    SnoozeIn,
    VoidIn,
    WithdrawIn,
)
from web.api.gate import NOT_YOURS, Program, listen
from web.api.reads import Ref
from web.limits import Pace
from web.pages.item_acts import Hand
from web.pages.staff_session import Sessions
from web.pages.staff_visit import FORMS, Acting, Visit, acting_for
from web.shell import Shell

VIA = "program"
CONFLICT: Mapping[int | str, dict[str, Any]] = {
    409: {"model": Fault, "description": "It cannot be done now: the message says why"}
}
CARRYING = ("/done", "/evidence")
"""Ends of the paths whose calls may carry files."""


@dataclass(frozen=True)
class Writings:
    shell: Shell
    sessions: Sessions

    def done(self, request: Request, ref: Ref, come: Annotated[Carried[DoneIn], Depends(carried(DoneIn))]) -> RecordedOut:
        """Record that it was done, by whom and when; of a standing duty that it was reviewed. Evidence may come along."""
        said = come.said
        hand = self._hand(request, ref, "done", by=said.by, row_version=said.row_version)
        return _written(
            hand.finish(
                done_on=said.done_on,
                measures=dict(said.measures),
                note=said.note,
                nothing_to_report=said.nothing_to_report,
                files=come.files,
            )
        )

    def evidence(
        self, request: Request, ref: Ref, come: Annotated[Carried[EvidenceIn], Depends(carried(EvidenceIn))]
    ) -> RecordedOut:
        """Evidence for what is done already, from whoever could have recorded that."""
        hand = self._hand(request, ref, "done", row_version=come.said.row_version, of_anybody=True)
        return _written(hand.prove(files=come.files, note=come.said.note))

    def acknowledgement(self, request: Request, ref: Ref, said: AcknowledgeIn) -> RecordedOut:
        """The account's person says that he knows of it. Said again, the answer is the entry that is there."""
        return _written(self._hand(request, ref, "acknowledge", by=said.by).acknowledge())

    def snoozing(self, request: Request, ref: Ref, said: SnoozeIn) -> RecordedOut:
        """Put off the reminders of the account's person. The same day again, the answer is the entry that is there."""
        return _written(self._hand(request, ref, "snooze", by=said.by).snooze(until=said.until))

    def undoing(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Take back what this account recorded as done within the last ten minutes, when nothing has happened since."""
        return _written(self._hand(request, ref, "undo", row_version=said.row_version).undo(reason=said.reason))

    def extension(self, request: Request, ref: Ref, said: ExtendIn) -> RecordedOut:
        """A later day; where the office asks for approval, the wish for one."""
        hand = self._hand(request, ref, "extend", by=said.by, row_version=said.row_version)
        return _written(hand.extend(to=said.to, reason=said.reason))

    def withdrawal(self, request: Request, ref: Ref, said: WithdrawIn) -> RecordedOut:
        """Take back the wish for a later day; reminders go on."""
        return _written(self._hand(request, ref, "withdraw", by=said.by, row_version=said.row_version).withdraw_extension())

    def decision(self, request: Request, ref: Ref, said: DecideIn) -> RecordedOut:
        """Approve the wish for a later day, or refuse it with a reason: by who decides on it, for whom the program acts."""
        hand = self._hand(request, ref, "decide", by=said.by, row_version=said.row_version)
        return _written(hand.decide_extension(approve=said.verdict == "approve", to=said.to, answer=said.answer))

    def handing(self, request: Request, ref: Ref, said: HandOverIn) -> RecordedOut:
        """Another owner. ``from_person`` is needed only where there are several owners."""
        hand = self._hand(request, ref, "hand_over", by=said.from_person, row_version=said.row_version)
        return _written(hand.hand_over(to=said.to, reason=said.reason))

    def signing(self, request: Request, ref: Ref, said: SignOffIn) -> RecordedOut:
        """By the verifier for whom the program acts."""
        return _written(self._hand(request, ref, "sign_off", by=said.by, row_version=said.row_version).sign_off(note=said.note))

    def returning(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """The verifier found it wanting: it is open again, and its owner hears why."""
        return _written(self._hand(request, ref, "send_back", row_version=said.row_version).send_back(reason=said.reason))

    def voiding(self, request: Request, ref: Ref, said: VoidIn) -> RecordedOut:
        """A file was handed in by mistake: it stays on record and proves nothing."""
        hand = self._hand(request, ref, "void", by=said.by, row_version=said.row_version)
        return _written(hand.void_evidence(number=said.number, reason=said.reason))

    def reopening(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Take back a completion or a waiver; both stay on record."""
        return _written(self._hand(request, ref, "reopen", row_version=said.row_version).reopen(reason=said.reason))

    def waiving(self, request: Request, ref: Ref, said: ReasonIn) -> RecordedOut:
        """Not to be done, for a reason somebody answers for."""
        return _written(self._hand(request, ref, "waive", row_version=said.row_version).waive(reason=said.reason))

    def _hand(
        self,
        request: Request,
        ref: str,
        form: str,
        *,
        by: str | None = None,
        row_version: int | None = None,
        of_anybody: bool = False,
    ) -> Hand:
        """The same look at the item and its people as a page's: what the page refuses, a program is refused.

        ``of_anybody``: it is recorded under the account's own name, and it does not matter in whose place he is there.
        """
        try:
            visit = self.sessions.visit(request, ref, FORMS[form].action)
        except HTTPException:
            raise Refused(f"没有编号为“{ref[:60]}”的办理项。", code="unknown_occurrence") from None
        return Hand(self.shell.app, visit, _acting(visit, form, by or "", of_anybody=of_anybody), row_version)


def router(shell: Shell) -> APIRouter:
    calls = APIRouter(tags=["write"], responses=dict(CONFLICT))
    writes = Writings(shell, Sessions(shell, Pace(300, 60), VIA))
    item = "/occurrences/{ref}"
    listen(
        calls,
        shell,
        "POST",
        {
            f"{item}/acknowledge": (writes.acknowledgement, Action.RECORD),
            f"{item}/snooze": (writes.snoozing, Action.RECORD),
            f"{item}/undo": (writes.undoing, Action.RECORD),
            f"{item}/extend": (writes.extension, Action.RECORD),
            f"{item}/withdraw-extension": (writes.withdrawal, Action.RECORD),
            f"{item}/decide-extension": (writes.decision, Action.DECIDE),
            f"{item}/hand-over": (writes.handing, Action.RECORD),
            f"{item}/sign-off": (writes.signing, Action.DECIDE),
            f"{item}/send-back": (writes.returning, Action.DECIDE),
            f"{item}/void": (writes.voiding, Action.RECORD),
            f"{item}/reopen": (writes.reopening, Action.CHANGE),
            f"{item}/waive": (writes.waiving, Action.CHANGE),
        },
    )
    carrying: tuple[tuple[str, Callable[..., Any], dict[str, Any]], ...] = (
        ("done", writes.done, described(DoneIn, alone=True)),
        ("evidence", writes.evidence, described(EvidenceIn, alone=False)),
    )
    gate = [Depends(Program(shell, Action.RECORD))]
    for end, call, body in carrying:
        calls.add_api_route(f"{item}/{end}", call, methods=["POST"], dependencies=gate, openapi_extra=body)
    return calls


def _acting(visit: Visit, form: str, wanted: str, *, of_anybody: bool) -> Acting:
    """In whose name it is recorded: ``wanted`` (a person key), or who alone may be meant. Raises Refused."""
    names = acting_for(visit, form)
    if not names or (wanted and wanted not in {one.person for one in names}):
        raise Refused("这件事项的这一步，不能由这个密钥代表的账号办理，或者不能记在这个人名下。", code=NOT_YOURS)
    if wanted:
        return next(one for one in names if one.person == wanted)
    himself = next((one for one in names if one.person == visit.reader), None)
    if himself is None and len(names) > 1 and not of_anybody:
        raise Refused("这件事项有几个人承办，请写明是谁的。", code="which_owner")
    return himself or names[0]


def _written(recorded: Recorded | Completed) -> RecordedOut:
    return RecordedOut(ref=recorded.ref, seq=recorded.seq, code=short_code(recorded.hash))
