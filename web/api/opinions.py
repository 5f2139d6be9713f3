"""意见、异议 by a program: hand one in, read what came in, answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request

from planning.access import Action
from reports.feedback import opinions
from services.feedback import answer_feedback, give_feedback
from web.api.forms.base import Window, plain
from web.api.forms.record import GivenOut
from web.api.forms.said import AnswerIn, OpinionIn
from web.api.forms.upkeep import OpinionOut, OpinionPage
from web.api.gate import TooOften, listen
from web.api.writes import CONFLICT
from web.gate import visitor_of
from web.limits import Pace
from web.shell import Shell
from web.typed import NumberInPath


@dataclass(frozen=True)
class Opinions:
    """An account may hand in ten in ten minutes, as one address may on the page."""

    shell: Shell
    pace: Pace = field(default_factory=lambda: Pace(10, 600))

    def read(self, asked: Annotated[Window, Query()]) -> OpinionPage:
        """What waits for an answer first, the oldest at the top; then what was answered, the newest answer first."""
        found = opinions(self.shell.app.store, limit=asked.limit, offset=asked.offset)
        return OpinionPage(total=found.total, waiting=found.waiting, items=plain(OpinionOut, found.lines))

    def give(self, request: Request, said: OpinionIn) -> GivenOut:
        """Hand in an opinion. The same words again within the hour are the same opinion."""
        visitor = visitor_of(request)
        if not self.pace.allows(str(visitor.account_id), at=monotonic()):
            raise TooOften
        number = give_feedback(
            self.shell.app.store,
            said.text,
            ref=said.ref,
            name=said.name,
            contact=said.contact,
            by=visitor.person if said.signed else "",
            now=self.shell.app.now(),
        )
        return GivenOut(number=number)

    def reply(self, request: Request, number: NumberInPath, said: AnswerIn) -> GivenOut:
        """Say what came of it. One answer is given; the same one again adds nothing."""
        answer_feedback(self.shell.app.store, number, said.answer, by=visitor_of(request).person, now=self.shell.app.now())
        return GivenOut(number=number)


def router(shell: Shell) -> APIRouter:
    opinions_of = Opinions(shell)
    calls = APIRouter()
    reads, writes = APIRouter(tags=["read"]), APIRouter(tags=["write"], responses=dict(CONFLICT))
    listen(reads, shell, "GET", {"/feedback": (opinions_of.read, Action.SEE_UPKEEP)})
    listen(writes, shell, "POST", {"/feedback": (opinions_of.give, Action.ENTER)})
    listen(writes, shell, "POST", {"/feedback/{number}/answer": (opinions_of.reply, Action.RUN)})
    calls.include_router(reads)
    calls.include_router(writes)
    return calls
