"""The way in by a reminder's link: the token is exchanged for a cookie that serves this link only."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.app import App
from planning.lookup import standing_in
from reports.history import History, history
from services.errors import Refused
from services.links import LinkedAssignment, find_link
from web.gate import in_office
from web.limits import Pace
from web.pages.staff_form import Typed, in_words
from web.pages.staff_visit import Acting, Visit
from web.shell import Shell
from web.staff_cookie import Held, StaffCookie

NO_ROBOTS = {"X-Robots-Tag": "noindex, nofollow"}
VIA = "link"
LOGIN_NEEDED = "这件事项须登录后登记。"

_SEE_OTHER = 303
_REOPEN_LINK = "请从消息里的链接重新打开。如果链接已经失效，请联系管理员重新发送。"

_ASK_ADMIN = "这项工作由谁接手，请与管理员联系。"


@dataclass
class Links:
    """Limits per link: 30 views and 5 posts a minute; 60 unknown tokens an hour from one address."""

    shell: Shell
    views: Pace
    posts: Pace
    misses: Pace

    @property
    def cookie(self) -> StaffCookie:
        app = self.shell.app
        return StaffCookie(app.link_key, secure=app.settings.base_url.startswith("https:"))

    def open_link(self, request: Request, token: str) -> Response:
        """Exchange the token in the address for a cookie and a clean address; HEAD gets no cookie."""
        found = self._find(request, token)
        if not isinstance(found, LinkedAssignment):
            return found
        if not self.views.allows(str(found.assignment_id), at=monotonic()):
            return self._too_often(request)
        response = RedirectResponse(
            f"/s/{found.assignment_id}", _SEE_OTHER, headers=NO_ROBOTS | {"Referrer-Policy": "no-referrer"}
        )
        if request.method == "GET":
            self.cookie.give(response, link_id=found.assignment_id, token=token)
        return response

    def visit(self, request: Request, link_id: int, typed: Typed | None = None) -> Visit | Response:
        """A browser that holds the link's cookie; else a page that says what to do, with what was typed."""
        found = self.holder(request, link_id, typed)
        if isinstance(found, Response):
            return found
        held, link = found
        way = LinkWay(self, request, held, link)
        app = self.shell.app
        seen = seen_at(app, link.ref)
        acting = Acting(link.person, link.name, frozenset({link.role}))
        return Visit(way, seen, link.acting, link.reader_name or link.name, (acting,), only_shows=_only_shows(app, link, seen))

    def holder(self, request: Request, link_id: int, typed: Typed | None = None) -> tuple[Held, LinkedAssignment] | Response:
        held = self.cookie.held(request)
        if held is None:
            return self._closed(request, _REOPEN_LINK, typed)
        found = self._find(request, held.token, typed)
        if not isinstance(found, LinkedAssignment):
            return found
        if found.assignment_id != link_id:
            return self._closed(request, _REOPEN_LINK, typed)
        if request.method != "POST" and not self.views.allows(str(link_id), at=monotonic()):
            return self._too_often(request)
        return held, found

    def _find(self, request: Request, token: str, typed: Typed | None = None) -> LinkedAssignment | Response:
        """Look first, then count: behind a proxy everybody has one address, and a good link must open whatever others tried."""
        app = self.shell.app
        try:
            found = find_link(app.store, token, now=app.now(), link_key=app.link_key)
        except Refused as refusal:
            visitor = request.client.host if request.client else ""
            if refusal.code == "unknown_link" and not self.misses.allows(visitor, at=monotonic()):
                return self._too_often(request)
            return self._closed(request, refusal.sentence, typed)
        if not in_office(self.shell, found.acting):
            return self._closed(request, f"{found.reader_name or found.name}已离任，链接已停用。{_ASK_ADMIN}", typed)
        return found

    def _closed(self, request: Request, sentence: str, typed: Typed | None) -> Response:
        words = in_words(typed, names=names_of(self.shell.app)) if typed is not None else []
        return unsaved(self.shell, request, 410, "链接不能用了", sentence, words=words)

    def _too_often(self, request: Request) -> Response:
        return unsaved(self.shell, request, 429, "打开得太频繁", "请等一会儿再试。")


@dataclass(frozen=True, slots=True)
class LinkWay:
    """A browser that holds a valid link."""

    links: Links
    request: Request
    held: Held
    link: LinkedAssignment

    @property
    def link_id(self) -> int:
        """The assignment's: there is one link for each."""
        return self.link.assignment_id

    @property
    def base(self) -> str:
        return f"/s/{self.link_id}"

    @property
    def via(self) -> str:
        return VIA

    @property
    def code(self) -> str:
        return self.links.cookie.form_code(self.held, link_id=self.link_id)

    def code_fits(self, sent: str) -> bool:
        return self.links.cookie.form_code_fits(sent, self.held, link_id=self.link_id)

    def may_post(self) -> bool:
        return self.links.posts.allows(str(self.link_id), at=monotonic())

    def look(self) -> Visit | Response:
        return self.links.visit(self.request, self.link_id)

    def may_undo(self, seen: History) -> bool:
        now = self.links.shell.app.now()
        version = seen.line.row_version
        return self.links.cookie.may_undo(self.request, self.held, link_id=self.link_id, row_version=version, now=now)

    def note_done(self, response: Response, seen: History) -> None:
        if seen.completions:  # counted from the record: a second click gives no second ten minutes
            recorded_at, version = seen.completions[-1].at, seen.line.row_version
            self.links.cookie.allow_undo(response, self.held, link_id=self.link_id, row_version=version, now=recorded_at)

    def note_undone(self, response: Response) -> None:
        self.links.cookie.forbid_undo(response, link_id=self.link_id)


def unsaved(
    shell: Shell,
    request: Request,
    code: int,
    heading: str,
    sentence: str,
    *,
    words: list[tuple[str, str]] | None = None,
    again: Typed | None = None,
    number: str = "",
) -> Response:
    """A page in place of the item's own: what is the matter, what to do, and what was typed. ``again``: it can be sent again."""
    fields = [] if again is None else list(again.values.items())
    return shell.page(
        request,
        "staff_unsaved.html",
        code=code,
        headers=NO_ROBOTS,
        heading=heading,
        sentence=sentence,
        words_typed=words or [],
        fields=fields,
        number=number,
    )


def seen_at(app: App, ref: str) -> History:
    found = history(app.store, ref, as_of=app.today(), workdays=app.workdays)
    if found is None:  # an assignment keeps its occurrence
        raise LookupError(ref)
    return found


def names_of(app: App) -> dict[str, str]:
    return {key: person.name for key, person in app.roster.people.items()}


def _only_shows(app: App, link: LinkedAssignment, seen: History) -> str:
    if seen.duty.login_required:
        return LOGIN_NEEDED
    if not stands_in_now(app, link):
        return f"您代{link.name}办理的日子已过。请由{link.name}本人办理，或与管理员联系。"
    return ""


def stands_in_now(app: App, link: LinkedAssignment) -> bool:
    """Whether who reads the link may act today: the person himself always, a stand-in on the days that the office's file says."""
    if not link.reader:
        return True
    person = app.roster.people.get(link.person)
    present = None if person is None else standing_in(person, app.roster, app.today())
    return present is not None and present.key == link.reader
