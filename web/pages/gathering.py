"""会场签到: the code on the wall, the page behind it on a phone, and the sheet that fills."""

from __future__ import annotations

from time import monotonic

from fastapi import APIRouter, Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action
from reports.attendance import SignInSheet, sign_in_sheet
from reports.attendance_file import sign_in_sheet_xlsx
from services.attendance import (
    Attendee,
    Gathering,
    attend,
    gathering,
    read_wall_code,
    take_off,
    ticket,
    ticket_fits,
    wall_code,
)
from services.errors import Refused
from web.answers import answer
from web.gate import Needs, Writes, find_visitor, require, typed_of, visitor_of
from web.languages import spoken
from web.limits import Pace
from web.qr import qr_svg
from web.shell import READ, Shell
from web.table_files import table_answer, table_head
from web.typed import NumberInPath, typed_number

_NOT_FOUND, _SEE_OTHER = 404, 303


class Gatherings:
    """``pace``: a full hall signs in within minutes, so the limit is wide. It counts only who holds a ticket of that hall.

    ``misses`` counts the others by their address, so that a stranger's tries keep nobody else out.
    """

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.pace, self.misses = Pace(240, 60), Pace(240, 60)

    def wall(self, request: Request, ref: str) -> Response:
        """For the projector: it loads itself anew before the code changes."""
        app, sheet = self.shell.app, self.sheet(request, ref)
        code = wall_code(app.link_key, sheet.occurrence_id, now=app.now())
        address = f"{app.settings.base_url}/in/{code}"
        picture = qr_svg(address, title=spoken(request, "签到二维码")) if sheet.is_open else None
        return self.shell.page(request, "wall.html", sheet=sheet, ref=ref, picture=picture, address=address)

    def show(self, request: Request, ref: str, *, sentence: str = "", code: int = 200) -> Response:
        sheet = self.sheet(request, ref)
        typed = typed_of(request) if request.method == "POST" else {}
        people = list(self.shell.app.roster.people.values())
        return self.shell.page(
            request, "sign_in_sheet.html", code=code, sheet=sheet, ref=ref, people=people, typed=typed, sentence=sentence
        )

    def write_down(self, request: Request, ref: str) -> Response:
        self.sheet(request, ref)
        app, typed = self.shell.app, typed_of(request)
        try:
            if "off" in typed:
                take_off(app.store, ref, typed_number(typed["off"]), by=visitor_of(request).person, now=app.now())
            else:
                attend(app.store, ref, self.who(typed), via="page", recorded_by=visitor_of(request).person, now=app.now())
        except Refused as refusal:
            return self.show(request, ref, sentence=refusal.sentence, code=409)
        return RedirectResponse(f"/gather/{ref}", _SEE_OTHER)

    def sheet(self, request: Request, ref: str) -> SignInSheet:
        found = sign_in_sheet(self.shell.app.store, ref)
        if found is None:
            raise HTTPException(_NOT_FOUND)
        require(request, Action.RECORD, unit=found.unit, persons=list(found.persons))
        return found

    def open_code(self, request: Request, code: str) -> Response:
        app = self.shell.app
        try:
            found = read_wall_code(app.store, app.link_key, code, now=app.now())
        except Refused as refusal:
            return answer(self.shell, request, 410, "不能签到", refusal.sentence)
        return self._form(request, found)

    def sign_in(self, request: Request, number: int) -> Response:
        app, typed = self.shell.app, typed_of(request)
        fits = ticket_fits(app.link_key, number, typed.get("ticket", ""), now=app.now())
        address = request.client.host if request.client else ""
        pace, key = (self.pace, str(number)) if fits else (self.misses, address)
        if not pace.allows(key, at=monotonic()):
            return answer(self.shell, request, 429, "签到的人太多", "请等半分钟，再扫一次屏幕上的二维码。")
        if not fits:
            return answer(self.shell, request, 410, "不能签到", "页面打开得太久。请再扫一次会场屏幕上的二维码。")
        try:
            found = gathering(app.store, number)
            who = self.who(typed)
            new = attend(app.store, found.ref, who, via="code", now=app.now())
        except Refused as refusal:
            if refusal.code == "gathering_over":
                return answer(self.shell, request, 410, "不能签到", refusal.sentence)
            return self._form(request, gathering(app.store, number), sentence=refusal.sentence, code=409)
        return self.shell.page(request, "signed_in.html", title_of=found.title, who=who, new=new)

    def who(self, typed: dict[str, str]) -> Attendee:
        roster = self.shell.app.roster
        person = roster.people.get(typed.get("person", ""))
        if person is not None:
            unit = roster.units.get(person.unit)
            return Attendee(person.key, person.name, unit.name if unit else "")
        return Attendee("", typed.get("name", "").strip(), typed.get("unit_name", "").strip())

    def _form(self, request: Request, found: Gathering, *, sentence: str = "", code: int = 200) -> Response:
        app = self.shell.app
        visitor = find_visitor(self.shell, request)
        typed = typed_of(request) if request.method == "POST" else {}
        today = self.shell.as_of
        people = [one for one in app.roster.people.values() if one.left_on is None or one.left_on > today]
        return self.shell.page(
            request,
            "sign_in_form.html",
            code=code,
            found=found,
            ticket=ticket(app.link_key, found.occurrence_id, now=app.now()),
            people=people,
            units=app.roster.units,
            chosen=typed.get("person", visitor.person if visitor else ""),
            typed=typed,
            sentence=sentence,
        )


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    halls = Gatherings(shell)
    shows, writes = Depends(Needs(shell, Action.RECORD)), Depends(Writes(shell, Action.RECORD))

    @pages.api_route("/gather/{ref}", methods=READ, dependencies=[shows])
    def show(request: Request, ref: str) -> Response:
        return halls.show(request, ref)

    @pages.api_route("/gather/{ref}/sheet.xlsx", methods=READ, dependencies=[shows])
    def workbook(request: Request, ref: str) -> Response:
        sheet = halls.sheet(request, ref)
        told = sheet.told
        remark = f"与完成记录第{told.seq}条一致，校验码 {told.code}。" if told and told.agrees and told.count is not None else ""
        head = table_head(shell, "签到表", scope=sheet.title, remark=remark)
        return table_answer(shell, request, head, "sign-in-sheet", lambda it: sign_in_sheet_xlsx(sheet, it, tz=shell.app.tz))

    @pages.post("/gather/{ref}", dependencies=[writes])
    def write_down(request: Request, ref: str) -> Response:
        return halls.write_down(request, ref)

    @pages.api_route("/gather/{ref}/wall", methods=READ, dependencies=[shows])
    def wall(request: Request, ref: str) -> Response:
        return halls.wall(request, ref)

    @pages.api_route("/in/{code}", methods=READ, dependencies=[Depends(Needs(shell, Action.ENTER))])
    def open_code(request: Request, code: str) -> Response:
        return halls.open_code(request, code)

    @pages.post("/in/{number}/sign", dependencies=[Depends(Writes(shell, Action.ENTER))])
    def sign_in(request: Request, number: NumberInPath) -> Response:
        return halls.sign_in(request, number)

    return pages
