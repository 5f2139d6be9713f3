"""What every page leans on: the opened home, the templates, and the words around a page."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.app import App
from config.security_log import SecurityEvent, SecurityLog
from planning.access import AccountRole, Action, Reach, Visitor, reach_of
from planning.wording import day_name, weekday_name
from reports.memo import Memo
from reports.problems import problem_count
from services.errors import DATABASE_FAULTS
from web import words
from web.headers import SAFE_METHODS
from web.languages import LANGUAGES, TEMPLATES, Language, as_typed, english_source, english_word, language_of
from web.menu import menu_for
from web.session_cookie import SessionCookie

_LOG = logging.getLogger("suishi.web")
_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_FIGURES_KEPT = 256
"""Sets of figures between two changes: for each year, each scope of a visitor, and each list that was looked at."""

_TOLD = frozenset({AccountRole.ADMIN, AccountRole.LEADER})
"""Who relies on messages, and can have a channel set up: told on every page that none leaves the house."""

_OUR_FAULT = 500
"""Pages from this code on ask the database nothing more."""

READ = sorted(SAFE_METHODS - {"OPTIONS"})
"""Methods of a page that only shows."""


@dataclass
class Shell:
    app: App
    memo: Memo = field(default_factory=lambda: Memo(keep=_FIGURES_KEPT), repr=False)

    def refresh(self) -> None:
        """Let an edited file count from the next page on: who left by it is a stranger at once. A look costs 0.2 ms."""
        self.app.reload_if_changed()

    @property
    def as_of(self) -> date:
        return self.app.today()

    def page(
        self, request: Request, template: str, *, code: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Render a template. ``values`` are plain values and frozen rows; nothing in them is marked safe."""
        as_of = self.as_of
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        body = (
            _templates(language_of(request))
            .get_template(template)
            .render(
                path=request.url.path,
                here=_here(request),
                lang=language_of(request),
                languages=LANGUAGES,
                office=self.app.settings.office,
                title=self.app.settings.title,
                admin=self._admin_name(),
                as_of=as_of,
                tz=self.app.tz,
                status=partial(words.status, as_of=as_of),
                demo=self.app.demo,
                problem_count=self._problem_count() if _may(visitor, Action.SEE_UPKEEP) and code < _OUR_FAULT else 0,
                visitor=visitor,
                nobody_receives=visitor is not None and visitor.role in _TOLD and self.app.nobody_receives,
                may=partial(_may, visitor),
                menu=menu_for(visitor, as_of, path=request.url.path),
                code=self.form_code(request),
                **values,
            )
        )
        response = HTMLResponse(body, status_code=code, headers=headers)
        self._keep_session(request, response)
        return response

    @property
    def session_cookie(self) -> SessionCookie:
        settings = self.app.settings
        secure = settings.base_url.startswith("https:")
        return SessionCookie(self.app.link_key, secure, timedelta(minutes=settings.idle_minutes))

    def form_code(self, request: Request) -> str:
        """What every form of a signed-in page carries; empty for visitors."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        browser = self.session_cookie.browser(request)
        return "" if visitor is None else self.session_cookie.form_code(browser, visitor.person)

    def note(self, request: Request, event: str, outcome: str = "ok", *, actor: str = "", about: str = "") -> None:
        """One line in the security log. A log that cannot be written is told to the fault log and stops nobody's work."""
        visitor: Visitor | None = getattr(request.state, "visitor", None)
        who = actor or (visitor.person if visitor else "")
        ip = request.client.host if request.client else ""
        log = SecurityLog(self.app.home / "logs")
        try:
            log.write(SecurityEvent(self.app.now().astimezone(self.app.tz), event, outcome, who, ip, about))
        except OSError:
            _LOG.exception("the security log cannot be written: %s %s", event, outcome)

    def units_of(self, visitor: Visitor) -> tuple[str, ...]:
        """The keys of the units that the visitor may see, for a report; empty: the whole office."""
        return () if visitor.units is None else tuple(sorted(visitor.units))

    def _keep_session(self, request: Request, response: HTMLResponse) -> None:
        """Say in the cookie that somebody is still there."""
        token: str = getattr(request.state, "session_token", "")
        now = self.app.now()
        if token and not self.session_cookie.is_fresh(request, now=now):
            self.session_cookie.give(response, token, now=now)

    def _problem_count(self) -> int:
        """For the line on every page; a database that does not answer is told by the page itself."""
        try:
            return problem_count(self.app.store)
        except DATABASE_FAULTS:
            return 0

    def _admin_name(self) -> str:
        person = self.app.roster.people.get(self.app.settings.admin)
        return "" if person is None else person.name


def _may(visitor: Visitor | None, action: str) -> bool:
    """For a template: whether the visitor may do such a thing anywhere at all."""
    return reach_of(visitor, Action(action)) is not Reach.NONE


def _here(request: Request) -> str:
    """The address of a page that can be opened again, to come back to; of an answer to a form the start."""
    if request.method not in SAFE_METHODS:
        return "/"
    return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path


@cache
def _templates(language: Language) -> Environment:
    """One for the process and language: compiling the templates takes longer than filling them."""
    in_english = language == "en"
    made = Environment(
        loader=_EnglishLoader(TEMPLATES) if in_english else FileSystemLoader(TEMPLATES),
        finalize=english_word if in_english else None,
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        day=words.day,
        names=words.names,
        cn_day=day_name,
        weekday=weekday_name,
        month=words.month,
        period=words.period_words,
        moment=_moment,
        as_typed=as_typed,
    )
    if in_english:
        made.filters.update(words.ENGLISH_FILTERS)
    made.globals.update(words=words, marks=words.marks, asset=_asset)
    return made


class _EnglishLoader(FileSystemLoader):
    """Templates as they read in English."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, name, fresh = super().get_source(environment, template)
        return english_source(source), name, fresh


@pass_context
def _moment(context: Context, value: datetime | None) -> str:
    return words.moment(value, context["tz"])


@cache
def _asset(name: str) -> str:
    """The address of a file in static/ with its digest, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"
