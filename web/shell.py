"""What every page leans on: the opened home, the templates, and the words around a page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from config.app import App
from planning.wording import day_name, weekday_name
from web import words
from web.headers import SAFE_METHODS

_HERE = Path(__file__).parent
STATIC = _HERE / "static"

READ = sorted(SAFE_METHODS - {"OPTIONS"})
"""Methods of a page that only shows."""


@dataclass
class Shell:
    app: App

    @cached_property
    def templates(self) -> Environment:
        made = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update(day=words.day, names=words.names, cn_day=day_name, weekday=weekday_name)
        made.filters["moment"] = self._moment
        made.globals.update(words=words, marks=words.marks, asset=_asset)
        return made

    @property
    def as_of(self) -> date:
        return self.app.today()

    def page(
        self, request: Request, template: str, *, code: int = 200, headers: dict[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """Render a template. ``values`` are plain values and frozen rows; nothing in them is marked safe."""
        as_of = self.as_of
        body = self.templates.get_template(template).render(
            path=request.url.path,
            office=self.app.settings.office,
            title=self.app.settings.title,
            admin=self._admin_name(),
            as_of=as_of,
            status=partial(words.status, as_of=as_of),
            demo=self.app.demo,
            **values,
        )
        return HTMLResponse(body, status_code=code, headers=headers)

    def _moment(self, value: datetime | None) -> str:
        return words.moment(value, self.app.tz)

    def _admin_name(self) -> str:
        person = self.app.roster.people.get(self.app.settings.admin)
        return "" if person is None else person.name


def _asset(name: str) -> str:
    """The address of a file in static/ with its digest, so that browsers may keep it for ever."""
    if name not in _DIGESTS:
        _DIGESTS[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={_DIGESTS[name]}"


_DIGESTS: dict[str, str] = {}
