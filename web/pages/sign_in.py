"""Coming in and going out: signing in, the first set-up, activation."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from planning.access import AccountRole, Action
from planning.roster import Person
from reports.accounts import account_line
from services.accounts import activate
from services.errors import Refused
from services.sessions import end_session, open_session
from services.set_up import is_set_up, set_up
from services.sign_in import Offered, sign_in
from web.doors import OWN_ITEMS, OWN_PASSWORD, SIGN_IN, SIGN_OUT, demo_people, own_path, resume_page, sign_in_page, twice_the_same
from web.gate import Needs, Writes, in_office, in_office_here, typed_of
from web.kept import carried, restored
from web.limits import Pace
from web.shell import READ, Shell

_SEE_OTHER = 303
_REFUSED, _TOO_OFTEN, _BUSY = 403, 429, 503
_NOT_LOOKED_AT = {"busy": _BUSY, "too_often": _TOO_OFTEN}
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class _Entered:
    account_id: int
    person: str
    must_change: bool = False


class Doors:
    """The forms that need no account. ``fails``: failed tries from one address; each account's own lock stands beside it.

    ``turned_away``: lines of the log about tries from one address that were not even looked at. A stranger can make any
    number of these; the log must not grow with them.
    """

    def __init__(self, shell: Shell, *, fails: Pace, turned_away: Pace) -> None:
        self.shell = shell
        self.fails = fails
        self.turned_away = turned_away

    def come_in(self, request: Request) -> Response:
        typed = typed_of(request)
        try:
            self._let_try(request)
            entered = self._demo_entry(typed["as"]) if typed.get("as") else self._entry(typed)
        except Refused as refusal:
            who = typed.get("as", "") or typed.get("who", "")
            code = self._note(request, "sign_in", refusal, who)
            return self._asked_again(request, typed, refusal.sentence, code)
        return self._entered(request, "sign_in", entered, own_path(typed.get("goal", "/")))

    def set_up(self, request: Request) -> Response:
        shell, typed = self.shell, typed_of(request)
        try:
            self._let_try(request)
            person = self._somebody(typed)
            wanted = twice_the_same(shell, typed)
            sent = typed.get("set_up_code", "")
            account_id = set_up(shell.app.store, sent, person=person.key, name=person.name, wanted=wanted, now=shell.app.now())
        except Refused as refusal:
            code = self._note(request, "set_up", refusal, typed.get("person", ""))
            return self.set_up_page(request, typed, sentence=refusal.sentence, code=code)
        return self._entered(request, "set_up", _Entered(account_id, person.key), "/accounts")

    def activate(self, request: Request) -> Response:
        app, typed = self.shell.app, typed_of(request)
        who = typed.get("who", "").strip()
        try:
            self._let_try(request)
            wanted = twice_the_same(self.shell, typed)
            owner = activate(
                app.store, who, typed.get("activation", ""), wanted, in_office=in_office_here(self.shell), now=app.now()
            )
        except Refused as refusal:
            code = self._note(request, "activate", refusal, who)
            return self.activation_page(request, typed, sentence=refusal.sentence, code=code)
        return self._entered(request, "activate", _Entered(owner.account_id, owner.person), "/")

    def set_up_page(self, request: Request, typed: dict[str, str], *, sentence: str = "", code: int = 200) -> HTMLResponse:
        app = self.shell.app
        people = [person for person in app.roster.people.values() if in_office(self.shell, person.key)]
        chosen = typed.get("person", app.settings.admin)
        return self.shell.page(
            request,
            "set_up.html",
            code=code,
            people=people,
            chosen=chosen,
            sentence=sentence,
            typed=typed,
            rules=app.settings.password_rules,
        )

    def activation_page(self, request: Request, typed: dict[str, str], *, sentence: str = "", code: int = 200) -> HTMLResponse:
        rules = self.shell.app.settings.password_rules
        return self.shell.page(request, "activate.html", code=code, typed=typed, sentence=sentence, rules=rules)

    def _entry(self, typed: dict[str, str]) -> _Entered:
        app = self.shell.app
        offered = Offered(typed.get("who", "").strip(), typed.get("password", ""), typed.get("digits", ""))
        found = sign_in(
            app.store,
            offered,
            link_key=app.link_key,
            rules=app.settings.password_rules,
            in_office=in_office_here(self.shell),
            now=app.now(),
        )
        return _Entered(found.account_id, found.person, found.must_change)

    def _demo_entry(self, person: str) -> _Entered:
        """The demonstration's people come in by a press of a button; nothing of theirs is real."""
        offered = {line.person: line.id for line in demo_people(self.shell)}
        if person not in offered:
            raise Refused("演示里没有这个人。请重新选择。", code="sign_in")
        return _Entered(offered[person], person)

    def _asked_again(self, request: Request, typed: dict[str, str], sentence: str, code: int) -> Response:
        """With what was typed, but for what is secret; and with what waits to be sent."""
        kept = carried(request.state.form) if typed.get("resume") else None
        goal, who = own_path(typed.get("goal", "/")), typed.get("who", "")
        return sign_in_page(self.shell, request, goal=goal, sentence=sentence, code=code, kept=kept, who=who)

    def _entered(self, request: Request, how: str, entered: _Entered, goal: str) -> Response:
        """A new session, whatever the browser held before; then the goal, or what waited to be sent there."""
        shell, cookie = self.shell, self.shell.session_cookie
        now = shell.app.now()
        if old := cookie.old_token(request):
            end_session(shell.app.store, old, now=now)
        token = open_session(shell.app.store, entered.account_id, browser=request.headers.get("user-agent", ""), now=now)
        shell.note(request, how, actor=entered.person)
        if typed_of(request).get("resume"):
            response: Response = resume_page(
                shell, request, goal=goal, fields=restored(request.state.form), person=entered.person
            )
        else:
            response = RedirectResponse(OWN_PASSWORD if entered.must_change else self._first_page(entered, goal), _SEE_OTHER)
            cookie.name_browser(response, cookie.browser_or_new(request))
        cookie.give(response, token, now=now)
        return response

    def _first_page(self, entered: _Entered, goal: str) -> str:
        """Who works on items comes for his own, as in the menu; who asked for a page gets that page."""
        if goal != "/":
            return goal
        line = account_line(self.shell.app.store, entered.person, now=self.shell.app.now())
        return OWN_ITEMS if line is not None and line.role == AccountRole.STAFF else goal

    def _let_try(self, request: Request) -> None:
        if not self.fails.could(_address(request), at=monotonic()):
            raise Refused("从这个网络来的失败次数太多，请五分钟后再试。", code="too_often")

    def _note(self, request: Request, event: str, refusal: Refused, who: str) -> int:
        """Count and write down a try that failed; the status of the answer."""
        looked_at = refusal.code not in _NOT_LOOKED_AT
        pace = self.fails if looked_at else self.turned_away
        if pace.allows(_address(request), at=monotonic()) or looked_at:
            self.shell.note(request, event, refusal.code, actor=self._known(who.strip()))
        return _NOT_LOOKED_AT.get(refusal.code, _REFUSED)

    def _known(self, who: str) -> str:
        """Not what a stranger typed: a password gets into the wrong field easily, and then into the log."""
        people = self.shell.app.roster.people
        if who in people or any(person.name == who for person in people.values()):
            return who
        known = account_line(self.shell.app.store, who, now=self.shell.app.now()) if who.isprintable() else None
        return who if known else ""

    def _somebody(self, typed: dict[str, str]) -> Person:
        person = self.shell.app.roster.people.get(typed.get("person", ""))
        if person is None or not in_office(self.shell, person.key):
            raise Refused("请选择您的姓名。名单里没有的话，先写进 people.yaml。", code="unknown_person")
        return person


