"""Who calls: a program with a token acts for an account, with its rights and its scope, and nothing more."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request

from planning.access import Action, Reach, reach_of
from services.tokens import program_account
from web.gate import Needs, NotAllowed, SignInNeeded, visitor_from
from web.limits import Pace
from web.shell import Shell

NOT_YOURS = "not_yours"
"""The code for who may do such a thing, and not to this item or not in this name."""


class TooOften(Exception):  # noqa: N818 - it is an answer, not a fault
    """The program called more often than it may."""


@dataclass(frozen=True, eq=False)
class Program(Needs):
    """The gate of a call. 300 calls a minute for each token; reads and writes are told apart by the action."""

    pace: Pace = field(default_factory=lambda: Pace(300, 60))

    def __call__(self, request: Request) -> None:
        self.admit(request)

    def admit(self, request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        app = self.shell.app
        account = program_account(app.store, token.strip(), now=app.now()) if scheme.lower() == "bearer" and token else None
        visitor = None if account is None else visitor_from(self.shell, account)
        if visitor is None:
            raise SignInNeeded
        if not self.pace.allows(hashlib.sha256(token.encode()).hexdigest(), at=monotonic()):
            raise TooOften
        request.state.visitor = visitor
        if reach_of(visitor, self.action) is Reach.NONE:
            raise NotAllowed


def listen(calls: APIRouter, shell: Shell, method: str, routes: Mapping[str, tuple[Callable[..., Any], Action]]) -> None:
    """Answer each path by its function, behind the one gate of its action."""
    for path, (call, action) in routes.items():
        calls.add_api_route(path, call, methods=[method], dependencies=[Depends(Program(shell, action))])
