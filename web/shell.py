"""What every page leans on: the opened home, the templates, and the words around a page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from time import monotonic

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.app import App
from planning.wording import day_name, weekday_name
from reports.problems import problem_count
from services.errors import DATABASE_FAULTS
from web import words
from web.headers import SAFE_METHODS

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

_REFRESH_SECONDS = 2.0
_OUR_FAULT = 500
"""Pages from this code on ask the database nothing more."""

READ = sorted(SAFE_METHODS - {"OPTIONS"})
"""Methods of a page that only shows."""


@dataclass
class Shell:
    app: App
    _refreshed: float = 0.0

    def refresh(self) -> None:
        """Let an edited file count from the next page on; looked for every few seconds at most."""
        if monotonic() - self._refreshed > _REFRESH_SECONDS:
            self._refreshed = monotonic()
            self.app.reload_if_changed()

    @property
    def as_of(self) -> date:
        return self.app.today()

    def page(
        self, request: Request, template: str, *, code: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Render a template. ``values`` are plain values and frozen rows; nothing in them is marked safe."""
        as_of = self.as_of
        body = (
            _templates()
            .get_template(template)
            .render(
                path=request.url.path,
                office=self.app.settings.office,
                title=self.app.settings.title,
                admin=self._admin_name(),
                as_of=as_of,
                tz=self.app.tz,
                status=partial(words.status, as_of=as_of),
                demo=self.app.demo,
                problem_count=self._problem_count() if code < _OUR_FAULT else 0,
                **values,
            )
        )
        return HTMLResponse(body, status_code=code, headers=headers)

    def _problem_count(self) -> int:
        """For the line on every page; a database that does not answer is told by the page itself."""
        try:
            return problem_count(self.app.store)
        except DATABASE_FAULTS:
            return 0

    def _admin_name(self) -> str:
        person = self.app.roster.people.get(self.app.settings.admin)
        return "" if person is None else person.name


@cache
def _templates() -> Environment:
    """One for the process: compiling the templates takes longer than filling them."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(day=words.day, names=words.names, cn_day=day_name, weekday=weekday_name, moment=_moment)
    made.globals.update(words=words, marks=words.marks, asset=_asset)
    return made


@pass_context
def _moment(context: Context, value: datetime | None) -> str:
    return words.moment(value, context["tz"])


@cache
def _asset(name: str) -> str:
    """The address of a file in static/ with its digest, so that browsers may keep it for ever."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]}"
