"""账号: who may come in, as what, for which units. The admin hands over activation codes and never knows a password."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.security_log import SecurityLog
from planning.access import AccountRole, Action
from planning.roster import Person
from reports.accounts import account_lines, held_by
from services.accounts import disable, enable, open_account, renew_activation, set_rights, unlock
from services.errors import Refused
from web.gate import Needs, Writes, in_office, in_office_here, typed_of, visitor_of
from web.security_words import EVERYWHERE, in_words
from web.shell import READ, Shell

LINES = 200
"""Events of the security log on one page."""

_KEEP = "keep"
"""The box of the form. An empty one ends everything: whoever does not think of it is on the safe side."""


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    writes = Depends(Writes(shell, Action.ACCOUNTS))

    @pages.api_route("/accounts", methods=READ, dependencies=[Depends(Needs(shell, Action.ACCOUNTS))])
    def show(request: Request) -> Response:
        return _page(shell, request)

    @pages.post("/accounts", dependencies=[writes])
    def add(request: Request) -> Response:
        return _add(shell, request)

    @pages.post("/accounts/{person}/{change}", dependencies=[writes])
    def change(request: Request, person: str, change: str) -> Response:
        return _change(shell, request, person, change)

    @pages.api_route("/security", methods=READ, dependencies=[Depends(Needs(shell, Action.SEE_SECURITY))])
    def security(request: Request) -> Response:
        events = SecurityLog(shell.app.home / "logs").newest(LINES)
        about = [in_words(shell.app.office, event) for event in events]
        names = {key: person.name for key, person in shell.app.roster.people.items()}
        return shell.page(request, "security.html", events=list(zip(events, about, strict=True)), names=names, most=LINES)

    return pages


def _page(
    shell: Shell, request: Request, *, sentence: str = "", said: str = "", fresh: tuple[str, str] | None = None, code: int = 200
) -> Response:
    """``fresh``: a person's name and the activation code just made for him, shown this once."""
    app = shell.app
    lines = account_lines(app.store, now=app.now())
    known = {line.person for line in lines}
    units = app.roster.units
    people = [one for one in app.roster.people.values() if one.key not in known and in_office(shell, one.key)]
    return shell.page(
        request,
        "accounts.html",
        code=code,
        lines=lines,
        unit_names={key: unit.name for key, unit in units.items()},
        people=people,
        gone={line.person for line in lines if not in_office(shell, line.person)},
        units=list(units.values()),
        roles=[role.value for role in AccountRole],
        held=held_by(app.store, now=app.now()),
        sentence=sentence,
        said=said,
        fresh=fresh,
        typed=typed_of(request) if request.method == "POST" else {},
    )


def _add(shell: Shell, request: Request) -> Response:
    app, typed = shell.app, typed_of(request)
    try:
        person = _somebody(shell, typed)
        role, scope = _rights(shell, typed)
        code = open_account(
            app.store, person=person.key, name=person.name, role=role, scope=scope, by=visitor_of(request).person, now=app.now()
        )
    except Refused as refusal:
        return _page(shell, request, sentence=refusal.sentence, code=409)
    shell.note(request, "account", about=f"open {person.key} {role.value} {scope or EVERYWHERE}")
    return _page(shell, request, fresh=(f"{person.name}（账号 {person.key}）", code))


def _change(shell: Shell, request: Request, person: str, change: str) -> Response:
    doing = _CHANGES.get(change)
    if doing is None:
        raise Refused("没有这一步。请刷新页面再试。", code="unknown_change")
    try:
        said, code = doing(shell, request, person)
    except Refused as refusal:
        shell.note(request, "account", refusal.code, about=f"{change} {person}"[:100])
        return _page(shell, request, sentence=refusal.sentence, code=409)
    shell.note(request, "account", about=_about(change, person, typed_of(request)))
    known = shell.app.roster.people.get(person)
    return _page(shell, request, said=said, fresh=(f"{known.name if known else ''}（账号 {person}）", code) if code else None)


def _about(change: str, person: str, typed: dict[str, str]) -> str:
    """For the security log: what was changed, of whom, and how."""
    if change == "renew" and _KEEP in typed:
        change = "renew_keep"
    rights = " ".join(typed.get(name, "") for name in ("role", "scope")) if change == "rights" else ""
    return f"{change} {person} {rights}".strip()[:100]


def _disable(shell: Shell, request: Request, person: str) -> tuple[str, str]:
    if person == visitor_of(request).person:
        raise Refused("不能停用自己的账号。请另一位管理员来停用。", code="own_account")
    ended = disable(shell.app.store, person, in_office=in_office_here(shell), now=shell.app.now())
    rest = ended.rest if in_office(shell, person) else ""
    return f"账号已停用。{ended.sentence}{rest}", ""


def _enable(shell: Shell, _request: Request, person: str) -> tuple[str, str]:
    enable(shell.app.store, person)
    return "账号已恢复，密码照旧。接口密钥和日历订阅要重新生成。", ""


def _unlock(shell: Shell, _request: Request, person: str) -> tuple[str, str]:
    unlock(shell.app.store, person, now=shell.app.now())
    return "可以重新登录了。", ""


def _renew(shell: Shell, request: Request, person: str) -> tuple[str, str]:
    renewed = renew_activation(shell.app.store, person, keep_access=_KEEP in typed_of(request), now=shell.app.now())
    return f"原来的密码和动态码不再有效。{renewed.ended.sentence}", renewed.code


def _set_rights(shell: Shell, request: Request, person: str) -> tuple[str, str]:
    role, scope = _rights(shell, typed_of(request))
    set_rights(shell.app.store, person, role=role, scope=scope, in_office=in_office_here(shell), now=shell.app.now())
    return "角色和范围已修改，本人须重新登录。", ""


_CHANGES: dict[str, Callable[[Shell, Request, str], tuple[str, str]]] = {
    "disable": _disable,
    "enable": _enable,
    "unlock": _unlock,
    "renew": _renew,
    "rights": _set_rights,
}


def _somebody(shell: Shell, typed: dict[str, str]) -> Person:
    person = shell.app.roster.people.get(typed.get("person", ""))
    if person is None or not in_office(shell, person.key):
        raise Refused("请选择一个人。名单里没有的话，先在“人员”里添上。", code="unknown_person")
    return person


def _rights(shell: Shell, typed: dict[str, str]) -> tuple[AccountRole, str | None]:
    scope = typed.get("scope", "")
    try:
        role = AccountRole(typed.get("role", ""))
    except ValueError:
        raise Refused("请选择角色。", code="unknown_role") from None
    if scope and scope not in shell.app.roster.units:
        raise Refused("没有这个单位。请重新选择范围。", code="unknown_unit")
    return role, scope or None
