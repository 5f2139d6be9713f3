"""订阅: calendars that a phone or Outlook follows. The address holds a token of its own; whoever has it may only read."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action, Reach, TokenKind, reach_of
from planning.roster import Unit
from reports.accounts import live_tokens
from reports.feed import MEDIA_TYPE, Feed, FeedForm, person_feed, unit_feed
from reports.memo import Memo
from services.errors import Refused
from services.tokens import FoundToken, find_token, make_token, revoke_token
from web.gate import Needs, Writes, in_office, typed_of, visitor_from, visitor_of
from web.limits import Pace
from web.shell import READ, Shell
from web.typed import typed_number

_NOT_FOUND, _SEE_OTHER, _TOO_OFTEN = 404, 303, 429


class Feeds:
    """At most 60 fetches of one address, and 60 of addresses that nobody has, in an hour."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.memo = Memo()
        self.fetches, self.misses = Pace(60, 3600), Pace(60, 3600)

    def fetch(self, request: Request, token: str) -> Response:
        app = self.shell.app
        found = find_token(app.store, token, now=app.now())
        visitor = request.client.host if request.client else ""
        pace, key = (self.misses, visitor) if found is None else (self.fetches, f"{found.kind}:{found.subject}:{token[-6:]}")
        if not pace.allows(key, at=monotonic()):
            return Response("请一小时后再试。\n", _TOO_OFTEN, headers={"Retry-After": "3600"}, media_type="text/plain")
        feed = None if found is None else self._feed(found)
        if feed is None:
            raise HTTPException(_NOT_FOUND)
        headers = {"ETag": feed.etag, "Cache-Control": "private, max-age=0, must-revalidate", "X-Robots-Tag": "noindex"}
        if request.headers.get("if-none-match") == feed.etag:
            return Response(status_code=304, headers=headers)
        headers["Content-Disposition"] = 'inline; filename="suishi.ics"'
        return Response(feed.text, media_type=MEDIA_TYPE, headers=headers)

    def show(self, request: Request, *, fresh: str = "", sentence: str = "", code: int = 200) -> Response:
        """``fresh`` is the address just made: shown this once."""
        app, visitor = self.shell.app, visitor_of(request)
        return self.shell.page(
            request,
            "feeds.html",
            code=code,
            tokens=[
                one
                for one in live_tokens(app.store, of=visitor.person, now=app.now())
                if one.kind in {TokenKind.PERSON_FEED, TokenKind.UNIT_FEED}
            ],
            units=self._units(request),
            unit_names={key: unit.name for key, unit in app.roster.units.items()},
            fresh=fresh,
            sentence=sentence,
        )

    def make(self, request: Request) -> Response:
        app, visitor = self.shell.app, visitor_of(request)
        unit = typed_of(request).get("unit", "")
        if unit and unit not in {one.key for one in self._units(request)}:
            return self.show(request, sentence="没有这个单位，或者不在您的范围里。请重新选择。", code=409)
        kind, subject = (TokenKind.UNIT_FEED, unit) if unit else (TokenKind.PERSON_FEED, visitor.person)
        token = make_token(app.store, kind, subject, note="", by=visitor.person, now=app.now())
        self.shell.note(request, "token", about=f"make {kind} {subject}")
        return self.show(request, fresh=f"{app.settings.base_url}/ics/{token}.ics")

    def revoke(self, request: Request) -> Response:
        app, visitor = self.shell.app, visitor_of(request)
        number = typed_of(request).get("id", "")
        try:
            revoke_token(app.store, typed_number(number), of=visitor.person, now=app.now())
        except Refused as refusal:
            return self.show(request, sentence=refusal.sentence, code=409)
        self.shell.note(request, "token", about="revoke feed")
        return RedirectResponse("/me/feeds", _SEE_OTHER)

    def _feed(self, found: FoundToken) -> Feed | None:
        app, as_of = self.shell.app, self.shell.as_of
        settings = app.settings
        form = FeedForm(title=settings.title, domain=settings.mail_domain, tz=app.tz, detail=settings.message_detail)
        if found.kind is TokenKind.UNIT_FEED:
            if not self._holder_sees(found, found.subject):
                return None
            return unit_feed(app.store, found.subject, as_of=as_of, form=form, memo=self.memo)
        if found.kind is not TokenKind.PERSON_FEED:
            return None
        if not in_office(self.shell, found.subject):
            return None
        return person_feed(app.store, found.subject, as_of=as_of, form=form, memo=self.memo)

    def _holder_sees(self, found: FoundToken, unit: str) -> bool:
        """Whether who made the address of a unit's calendar is still in office, and may still see that unit."""
        holder = None if found.holder is None else visitor_from(self.shell, found.holder)
        if holder is None or reach_of(holder, Action.SEE_ROWS) is Reach.NONE:
            return False
        return holder.units is None or unit in holder.units

    def _units(self, request: Request) -> Sequence[Unit]:
        """The units whose calendars the visitor may follow."""
        visitor = visitor_of(request)
        if reach_of(visitor, Action.SEE_ROWS) is Reach.NONE:
            return ()
        return [one for one in self.shell.app.roster.units.values() if visitor.units is None or one.key in visitor.units]


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    feeds = Feeds(shell)
    writes = Depends(Writes(shell, Action.OWN))

    @pages.api_route("/ics/{token}.ics", methods=READ, dependencies=[Depends(Needs(shell, Action.ENTER))])
    def fetch(request: Request, token: str) -> Response:
        return feeds.fetch(request, token)

    @pages.api_route("/me/feeds", methods=READ, dependencies=[Depends(Needs(shell, Action.OWN))])
    def show(request: Request) -> Response:
        return feeds.show(request)

    @pages.post("/me/feeds", dependencies=[writes])
    def make(request: Request) -> Response:
        return feeds.make(request)

    @pages.post("/me/feeds/revoke", dependencies=[writes])
    def revoke(request: Request) -> Response:
        return feeds.revoke(request)

    return pages
