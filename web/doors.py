"""The pages around signing in that are shown from several places: by their own addresses, and in the place of another page."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

from planning.access import AccountRole
from reports.accounts import AccountLine, account_lines
from services.errors import Refused
from services.passwords import NewPassword
from web.kept import Fields, words
from web.shell import Shell

SIGN_IN, SIGN_OUT, OWN_ITEMS, OWN_ACCOUNT, OWN_PASSWORD = "/sign-in", "/sign-out", "/me", "/me/account", "/me/password"

_LONGEST_PATH = 500
_DOORS = (SIGN_IN, SIGN_OUT, "/set-up", "/activate", "/static/")


def sign_in_page(
    shell: Shell,
    request: Request,
    *,
    goal: str,
    sentence: str = "",
    code: int = 200,
    kept: Fields | None = None,
    who: str = "",
) -> HTMLResponse:
    """``kept``: what was typed into the form at ``goal``, to be sent after signing in; None without such a form."""
    return shell.page(
        request,
        "sign_in.html",
        code=code,
        goal=goal,
        sentence=sentence,
        resume=kept is not None,
        kept=kept or [],
        who=who,
        people=demo_people(shell),
    )


def resume_page(
    shell: Shell, request: Request, *, goal: str, fields: Fields, person: str, stale: bool = False, code: int = 200
) -> HTMLResponse:
    """Shows what was typed, under a button by which ``person`` sends it again from this browser."""
    cookie = shell.session_cookie
    browser = cookie.browser_or_new(request)
    own_code = cookie.form_code(browser, person)
    response = shell.page(
        request, "resume.html", code=code, goal=goal, fields=fields, words=words(fields), own_code=own_code, stale=stale
    )
    cookie.name_browser(response, browser)
    return response


def demo_people(shell: Shell) -> list[AccountLine]:
    """Whom the demonstration offers to come in as; nobody in a real office, whatever the surroundings say."""
    if not shell.app.demo or shell.app.production:
        return []
    order = list(AccountRole)
    lines = (line for line in account_lines(shell.app.store, now=shell.app.now()) if line.state != "disabled")
    return sorted(lines, key=lambda line: order.index(AccountRole(line.role)))


def own_path(path: str) -> str:
    """Where to go after signing in: a path of ours, nothing that leads elsewhere or back to a door."""
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    # A backslash is a slash to browsers, and white space is nothing.
    odd = "\\" in path or not path.isprintable() or " " in path
    if odd or parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", *_DOORS)):
        return "/"
    return path if len(path) <= _LONGEST_PATH else "/"


def twice_the_same(shell: Shell, typed: dict[str, str]) -> NewPassword:
    """The new password, with the rules it must meet. Raises Refused: password_again."""
    if typed.get("password", "") != typed.get("again", ""):
        raise Refused("两次输入的密码不一样，请重新输入。", code="password_again")
    return NewPassword(typed.get("password", ""), shell.app.settings.password_rules, office_words(shell))


def office_words(shell: Shell) -> tuple[str, ...]:
    """What this office and its parts are called; the keys are mostly the names in letters."""
    settings, units = shell.app.settings, shell.app.roster.units
    return (settings.office, settings.title, *units, *(unit.name for unit in units.values()))
