"""接口密钥: tokens with which another program acts for an account. Made and ended by the admin, shown once."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action, TokenKind
from reports.accounts import account_lines, live_tokens
from services.errors import Refused
from services.tokens import make_token, revoke_token
from web.gate import Needs, Writes, in_office, typed_of, visitor_of
from web.shell import READ, Shell
from web.typed import typed_number

_SEE_OTHER = 303
LASTS = {"90": "90天", "365": "一年", "730": "两年"}
"""Days after which a token ends by itself: one that nobody remembers must not open the door for ever."""


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    writes = Depends(Writes(shell, Action.ACCOUNTS))

    @pages.api_route("/programs", methods=READ, dependencies=[Depends(Needs(shell, Action.ACCOUNTS))])
    def show(request: Request) -> Response:
        return _page(shell, request)

    @pages.post("/programs", dependencies=[writes])
    def make(request: Request) -> Response:
        return _make(shell, request)

    @pages.post("/programs/revoke", dependencies=[writes])
    def revoke(request: Request) -> Response:
        number = typed_of(request).get("id", "")
        try:
            revoke_token(shell.app.store, typed_number(number), of=None, now=shell.app.now())
        except Refused as refusal:
            return _page(shell, request, sentence=refusal.sentence, code=409)
        shell.note(request, "token", about=f"revoke {number}")
        return RedirectResponse("/programs", _SEE_OTHER)

    return pages


def _page(shell: Shell, request: Request, *, fresh: str = "", sentence: str = "", code: int = 200) -> Response:
    app = shell.app
    tokens = [one for one in live_tokens(app.store, now=app.now()) if one.kind is TokenKind.PROGRAM]
    accounts = [one for one in account_lines(app.store, now=app.now()) if one.state != "disabled"]
    able = {one.person for one in accounts if in_office(shell, one.person)}
    return shell.page(
        request,
        "programs.html",
        code=code,
        tokens=tokens,
        gone={person for one in tokens for person in (one.subject, one.created_by)} - able,
        accounts=accounts,
        lasts=LASTS,
        base_url=app.settings.base_url,
        fresh=fresh,
        sentence=sentence,
        typed=typed_of(request) if request.method == "POST" else {},
    )


def _make(shell: Shell, request: Request) -> Response:
    app, typed = shell.app, typed_of(request)
    known = {one.person for one in account_lines(app.store, now=app.now()) if one.state != "disabled"}
    person, note, lasts = typed.get("person", ""), typed.get("note", "").strip(), typed.get("lasts", "365")
    if person not in known:
        return _page(shell, request, sentence="请选择这个程序代表哪个账号。", code=409)
    if not note:
        return _page(shell, request, sentence="请写明给哪个系统用，以后才知道该不该停用。", code=409)
    days = int(lasts) if lasts in LASTS else 365
    token = make_token(
        app.store,
        TokenKind.PROGRAM,
        person,
        note=note[:100],
        by=visitor_of(request).person,
        now=app.now(),
        expires_at=app.now() + timedelta(days=days),
    )
    shell.note(request, "token", about=f"make program {person}")
    return _page(shell, request, fresh=token)
