"""我的账号: password, second factor, the browsers that are signed in."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from planning.access import Action
from reports.accounts import AccountLine, account_line, open_sessions
from services.accounts import change_password
from services.errors import Refused
from services.factor_setting import confirm_factor, end_factor, offered_secret
from services.passwords import is_too_old
from services.second_factor import provisioning_uri
from services.sessions import end_other_sessions
from web.browsers import browser_name
from web.doors import OWN_ACCOUNT, OWN_PASSWORD, twice_the_same
from web.gate import Needs, Writes, session_of, typed_of, visitor_of
from web.languages import spoken
from web.qr import qr_svg
from web.shell import READ, Shell
from web.typed import typed_number

_SEE_OTHER, _REFUSED = 303, 403


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    shows, writes = Depends(Needs(shell, Action.OWN)), Depends(Writes(shell, Action.OWN))

    @pages.api_route(OWN_ACCOUNT, methods=READ, dependencies=[shows])
    def account(request: Request) -> Response:
        return _account_page(shell, request)

    @pages.api_route(OWN_PASSWORD, methods=READ, dependencies=[shows])
    def password(request: Request) -> Response:
        return _password_page(shell, request)

    @pages.post(OWN_PASSWORD, dependencies=[writes])
    def set_password(request: Request) -> Response:
        return _set_password(shell, request)

    @pages.post("/me/sessions/end", dependencies=[writes])
    def end_sessions(request: Request) -> Response:
        session = session_of(request)
        count = end_other_sessions(shell.app.store, session.account_id, but=session.digest, now=shell.app.now())
        shell.note(request, "sign_out", about=f"others: {count}")
        return _account_page(shell, request, said=f"已让其他{count}处退出登录。" if count else "没有在别处登录。")

    @pages.api_route("/me/second-factor", methods=READ, dependencies=[shows])
    def factor(request: Request) -> Response:
        if _account(shell, request).second_factor:
            return RedirectResponse(OWN_ACCOUNT, _SEE_OTHER)
        return _factor_page(shell, request)

    @pages.post("/me/second-factor", dependencies=[writes])
    def confirm(request: Request) -> Response:
        return _confirm_factor(shell, request)

    @pages.post("/me/second-factor/end", dependencies=[writes])
    def end(request: Request) -> Response:
        password = typed_of(request).get("password", "")
        try:
            end_factor(shell.app.store, session_of(request).account_id, password, now=shell.app.now())
        except Refused as refusal:
            shell.note(request, "second_factor", refusal.code)
            return _account_page(shell, request, sentence=refusal.sentence, code=_REFUSED)
        shell.note(request, "second_factor", about="off")
        return RedirectResponse(OWN_ACCOUNT, _SEE_OTHER)

    return pages


def _account(shell: Shell, request: Request) -> AccountLine:
    found = account_line(shell.app.store, session_of(request).person, now=shell.app.now())
    if found is None:  # an account keeps its row
        raise LookupError(session_of(request).person)
    return found


def _account_page(shell: Shell, request: Request, *, sentence: str = "", said: str = "", code: int = 200) -> HTMLResponse:
    app, session = shell.app, session_of(request)
    return shell.page(
        request,
        "own_account.html",
        code=code,
        account=_account(shell, request),
        sessions=open_sessions(app.store, session.account_id, mine=session.digest, now=app.now()),
        browser_name=browser_name,
        idle_minutes=app.settings.idle_minutes,
        sentence=sentence,
        said=said,
    )


def _password_page(shell: Shell, request: Request, *, sentence: str = "", code: int = 200) -> HTMLResponse:
    old = is_too_old(session_of(request).password_at, rules=shell.app.settings.password_rules, now=shell.app.now())
    return shell.page(
        request, "own_password.html", code=code, sentence=sentence, too_old=old, rules=shell.app.settings.password_rules
    )


def _set_password(shell: Shell, request: Request) -> Response:
    typed, session = typed_of(request), session_of(request)
    try:
        wanted = twice_the_same(shell, typed)
        ended = change_password(
            shell.app.store,
            session.account_id,
            typed.get("old", ""),
            wanted,
            keep=session.digest,
            end_all="end_all" in typed,
            now=shell.app.now(),
        )
    except Refused as refusal:
        shell.note(request, "password", refusal.code)
        return _password_page(shell, request, sentence=refusal.sentence, code=_REFUSED)
    shell.note(request, "password", about="end all" if "end_all" in typed else "")
    more = ended.sentence if "end_all" in typed else ""
    return _account_page(shell, request, said=f"密码已修改，其他浏览器都已退出登录。{more}")


def _factor_page(shell: Shell, request: Request, *, sentence: str = "", code: int = 200) -> HTMLResponse:
    app, session = shell.app, session_of(request)
    secret, serial = offered_secret(app.store, session.account_id, link_key=app.link_key)
    uri = provisioning_uri(secret, person=visitor_of(request).name, title=app.settings.title)
    picture = qr_svg(uri, title=spoken(request, "动态码二维码"))
    return shell.page(request, "own_factor.html", code=code, picture=picture, secret=secret, serial=serial, sentence=sentence)


def _confirm_factor(shell: Shell, request: Request) -> Response:
    app, typed = shell.app, typed_of(request)
    try:
        codes = confirm_factor(
            app.store,
            session_of(request).account_id,
            typed.get("password", ""),
            serial=typed_number(typed.get("serial", "")),
            digits=typed.get("digits", ""),
            link_key=app.link_key,
            now=app.now(),
        )
    except Refused as refusal:
        shell.note(request, "second_factor", refusal.code)
        return _factor_page(shell, request, sentence=refusal.sentence, code=_REFUSED)
    shell.note(request, "second_factor", about="on")
    return shell.page(request, "own_recovery.html", codes=codes)
