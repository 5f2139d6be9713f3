"""The page of one item for who works on it: opening it shows, only pressing a button records (mail scanners open every link).

One page and one set of forms, whether somebody came by a reminder's link or signed in: ``web/pages/staff_visit.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from planning.deciding import able_to_decide
from reports.attendance import attendance_count
from reports.occurrences import OccurrenceLine
from services.errors import DATABASE_FAULTS, Refused
from services.evidence import FILE_LIMIT, NewEvidence
from services.extension_requests import deciding_roles
from services.snooze import Choice, choices
from web.answers import answer, fault_words, noted
from web.evidence_file import as_attachment
from web.gate import Needs, Writes
from web.limits import Pace
from web.pages.mine import behind_link
from web.pages.staff_acts import DO, SAY, Press, colleagues
from web.pages.staff_form import Typed, in_words, read_typed
from web.pages.staff_link import NO_ROBOTS, Links, names_of, unsaved
from web.pages.staff_session import Sessions
from web.pages.staff_visit import (
    FORMS,
    Acting,
    Form,
    Visit,
    acting_for,
    active,
    chosen,
    deciders,
    is_repeated,
    received_at,
    unreceived,
)
from web.shell import READ, Shell
from web.typed import NumberInPath
from web.uploads import ACCEPT, MAX_FILES, read_uploads
from web.words import for_page

_SEE_OTHER = 303
_SAID_BY_ADDRESS = {"done": ("done", "已登记办结。"), "undone": ("open", "已撤销，可重新登记。")}
"""Flag in the address of the page that an act leads to -> the state that it made, and what the page says while it lasts."""

Files = list[NewEvidence] | Refused
Comes = Callable[[], Visit | Response]


@dataclass
class StaffPages:
    shell: Shell

    def show(self, request: Request, visit: Visit | Response) -> Response:
        if not isinstance(visit, Visit):
            return visit
        sentence = _said_by_address(request, visit.seen.line)
        return self._page(request, visit, sentence=sentence, good=bool(sentence))

    def act(self, request: Request, come: Comes, typed: Typed, files: Files) -> Response:
        """Do what a form asks, and send the browser back to the page; a refusal shows the form again as it was typed."""
        try:
            visit = come()
        except DATABASE_FAULTS as error:  # not even the page can be shown: what was typed can
            words = in_words(typed, names=names_of(self.shell.app))
            sentence = "数据库正忙或暂时打不开，没有保存。填写的内容还在，请等一分钟再提交；选好的文件要重新选。"
            heading = "请稍后再试"
            return unsaved(self.shell, request, 503, heading, sentence, words=words, again=typed, number=noted(request, error))
        if not isinstance(visit, Visit):
            return visit
        if not visit.way.may_post():
            return self._page(request, visit, typed=typed, sentence="提交得太频繁，请等一分钟再试。", code=429)
        barred = self._barred(visit, typed)
        if barred:
            if is_repeated(visit, typed):
                return self._answered(request, visit, typed)
            return self._page(request, visit, typed=typed, sentence=barred, code=403)
        if not visit.way.code_fits(typed.values.get("code", "")):
            return self._page(request, visit, typed=typed, sentence="页面已过期，没有保存。请核对后再提交一次。", code=403)
        return self._do(request, visit, typed, files)

    def _do(self, request: Request, visit: Visit, typed: Typed, files: Files) -> Response:
        try:
            if isinstance(files, Refused):
                raise files
            DO[typed.form](Press(self.shell.app, visit, chosen(visit, typed), typed, files))
        except Refused as refusal:
            return self._refused(request, visit, typed, refusal, again_files=bool(files))
        except (*DATABASE_FAULTS, OSError) as error:
            what, number = fault_words(error), noted(request, error)
            kept = f"{what}，没有保存。填写的内容还在，请等一分钟再提交（错误编号 {number}）。"
            return self._page(request, visit, typed=typed, sentence=f"{kept}{_choose_again(bool(files))}", code=503)
        return self._answered(request, visit, typed)

    def _refused(self, request: Request, visit: Visit, typed: Typed, refusal: Refused, *, again_files: bool) -> Response:
        """Somebody else may have been quicker: the page shows how things stand now, and keeps what was typed."""
        fresh = visit.way.look()
        if not isinstance(fresh, Visit):
            return fresh
        if is_repeated(fresh, typed):  # a double click: the first one did it
            return self._answered(request, fresh, typed)
        sentence = f"{for_page(refusal.sentence)}{_choose_again(again_files)}"
        return self._page(request, fresh, typed=typed, sentence=sentence, code=409)

    def _answered(self, request: Request, visit: Visit, typed: Typed) -> Response:
        """What the browser gets when it is done, by this click or by the one before."""
        if typed.form == "hand_over":
            return self._handed_over(request, visit, typed)
        if typed.form in SAY:
            fresh = visit.way.look()
            said = SAY[typed.form](self.shell.app, typed)
            return self._page(request, fresh, sentence=said, good=True) if isinstance(fresh, Visit) else fresh
        flag = {"done": "?done=1", "undo": "?undone=1"}.get(typed.form, "")
        back = RedirectResponse(f"{visit.way.base}{flag}", _SEE_OTHER, headers=NO_ROBOTS)
        if typed.form == "done":
            fresh = visit.way.look()
            if isinstance(fresh, Visit):
                visit.way.note_done(back, fresh.seen)
        if typed.form == "undo":
            visit.way.note_undone(back)
        return back

    def _handed_over(self, request: Request, visit: Visit, typed: Typed) -> Response:
        person = self.shell.app.roster.people.get(typed.values.get("to", ""))
        name = person.name if person is not None else "同事"
        after = "这个链接不再使用，可以关闭页面。" if visit.way.via == "link" else ""
        sentence = f"“{visit.seen.line.title}”已转交{name}，之后由{name}办理。{after}"
        return answer(self.shell, request, 200, "已转交", sentence)

    def _barred(self, visit: Visit, typed: Typed) -> str:
        """Why this reader may not send this form; empty when he may."""
        if visit.only_shows:
            return f"{visit.only_shows}没有保存。"
        if acting_for(visit, typed.form):
            return ""
        return f"您是这件事项的{visit.role_words}，不能在这里办这一步，没有保存。如有疑问，请与管理员联系。"

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
        app, seen = self.shell.app, visit.seen
        offers = self._offers(visit)
        lost = typed if typed is not None and typed.form not in offers else None
        measures = [str(measure["name"]) for measure in seen.duty.measures]
        values: dict[str, Any] = {
            "visit": visit,
            "line": seen.line,
            "duty": seen.duty,
            "done": seen.completions[-1] if seen.line.state == "done" and seen.completions else None,
            "files": seen.evidence,
            "names": seen.names,
            "wish": seen.pending_request,
            "offers": offers,
            "received_at": received_at(visit),
            "needs_approval": app.settings.extension_approval != "none",
            "would_decide": self._would_decide(visit),
            "later": self._later(visit),
            "colleagues": colleagues(app.roster, [one.person for one in offers.get("hand_over", ())]),
            "base": visit.way.base,
            "by_link": visit.way.via == "link",
            "form_code": visit.way.code,
            "typed": typed or Typed(),
            "attended": self._attended(visit),
            "lost": in_words(lost, measures=measures, names=names_of(app)) if lost is not None else [],
            "accept": ACCEPT,
            "most_bytes": FILE_LIMIT,
            "most_files": MAX_FILES,
        }
        headers = NO_ROBOTS if visit.way.via == "link" else None
        return self.shell.page(request, "staff.html", code=code, headers=headers, sentence=sentence, good=good, **values)

    def _offers(self, visit: Visit) -> dict[str, tuple[Acting, ...]]:
        """The forms that the page shows, and in whose name each may be sent."""
        offered = {name: acting_for(visit, name) for name in FORMS if self._fits(visit, name)}
        if "acknowledge" in offered:
            offered["acknowledge"] = unreceived(visit)[:1]
        if "decide" in offered:
            able = self._deciders(visit)
            offered["decide"] = tuple(one for one in offered["decide"] if one.person in able)
        return {name: names for name, names in offered.items() if names}

    def _fits(self, visit: Visit, name: str) -> bool:
        """Whether the form makes sense as the item stands."""
        line, wish = visit.seen.line, visit.seen.pending_request
        if line.state == "done":
            return self._fits_what_is_done(visit, name)
        if line.state == "waived":
            return name == "reopen"
        if line.state != "open":
            return False
        if name in {"withdraw", "decide"}:
            return wish is not None
        if name == "extend":
            return not line.standing and line.due_on >= self.shell.as_of and wish is None
        if name == "snooze":
            return bool(self._later(visit))
        return name in {"done", "acknowledge", "hand_over", "waive"}

    def _fits_what_is_done(self, visit: Visit, name: str) -> bool:
        line, seen = visit.seen.line, visit.seen
        match name:
            case "reopen":
                return not visit.way.may_undo(seen)
            case "undo":
                return visit.way.may_undo(seen)
            case "void":
                return any(file.proves for file in seen.evidence)
            case "sign_off" | "send_back":
                return line.sign_off_needed and line.signed_off_at is None
            case _:
                return False

    def _deciders(self, visit: Visit) -> list[str]:
        wish, settings = visit.seen.pending_request, self.shell.app.settings
        if wish is None or visit.reader == wish.asked_by:
            return []
        return deciders(visit.seen, deciding_roles(settings.extension_approval)) or [settings.admin]

    def _would_decide(self, visit: Visit) -> list[str]:
        """Names of those who would be asked for a later day."""
        settings = self.shell.app.settings
        able = able_to_decide(active(visit.seen), set(deciding_roles(settings.extension_approval)), asked_by=visit.reader)
        return [visit.seen.names.get(key, key) for key in [part.person for part in able] or [settings.admin]]

    def _attended(self, visit: Visit) -> int:
        """How many signed in at it: what the form for people who came begins with."""
        return attendance_count(self.shell.app.store, visit.seen.line.ref) if visit.seen.line.state == "open" else 0

    def _later(self, visit: Visit) -> tuple[Choice, ...]:
        """The days to which this reader may put off his reminders."""
        app, line = self.shell.app, visit.seen.line
        if line.state != "open" or line.extension_to is not None or line.silent:
            return ()
        return choices(line.due_on, today=app.today(), workdays=app.workdays)


def _said_by_address(request: Request, line: OccurrenceLine) -> str:
    """What an act has just done, where the item still stands so; empty without one. Opened again it says the same."""
    for flag, (state, sentence) in _SAID_BY_ADDRESS.items():
        if flag in request.query_params and line.state == state:
            return "已登记复核。" if flag == "done" and line.standing else sentence
    return ""


def _choose_again(had_files: bool) -> str:
    """A browser does not put chosen files back into a page."""
    return "刚才选的文件没有保存，请重新选择。" if had_files else ""


def router(shell: Shell) -> APIRouter:
    """Who signed in may send 30 forms a minute; the limits of links are in ``web/pages/staff_link.py``."""
    pages = APIRouter()
    staff = StaffPages(shell)
    _by_link(pages, staff, Links(shell, views=Pace(30, 60), posts=Pace(5, 60), misses=Pace(60, 3600)))
    _signed_in(pages, staff, Sessions(shell, posts=Pace(30, 60)))
    return pages


def _by_link(pages: APIRouter, staff: StaffPages, links: Links) -> None:
    shell = staff.shell
    shows = [Depends(Needs(shell, Action.ENTER))]

    @pages.api_route("/t/{token}", methods=READ, dependencies=shows)
    def open_link(request: Request, token: str) -> Response:
        return links.open_link(request, token)

    @pages.api_route("/s/{link_id}", methods=READ, dependencies=shows)
    def show(request: Request, link_id: int) -> Response:
        return staff.show(request, links.visit(request, link_id))

    @pages.api_route("/s/{link_id}/mine", methods=READ, dependencies=shows)
    def show_mine(request: Request, link_id: int) -> Response:
        holder = links.holder(request, link_id)
        if isinstance(holder, Response):
            return holder
        link = holder[1]
        return behind_link(shell, request, person=link.acting, name=link.reader_name or link.name, base=f"/s/{link_id}")

    @pages.api_route("/s/{link_id}/evidence/{number}", methods=READ, dependencies=shows)
    def evidence(request: Request, link_id: int, number: NumberInPath) -> Response:
        return _evidence(shell, links.visit(request, link_id), number)

    def listen(name: str) -> None:
        path, writes = f"/s/{{link_id}}/{name.replace('_', '-')}", Depends(Writes(shell, Action.ENTER, FORMS[name].files))

        @pages.api_route(path, methods=READ, dependencies=shows)
        def back(link_id: int) -> Response:
            """Where a browser comes that opens its last page anew."""
            return RedirectResponse(f"/s/{link_id}", _SEE_OTHER, headers=NO_ROBOTS)

        @pages.post(path, dependencies=[writes])
        async def press(request: Request, link_id: int) -> Response:
            return await _press(staff, request, lambda typed: links.visit(request, link_id, typed), name)

    for name in FORMS:
        listen(name)


def _signed_in(pages: APIRouter, staff: StaffPages, sessions: Sessions) -> None:
    shell = staff.shell
    shows = [Depends(Needs(shell, Action.RECORD))]

    @pages.api_route("/me/items/{ref}", methods=READ, dependencies=shows)
    def show(request: Request, ref: str) -> Response:
        return staff.show(request, sessions.visit(request, ref, Action.RECORD))

    @pages.api_route("/me/items/{ref}/evidence/{number}", methods=READ, dependencies=shows)
    def evidence(request: Request, ref: str, number: NumberInPath) -> Response:
        return _evidence(shell, sessions.visit(request, ref, Action.RECORD), number)

    def listen(name: str, form: Form) -> None:
        path, writes = f"/me/items/{{ref}}/{name.replace('_', '-')}", Depends(Writes(shell, form.action, form.files))

        @pages.api_route(path, methods=READ, dependencies=shows)
        def back(request: Request, ref: str) -> Response:
            return RedirectResponse(sessions.visit(request, ref, Action.RECORD).way.base, _SEE_OTHER)

        @pages.post(path, dependencies=[writes])
        async def press(request: Request, ref: str) -> Response:
            return await _press(staff, request, lambda _typed: sessions.visit(request, ref, form.action), name)

    for name, form in FORMS.items():
        listen(name, form)


def _evidence(shell: Shell, visit: Visit | Response, number: int) -> Response:
    """What was handed in for the item of this page, and for no other."""
    if not isinstance(visit, Visit):
        return visit
    headers = NO_ROBOTS if visit.way.via == "link" else None
    return as_attachment(visit.seen.evidence, number, folder=shell.app.evidence_folder, headers=headers)


async def _press(staff: StaffPages, request: Request, come: Callable[[Typed], Visit | Response], name: str) -> Response:
    typed = read_typed(request.state.form, name)
    try:
        files: Files = await read_uploads(request.state.form, "files")
    except Refused as refusal:
        files = refusal
    return await run_in_threadpool(staff.act, request, lambda: come(typed), typed, files)
