"""The way in for who signed in: he acts as what he is assigned to, or records for others of his scope."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from planning.access import Action, Visitor, may
from planning.acts import Act
from planning.lookup import stood_in_for
from reports.history import History, history
from services.extension_requests import deciding_roles
from web.gate import require, visitor_of
from web.limits import Pace
from web.pages.staff_visit import ADMIN, Acting, Visit, deciders, everybody_else, parts_of
from web.shell import Shell
from web.staff_cookie import UNDO_FOR

VIA = "page"
_NOT_FOUND = 404


@dataclass
class Sessions:
    """``posts`` is how many forms one account may send; ``via`` is how the log names this way in."""

    shell: Shell
    posts: Pace
    via: str = VIA

    def visit(self, request: Request, ref: str, action: Action) -> Visit:
        """Raises NotAllowed for who may not do such a thing to this item, and HTTPException where there is none."""
        app, visitor = self.shell.app, visitor_of(request)
        try:
            seen = history(app.store, ref, as_of=app.today(), workdays=app.workdays)
        except ValueError:  # no reference at all
            seen = None
        if seen is None:
            raise HTTPException(_NOT_FOUND)
        unit = seen.line.unit
        principals = [person.key for person in stood_in_for(visitor.person, app.roster, app.today())]
        own = [*parts_of(seen, [visitor.person, *principals]), *self._last_resort(visitor, seen)]
        # Whoever had a part once may still look at what has become of it.
        concerned = [visitor.person] if own else [part.person for part in seen.assignments]
        require(request, action, unit=unit, persons=concerned)
        others: list[Acting] = []
        if may(visitor, Action.RECORD, unit=unit, persons=()):
            others = everybody_else(seen, app.roster, own, on=app.today())
        way = SessionWay(self, request, visitor, seen.line.ref, action)
        may_change = may(visitor, Action.CHANGE, unit=unit, persons=())
        return Visit(way, seen, visitor.person, visitor.name, tuple(own), tuple(others), may_change=may_change)

    def _last_resort(self, visitor: Visitor, seen: History) -> list[Acting]:
        """The admin decides on a wish that nobody else can decide on, unless it is his own."""
        settings = self.shell.app.settings
        wish = seen.pending_request
        if wish is None or visitor.person != settings.admin or wish.asked_by == visitor.person:
            return []
        if deciders(seen, deciding_roles(settings.extension_approval)):
            return []
        return [Acting(visitor.person, visitor.name, frozenset({ADMIN}))]


@dataclass(frozen=True, slots=True)
class SessionWay:
    """Somebody who signed in. His form's code was checked at the gate."""

    sessions: Sessions
    request: Request
    visitor: Visitor
    ref: str
    action: Action

    @property
    def base(self) -> str:
        return f"/me/items/{quote(self.ref, safe='')}"

    @property
    def via(self) -> str:
        return self.sessions.via

    @property
    def code(self) -> str:
        return self.sessions.shell.form_code(self.request)

    def code_fits(self, sent: str) -> bool:
        return bool(sent)

    def may_post(self) -> bool:
        return self.sessions.posts.allows(str(self.visitor.account_id), at=monotonic())

    def look(self) -> Visit | Response:
        return self.sessions.visit(self.request, self.ref, Action.RECORD)

    def may_undo(self, seen: History) -> bool:
        """What he recorded himself, for ten minutes and until something else happens: the log says both."""
        if not seen.entries:
            return False
        newest = seen.entries[-1]
        mine = newest.kind in {Act.DONE, Act.REVIEWED} and newest.actor == self.visitor.person
        return mine and self.sessions.shell.app.now() - newest.at <= UNDO_FOR

    def note_done(self, response: Response, seen: History) -> None:
        """Nothing to remember: the log knows it."""

    def note_undone(self, response: Response) -> None:
        """As above."""
