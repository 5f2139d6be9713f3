"""The gate of every route: which action it is for, who asks, and whether he may. What the table does not allow is refused.

Each route carries exactly one :class:`Needs` (or :class:`Writes`); a test reads them from the router and holds them
against planning/access.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from planning.access import Action, Reach, Visitor, may, reach_of
from planning.lookup import unit_and_below
from services.sessions import OpenSession, find_session
from services.tokens import ProgramAccount
from web.headers import SAFE_METHODS
from web.shell import Shell

_MAX_FIELDS = 400


class SignInNeeded(Exception):  # noqa: N818 - it is an answer, not a fault
    """Nobody has signed in. ``form`` holds what was typed, so that it is not lost."""

    def __init__(self, form: FormData | None = None) -> None:
        super().__init__()
        self.form = form


class NotAllowed(Exception):  # noqa: N818 - it is an answer, not a fault
    """Somebody signed in who may not do this."""


class StaleForm(Exception):  # noqa: N818 - it is an answer, not a fault
    """The form was not made for this browser and person, or was sent from elsewhere."""


@dataclass(frozen=True, eq=False)
class Needs:
    """For routes that only show."""

    shell: Shell
    action: Action

    def __call__(self, request: Request) -> None:
        if self.action is not Action.ENTER:
            self.admit(request)

    def admit(self, request: Request) -> None:
        visitor = find_visitor(self.shell, request)
        if visitor is None:
            raise SignInNeeded
        if reach_of(visitor, self.action) is Reach.NONE:
            raise NotAllowed
        request.state.visitor = visitor


@dataclass(frozen=True, eq=False)
class Writes(Needs):
    """For routes that change something: reads the form and checks that one of our own pages sent it.

    ``files`` is how many files the form may carry.
    """

    files: int = 0

    async def __call__(self, request: Request) -> None:  # type: ignore[override]  # FastAPI calls either kind
        form = await request.form(max_files=self.files, max_fields=_MAX_FIELDS)
        request.state.form = form
        if self.action is Action.ENTER:
            return
        try:
            await run_in_threadpool(self.admit, request)
        except SignInNeeded:
            raise SignInNeeded(form) from None
        cookie = self.shell.session_cookie
        code = str(form.get("code", ""))
        if not cookie.form_code_fits(code, cookie.browser(request), visitor_of(request).person):
            raise StaleForm


def visitor_of(request: Request) -> Visitor:
    """Whoever passed the gate."""
    visitor: Visitor = request.state.visitor
    return visitor


def typed_of(request: Request) -> dict[str, str]:
    """The plain fields of the form that passed the gate; of a field that comes several times the last."""
    form: FormData = request.state.form
    return {name: value for name, value in form.items() if isinstance(value, str)}


def chosen_of(request: Request, name: str) -> list[str]:
    """Every value of a field that may come several times."""
    form: FormData = request.state.form
    return [value for value in form.getlist(name) if isinstance(value, str)]


def require(request: Request, action: Action, *, unit: str | None, persons: list[str]) -> None:
    """The second look, once it is known what the request is about. Raises NotAllowed."""
    if not may(visitor_of(request), action, unit=unit, persons=persons):
        raise NotAllowed


def find_visitor(shell: Shell, request: Request) -> Visitor | None:
    """Who the browser belongs to, as account and roster stand now. Writes nothing."""
    app = shell.app
    now = app.now()
    token = shell.session_cookie.token(request, now=now)
    session = find_session(app.store, token, now=now) if token else None
    if session is None:
        return None
    request.state.session = session
    request.state.session_token = token
    return visitor_from(shell, session)


def visitor_from(shell: Shell, account: OpenSession | ProgramAccount) -> Visitor | None:
    """None for somebody who has left. Whoever people.yaml does not name (a slip of the pen) keeps his account."""
    known = shell.app.roster.people.get(account.person)
    if known is not None and known.left_on is not None and known.left_on <= shell.as_of:
        return None
    units = None if account.scope is None else unit_and_below(shell.app.roster, account.scope)
    return Visitor(account.account_id, account.person, known.name if known else account.name, account.role, units)


def session_of(request: Request) -> OpenSession:
    session: OpenSession = request.state.session
    return session


def is_write(request: Request) -> bool:
    return request.method not in SAFE_METHODS
