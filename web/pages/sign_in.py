"""Coming in and going out: signing in, the first set-up, activation. What was typed before a session ended is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from time import monotonic
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from planning.roster import Person
from reports.accounts import account_line, account_lines
from services.accounts import NewPassword, activate
from services.errors import Refused
from services.passwords import PasswordRules
from services.sessions import end_session, open_session
from services.set_up import is_set_up, set_up
from services.sign_in import Offered, sign_in
from web.gate import Needs, Writes, typed_of
from web.limits import Pace
from web.shell import READ, Shell

KEPT = "kept."
"""Before the names of fields that somebody had typed into another page when his session had ended."""

_SEE_OTHER = 303
_LONGEST_PATH = 500
_OWN_FIELDS = frozenset({"who", "password", "digits", "goal", "as", "code"})


class Doors:
    """The pages that need no account. ``fails`` counts failed tries from one address; the account's lock is its own."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.fails = Pace(20, 300)

    def come_in(self, request: Request) -> Response:
        shell, typed = self.shell, typed_of(request)
        goal = own_path(typed.get("goal", "/"))
        address = request.client.host if request.client else ""
        if not self.fails.could(address, at=monotonic()):
            return self.sign_in_page(request, goal=goal, sentence="失败次数太多，请五分钟后再试。", code=429)
        app = shell.app
        who = typed.get("as", "") if app.demo and typed.get("as") else typed.get("who", "").strip()
        try:
            if app.demo and typed.get("as"):
                account_id, person, must_change = self._in_demo(who), who, False
            else:
                offered = Offered(who, typed.get("password", ""), typed.get("digits", ""))
                rules = app.settings.password_rules
                entered = sign_in(app.store, offered, link_key=app.link_key, rules=rules, now=app.now())
                account_id, person, must_change = entered.account_id, entered.person, entered.must_change
        except Refused as refusal:
            self.fails.allows(address, at=monotonic())
            shell.note(request, "sign_in", refusal.code, actor=who[:60])
            return self.sign_in_page(request, goal=goal, sentence=refusal.sentence, code=403)
        shell.note(request, "sign_in", actor=person)
        return self._entered(request, account_id, person, "/me/password" if must_change else goal)

    def set_up(self, request: Request) -> Response:
        shell, typed = self.shell, typed_of(request)
        app = shell.app
        try:
            person = self._somebody(typed)
            wanted = twice_the_same(typed, app.settings.password_rules)
            account_id = set_up(
                app.store, typed.get("set_up_code", ""), person=person.key, name=person.name, wanted=wanted, now=app.now()
            )
        except Refused as refusal:
            shell.note(request, "set_up", refusal.code)
            return self.set_up_page(request, sentence=refusal.sentence, code=403)
        shell.note(request, "set_up", actor=person.key)
        return self._entered(request, account_id, person.key, "/accounts")

    def activate(self, request: Request) -> Response:
        shell, typed = self.shell, typed_of(request)
        address = request.client.host if request.client else ""
        who = typed.get("who", "").strip()
        if not self.fails.could(address, at=monotonic()):
            return shell.page(request, "activate.html", code=429, typed=typed, sentence="失败次数太多，请五分钟后再试。")
        try:
            wanted = twice_the_same(typed, shell.app.settings.password_rules)
            account_id = activate(shell.app.store, who, typed.get("activation", ""), wanted, now=shell.app.now())
        except Refused as refusal:
            self.fails.allows(address, at=monotonic())
            shell.note(request, "activate", refusal.code, actor=who[:60])
            return shell.page(request, "activate.html", code=403, typed=typed, sentence=refusal.sentence)
        shell.note(request, "activate", actor=who)
        return self._entered(request, account_id, who, "/")

    def sign_in_page(
        self, request: Request, *, goal: str, sentence: str = "", code: int = 200, lost: FormData | None = None
    ) -> Response:
        """``lost`` is what was typed into the page at ``goal`` when its session had ended: it goes along, to be sent after."""
        shell = self.shell
        people = account_lines(shell.app.store, now=shell.app.now()) if shell.app.demo else ()
        typed = dict(_plain(request.state.form)) if lost is None and request.method == "POST" else {}
        kept = [(f"{KEPT}{name}", value) for name, value in _plain(lost)] if lost is not None else _kept(typed)
        return shell.page(
            request, "sign_in.html", code=code, goal=goal, sentence=sentence, kept=kept, who=typed.get("who", ""), people=people
        )

    def set_up_page(self, request: Request, *, sentence: str = "", code: int = 200) -> Response:
        typed = typed_of(request) if request.method == "POST" else {}
        admin = self.shell.app.settings.admin
        people = list(self.shell.app.roster.people.values())
        chosen = typed.get("person", admin)
        return self.shell.page(request, "set_up.html", code=code, people=people, chosen=chosen, sentence=sentence, typed=typed)

    def _in_demo(self, person: str) -> int:
        """The demonstration's people come in by name; nothing of theirs is real."""
        known = account_line(self.shell.app.store, person, now=self.shell.app.now())
        if known is None:
            raise Refused("演示里没有这个人。", code="sign_in")
        return known.id

    def _entered(self, request: Request, account_id: int, person: str, goal: str) -> Response:
        shell = self.shell
        now = shell.app.now()
        cookie = shell.session_cookie
        token = open_session(shell.app.store, account_id, browser=request.headers.get("user-agent", ""), now=now)
        kept = _kept(typed_of(request))
        browser = cookie.browser(request) or secrets.token_urlsafe(18)
        response: Response = RedirectResponse(goal, _SEE_OTHER)
        if kept:
            fields = [(name.removeprefix(KEPT), value) for name, value in kept if name != f"{KEPT}code"]
            code = cookie.form_code(browser, person)
            response = shell.page(request, "resume.html", goal=goal, fields=fields, own_code=code)
        cookie.name_browser(response, browser)
        cookie.give(response, token, now=now)
        return response

    def _somebody(self, typed: dict[str, str]) -> Person:
        person = self.shell.app.roster.people.get(typed.get("person", ""))
        if person is None:
            raise Refused("请选择您的姓名。名单里没有的话，先写进 people.yaml。", code="unknown_person")
        return person


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    doors = Doors(shell)
    shows, writes = Depends(Needs(shell, Action.ENTER)), Depends(Writes(shell, Action.ENTER))

    @pages.api_route("/sign-in", methods=READ, dependencies=[shows])
    def ask(request: Request) -> Response:
        if not shell.app.demo and not is_set_up(shell.app.store):
            return RedirectResponse("/set-up", _SEE_OTHER)
        return doors.sign_in_page(request, goal=own_path(request.query_params.get("next", "/")))

    @pages.post("/sign-in", dependencies=[writes])
    def come_in(request: Request) -> Response:
        return doors.come_in(request)

    @pages.post("/sign-out", dependencies=[Depends(Writes(shell, Action.OWN))])
    def go_out(request: Request) -> Response:
        end_session(shell.app.store, request.state.session_token, now=shell.app.now())
        shell.note(request, "sign_out")
        response = RedirectResponse("/sign-in", _SEE_OTHER)
        shell.session_cookie.drop(response)
        return response

    @pages.api_route("/set-up", methods=READ, dependencies=[shows])
    def ask_set_up(request: Request) -> Response:
        if is_set_up(shell.app.store):
            return RedirectResponse("/sign-in", _SEE_OTHER)
        return doors.set_up_page(request)

    @pages.post("/set-up", dependencies=[writes])
    def do_set_up(request: Request) -> Response:
        return doors.set_up(request)

    @pages.api_route("/activate", methods=READ, dependencies=[shows])
    def ask_activation(request: Request) -> Response:
        return shell.page(request, "activate.html", typed={"who": request.query_params.get("who", "")[:60]}, sentence="")

    @pages.post("/activate", dependencies=[writes])
    def do_activate(request: Request) -> Response:
        return doors.activate(request)

    return pages


def twice_the_same(typed: dict[str, str], rules: PasswordRules) -> NewPassword:
    """Raises Refused: password_again."""
    if typed.get("password", "") != typed.get("again", ""):
        raise Refused("两次输入的密码不一样，请重新输入。", code="password_again")
    return NewPassword(typed.get("password", ""), rules)


def own_path(path: str) -> str:
    """Where to go after signing in: a path of ours, nothing that leads elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\", "/sign-", "/static")):
        return "/"
    return path[:_LONGEST_PATH]


def _plain(form: FormData) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in form.multi_items() if isinstance(value, str))


def _kept(typed: dict[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in typed.items() if name.startswith(KEPT)]
