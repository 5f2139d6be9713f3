"""The page behind a reminder's link: opening it shows, only pressing a button records (mail scanners open every link)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from reports.history import History, history
from services.errors import DATABASE_FAULTS, Refused
from services.evidence import NewEvidence
from services.links import LinkedAssignment, find_link
from services.snooze import Choice, choices
from web.answers import answer, noted
from web.gate import Needs
from web.limits import Pace
from web.pages import staff_acts
from web.pages.staff_form import Typed, read_typed
from web.shell import READ, Shell
from web.staff_cookie import Held, StaffCookie
from web.uploads import ACCEPT, read_uploads
from web.words import ROLES, for_page

_NO_ROBOTS = {"X-Robots-Tag": "noindex, nofollow"}
_SEE_OTHER = 303
_MAX_FIELDS = 60
_DOERS = frozenset({"owner", "partner"})
_MAY: dict[str, frozenset[str]] = {
    "done": _DOERS,  # a report that there is nothing to report, and the review of a standing duty, are this form too
    "undo": _DOERS,
    "extend": _DOERS,
    "hand_over": frozenset({"owner"}),
    "sign_off": frozenset({"verifier"}),
    "withdraw": _DOERS,
    "decide": staff_acts.OVERSEEING,
    "snooze": _DOERS | {"verifier"},
}
"""Form → the roles whose link may send it. Who oversees only reads, and decides on a request for a later day."""
_UNDONE = "undone"
_UNDONE_SENTENCE = "已撤销，可重新登记。"
_REOPEN_LINK = "请从消息里的链接重新打开。如果链接已经失效，请联系管理员重新发送。"


@dataclass(frozen=True, slots=True)
class Visit:
    """A browser that holds a valid link."""

    link_id: int  # the assignment's: there is one link for each
    held: Held
    link: LinkedAssignment
    seen: History


@dataclass
class StaffPages:
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
            f"/s/{found.assignment_id}", _SEE_OTHER, headers=_NO_ROBOTS | {"Referrer-Policy": "no-referrer"}
        )
        if request.method == "GET":
            self.cookie.give(response, link_id=found.assignment_id, token=token)
        return response

    def show(self, request: Request, link_id: int) -> Response:
        visit = self._visit(request, link_id)
        if not isinstance(visit, Visit):
            return visit
        undone = _UNDONE in request.query_params and visit.seen.line.state == "open"
        return self._page(request, visit, sentence=_UNDONE_SENTENCE if undone else "", good=undone)

    def act(self, request: Request, link_id: int, form: str, typed: Typed, files: list[NewEvidence] | Refused) -> Response:
        """Do what a form asks, and send the browser back to the page; a refusal shows the form again as it was typed."""
        visit = self._visit(request, link_id)
        if not isinstance(visit, Visit):
            return visit
        if not self.posts.allows(str(link_id), at=monotonic()):
            return self._page(request, visit, typed=typed, sentence="提交得太频繁，请等一分钟再试。", code=429)
        barred = self._barred(visit.link, form)
        if barred:
            return self._page(request, visit, sentence=barred, code=403)
        if not self.cookie.form_code_fits(typed.values.get("code", ""), visit.held, link_id=link_id):
            return self._page(request, visit, typed=typed, sentence="页面已过期，没有保存。请核对后再提交一次。", code=403)
        try:
            if isinstance(files, Refused):
                raise files
            return _ACTS[form](self, request, visit, typed, files)
        except Refused as refusal:
            if refusal.code == "already_done":  # a double click: the page says who did it and when
                return self._back(visit)
            return self._page(request, visit, typed=typed, sentence=for_page(refusal.sentence), code=409)
        except DATABASE_FAULTS as error:
            number = noted(request, error)
            sentence = f"数据库正忙，没有保存。填写的内容还在，请等一分钟再提交（错误编号 {number}）。"
            return self._page(request, visit, typed=typed, sentence=sentence, code=503)

    def _barred(self, link: LinkedAssignment, form: str) -> str:
        """Why this reader may not send this form; empty when he may."""
        if link.role not in _MAY[form]:
            who = ROLES.get(link.role, "知晓人")
            return f"您是这件事项的{who}，不能在这里办这一步，没有保存。如有疑问，请与管理员联系。"
        if not staff_acts.stands_in_now(self.shell.app, link):
            return f"您代{link.name}办理的日子已过，没有保存。请由{link.name}本人办理，或与管理员联系。"
        return ""

    def done(self, _request: Request, visit: Visit, typed: Typed, files: list[NewEvidence]) -> Response:
        app = self.shell.app
        staff_acts.record_done(app, visit.link, visit.seen, typed, files)
        now = app.now()
        line = self._seen(visit.link).line
        back = self._back(visit)
        self.cookie.allow_undo(back, visit.held, link_id=visit.link_id, row_version=line.row_version, now=now)
        return back

    def undo(self, request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        line = visit.seen.line
        may = self.cookie.may_undo(
            request, visit.held, link_id=visit.link_id, row_version=line.row_version, now=self.shell.app.now()
        )
        if not may:
            raise Refused("已过10分钟，或者不是用这个浏览器登记的，不能在这里撤销。请联系管理员。", code="undo_over")
        staff_acts.record_undo(self.shell.app, visit.link, typed, row_version=line.row_version)
        back = self._back(visit, f"?{_UNDONE}=1")
        self.cookie.forbid_undo(back, link_id=visit.link_id)
        return back

    def extend(self, request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        return self._again(request, visit, staff_acts.record_extension(self.shell.app, visit.link, typed))

    def withdraw(self, request: Request, visit: Visit, _typed: Typed, _files: list[NewEvidence]) -> Response:
        staff_acts.record_withdrawal(self.shell.app, visit.link)
        return self._again(request, visit, "已撤回延期申请，时限不变，提醒照常继续。")

    def decide(self, request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        row_version = visit.seen.line.row_version
        said = staff_acts.record_decision(self.shell.app, visit.link, typed, row_version=row_version)
        return self._again(request, visit, said)

    def snooze(self, request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        return self._again(request, visit, staff_acts.record_snooze(self.shell.app, visit.link, typed))

    def sign_off(self, _request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        staff_acts.record_sign_off(self.shell.app, visit.link, typed, row_version=visit.seen.line.row_version)
        return self._back(visit)

    def hand_over(self, request: Request, visit: Visit, typed: Typed, _files: list[NewEvidence]) -> Response:
        name = staff_acts.record_hand_over(self.shell.app, visit.link, typed)
        sentence = f"“{visit.seen.line.title}”已转交{name}，之后由{name}办理。这个链接不再使用，可以关闭页面。"
        return answer(self.shell, request, 200, "已转交", sentence)

    def _visit(self, request: Request, link_id: int) -> Visit | Response:
        held = self.cookie.held(request)
        if held is None:
            return self._closed(request, _REOPEN_LINK)
        found = self._find(request, held.token)
        if not isinstance(found, LinkedAssignment):
            return found
        if found.assignment_id != link_id:
            return self._closed(request, _REOPEN_LINK)
        if request.method != "POST" and not self.views.allows(str(link_id), at=monotonic()):
            return self._too_often(request)
        return Visit(link_id, held, found, self._seen(found))

    def _find(self, request: Request, token: str) -> LinkedAssignment | Response:
        """Look first, then count: behind a proxy everybody has one address, and a good link must open whatever others tried."""
        app = self.shell.app
        try:
            return find_link(app.store, token, now=app.now(), link_key=app.link_key)
        except Refused as refusal:
            visitor = request.client.host if request.client else ""
            if refusal.code == "unknown_link" and not self.misses.allows(visitor, at=monotonic()):
                return self._too_often(request)
            return self._closed(request, refusal.sentence)

    def _seen(self, link: LinkedAssignment) -> History:
        app = self.shell.app
        found = history(app.store, link.ref, as_of=app.today(), workdays=app.workdays)
        if found is None:  # a link's assignment keeps its occurrence
            raise LookupError(link.ref)
        return found

    def _page(
        self,
        request: Request,
        visit: Visit,
        *,
        typed: Typed | None = None,
        sentence: str = "",
        good: bool = False,
        code: int = 200,
    ) -> Response:
        app, seen, link = self.shell.app, visit.seen, visit.link
        last = seen.completions[-1] if seen.line.state == "done" and seen.completions else None
        may_undo = last is not None and self.cookie.may_undo(
            request, visit.held, link_id=visit.link_id, row_version=seen.line.row_version, now=app.now()
        )
        values: dict[str, Any] = {
            "line": seen.line,
            "duty": seen.duty,
            "done": last,
            "files": seen.evidence,
            "role": link.role,
            "person": link.name,
            "stands_in": link.reader_name,
            "may_act": link.role in _DOERS,
            "wish": seen.pending_request,
            "may_decide": staff_acts.may_decide(seen, link.role, app.settings.extension_approval),
            "needs_approval": app.settings.extension_approval != "none",
            "later": self._later(visit),
            "may_undo": may_undo,
            "colleagues": staff_acts.colleagues(app.roster, link.person),
            "link_id": visit.link_id,
            "form_code": self.cookie.form_code(visit.held, link_id=visit.link_id),
            "typed": typed or Typed(),
            "accept": ACCEPT,
        }
        return self.shell.page(request, "staff.html", code=code, headers=_NO_ROBOTS, sentence=sentence, good=good, **values)

    def _later(self, visit: Visit) -> tuple[Choice, ...]:
        """The days to which this reader may put off his reminders."""
        app, line = self.shell.app, visit.seen.line
        if line.state != "open" or line.extension_to is not None or line.silent or visit.link.role not in _MAY["snooze"]:
            return ()
        return choices(line.due_on, today=app.today(), workdays=app.workdays)

    def _again(self, request: Request, visit: Visit, sentence: str) -> Response:
        """The page as it stands now, with what was just done."""
        fresh = self._visit(request, visit.link_id)
        return self._page(request, fresh, sentence=sentence, good=True) if isinstance(fresh, Visit) else fresh

    def _back(self, visit: Visit, query: str = "") -> Response:
        return RedirectResponse(f"/s/{visit.link_id}{query}", _SEE_OTHER, headers=_NO_ROBOTS)

    def _closed(self, request: Request, sentence: str) -> Response:
        return answer(self.shell, request, 410, "链接不能用了", sentence)

    def _too_often(self, request: Request) -> Response:
        return answer(self.shell, request, 429, "打开得太频繁", "请等一会儿再试。")


_Act = Callable[[StaffPages, Request, Visit, Typed, list[NewEvidence]], Response]
_ACTS: dict[str, _Act] = {
    "done": StaffPages.done,
    "undo": StaffPages.undo,
    "extend": StaffPages.extend,
    "hand_over": StaffPages.hand_over,
    "sign_off": StaffPages.sign_off,
    "withdraw": StaffPages.withdraw,
    "decide": StaffPages.decide,
    "snooze": StaffPages.snooze,
}


def router(shell: Shell) -> APIRouter:
    """Limits per link: 30 views and 5 posts a minute; 60 unknown tokens an hour from one address."""
    pages = APIRouter()
    shows = Depends(Needs(shell, Action.ENTER))
    staff = StaffPages(shell, views=Pace(30, 60), posts=Pace(5, 60), misses=Pace(60, 3600))

    @pages.api_route("/t/{token}", methods=READ, dependencies=[shows])
    def open_link(request: Request, token: str) -> Response:
        return staff.open_link(request, token)

    @pages.api_route("/s/{link_id}", methods=READ, dependencies=[shows])
    def show(request: Request, link_id: int) -> Response:
        return staff.show(request, link_id)

    async def posted(request: Request, link_id: int, name: str) -> Response:
        # Files beyond 1 MB lie in temporary files: they are closed, and so deleted, when the form is read.
        async with request.form(max_files=_MAX_FIELDS, max_fields=_MAX_FIELDS) as form:
            typed = read_typed(form, name)
            try:
                files: list[NewEvidence] | Refused = await read_uploads(form, "files")
            except Refused as refusal:
                files = refusal
        return await run_in_threadpool(staff.act, request, link_id, name, typed, files)

    def listen(name: str) -> None:
        @pages.post(f"/s/{{link_id}}/{name.replace('_', '-')}", name=name, dependencies=[shows])
        async def press(request: Request, link_id: int) -> Response:
            return await posted(request, link_id, name)

    for name in _ACTS:
        listen(name)
    return pages
