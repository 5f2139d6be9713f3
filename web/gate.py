"""The gate of every route: which action it is for, who asks, and whether he may. What the table does not allow is refused.

Each route carries exactly one :class:`Needs` (or :class:`Writes`); a test reads them from the router and holds them
against planning/access.py.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from config.people import FILE as PEOPLE_FILE
from planning.access import Action, Reach, Visitor, may, reach_of
from planning.lookup import unit_and_below
from services.passwords import is_too_old
from services.sessions import OpenSession, find_session
from services.tokens import TokenHolder
from web.shell import Shell

_MAX_FIELDS = 400

MOST_WORDS = 2 * 1024 * 1024
"""Bytes of a form without files: a long order pasted into one, and no more than a stranger may make us hold in memory."""

_TOO_LARGE = 413


class SignInNeeded(Exception):  # noqa: N818 - it is an answer, not a fault
    """Nobody has signed in. ``form`` holds what was typed, so that it is not lost."""

    def __init__(self, form: FormData | None = None) -> None:
        super().__init__()
        self.form = form


class NotAllowed(Exception):  # noqa: N818 - it is an answer, not a fault
    """Somebody signed in who may not do this."""


class StaleForm(Exception):  # noqa: N818 - it is an answer, not a fault
    """The form was not made for this browser and person, or was sent from elsewhere. ``form``: what was typed."""

    def __init__(self, form: FormData) -> None:
        super().__init__()
        self.form = form


class PasswordTooOld(Exception):  # noqa: N818 - it is an answer, not a fault
    """The rules ask for another password before anything else is looked at."""


@dataclass(frozen=True, eq=False)
class Needs:
    """For routes that only show."""

    shell: Shell
    action: Action

    def __call__(self, request: Request) -> None:
        if self.action is Action.ENTER:
            return
        self.admit(request)
        settings, now = self.shell.app.settings, self.shell.app.now()
        # Forms are let through: what somebody has just typed is saved first, and the page that follows comes to this.
        if self.action is not Action.OWN and is_too_old(session_of(request).password_at, rules=settings.password_rules, now=now):
            raise PasswordTooOld

    def admit(self, request: Request) -> None:
        visitor = find_visitor(self.shell, request)
        if visitor is None:
            raise SignInNeeded
        if reach_of(visitor, self.action) is Reach.NONE:
            raise NotAllowed


@dataclass(frozen=True, eq=False)
class Writes(Needs):
    """For routes that change something: reads the form and checks that one of our own pages sent it.

    ``files`` is how many files the form may carry; they are closed when the answer is given.
    """

    files: int = 0

    async def __call__(self, request: Request) -> AsyncIterator[None]:  # type: ignore[override]  # FastAPI calls either kind
        if not self.files and _announced(request) > MOST_WORDS:
            raise HTTPException(_TOO_LARGE)
        async with request.form(max_files=self.files, max_fields=_MAX_FIELDS) as form:
            request.state.form = form
            if self.action is not Action.ENTER:
                await run_in_threadpool(self._admit_form, request, form)
            yield

    def _admit_form(self, request: Request, form: FormData) -> None:
        try:
            self.admit(request)
        except SignInNeeded:
            raise SignInNeeded(form) from None
        cookie = self.shell.session_cookie
        sent = form.get("code")
        code = sent if isinstance(sent, str) else ""
        if not cookie.form_code_fits(code, cookie.browser(request), visitor_of(request).person):
            raise StaleForm(form)


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
    """Who the browser belongs to, as account and roster stand now; remembered for the page. Writes nothing."""
    app = shell.app
    now = app.now()
    token = shell.session_cookie.token(request, now=now)
    session = find_session(app.store, token, now=now) if token else None
    visitor = None if session is None else visitor_from(shell, session)
    if visitor is not None:
        request.state.session, request.state.session_token, request.state.visitor = session, token, visitor
    return visitor


def visitor_from(shell: Shell, account: OpenSession | TokenHolder) -> Visitor | None:
    """None for somebody who has left or is not in people.yaml any more."""
    if not in_office(shell, account.person):
        return None
    known = shell.app.roster.people.get(account.person)
    units = None if account.scope is None else unit_and_below(shell.app.roster, account.scope)
    return Visitor(account.account_id, account.person, known.name if known else account.name, account.role, units)


def in_office(shell: Shell, person: str) -> bool:
    """Whether people.yaml names the person as one who has not left.

    While that file has a fault, somebody may be missing from it by a slip of the pen: he keeps his account until it is whole.
    """
    app = shell.app
    known = app.roster.people.get(person)
    if known is None:
        return any(problem.file == PEOPLE_FILE for problem in app.office.errors)
    return known.left_on is None or shell.as_of < known.left_on


def in_office_here(shell: Shell) -> Callable[[str], bool]:
    """The same as a question for the services."""
    return partial(in_office, shell)


def session_of(request: Request) -> OpenSession:
    session: OpenSession = request.state.session
    return session


def _announced(request: Request) -> int:
    """Bytes of the body to come; a form whose length is not said counts as too long: every browser says it."""
    said = request.headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else MOST_WORDS + 1