def router(shell: Shell) -> APIRouter:
    """At most 20 failed tries within five minutes from one address; behind a proxy it is the address that the proxy names.

    What comes beyond is one line in the log in those five minutes.
    """
    pages = APIRouter()
    doors = Doors(shell, fails=Pace(20, 300), turned_away=Pace(1, 300))
    shows, writes = Depends(Needs(shell, Action.ENTER)), Depends(Writes(shell, Action.ENTER))

    @pages.api_route(SIGN_IN, methods=READ, dependencies=[shows])
    def ask(request: Request) -> Response:
        if not shell.app.demo and not is_set_up(shell.app.store):
            return RedirectResponse("/set-up", _SEE_OTHER)
        return sign_in_page(shell, request, goal=own_path(request.query_params.get("next", "/")))

    @pages.post(SIGN_IN, dependencies=[writes])
    def come_in(request: Request) -> Response:
        return doors.come_in(request)

    @pages.post(SIGN_OUT, dependencies=[Depends(Writes(shell, Action.OWN))])
    def go_out(request: Request) -> Response:
        end_session(shell.app.store, request.state.session_token, now=shell.app.now())
        shell.note(request, "sign_out")
        response = RedirectResponse(SIGN_IN, _SEE_OTHER)
        shell.session_cookie.drop(response)
        return response

    @pages.api_route("/set-up", methods=READ, dependencies=[shows])
    def ask_set_up(request: Request) -> Response:
        if is_set_up(shell.app.store):
            return RedirectResponse(SIGN_IN, _SEE_OTHER)
        return doors.set_up_page(request, {})

    @pages.post("/set-up", dependencies=[writes])
    def do_set_up(request: Request) -> Response:
        return doors.set_up(request)

    @pages.api_route("/activate", methods=READ, dependencies=[shows])
    def ask_activation(request: Request) -> Response:
        typed = {"who": request.query_params.get("who", "")[:_LONGEST_NAME]}
        return doors.activation_page(request, typed)

    @pages.post("/activate", dependencies=[writes])
    def do_activate(request: Request) -> Response:
        return doors.activate(request)

    return pages


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
