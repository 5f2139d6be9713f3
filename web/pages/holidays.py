"""放假安排: the workday tables of this year and the next, a pasted notice, and the days on which the office differs."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from config.editing.local_days import LOCAL_DAYS, add_local_day, remove_local_day
from config.holidays import FOLDER
from planning.access import Action
from planning.notice import parse_notice, preview
from planning.tables import DayNote
from services.errors import Refused
from web.file_change import Change, TableChange, TextChange, fresh_draft
from web.gate import Needs, Writes, typed_of
from web.pages.change_steps import NOTHING, Form, Told, take_step
from web.shell import READ, Shell
from web.typed import needed_day

_OFF = "off"


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    writes = Depends(Writes(shell, Action.EDIT_FILES))

    @pages.api_route("/holidays", methods=READ, dependencies=[Depends(Needs(shell, Action.EDIT_FILES))])
    def show(request: Request) -> Response:
        return HolidaysPage(shell, request).show(NOTHING)

    @pages.post("/holidays", dependencies=[writes])
    def take_in(request: Request) -> Response:
        return take_step(shell, request, NoticeForm(shell, request))

    @pages.post("/holidays/days", dependencies=[writes])
    def add_day(request: Request) -> Response:
        return take_step(shell, request, LocalDayForm(shell, request))

    @pages.post("/holidays/days/remove", dependencies=[writes])
    def remove_day(request: Request) -> Response:
        return take_step(shell, request, RemoveDayForm(shell, request))

    return pages


class HolidaysPage:
    def __init__(self, shell: Shell, request: Request) -> None:
        self.shell = shell
        self.request = request

    def show(self, told: Told, *, form: str = "") -> Response:
        """``form`` is the one that comes back with what was typed: notice, day."""
        office = self.shell.app.office
        tables = office.holidays.tables
        return self.shell.page(
            self.request,
            "holidays.html",
            code=told.code,
            told=told,
            form=form,
            typed=typed_of(self.request) if form else {},
            years=[(year, tables.get(year)) for year in self.shell.app.planned_years()],
            lines_of=preview,
            local=sorted(office.holidays.overrides.items()),
            faults=[one for one in office.errors if one.file.startswith(f"{FOLDER}/")],
        )


class _OnThePage(Form):
    back = ("/holidays", "回到放假安排")
    shown_as = ""

    def __init__(self, shell: Shell, request: Request) -> None:
        self.page = HolidaysPage(shell, request)
        self.app = shell.app
        self.typed = typed_of(request)

    def show(self, told: Told) -> Response:
        return self.page.show(told, form=self.shown_as)


class NoticeForm(_OnThePage):
    """The State Council's notice, pasted: what ``suishi holidays import`` does."""

    heading = "放假安排"
    about = "holidays"
    shown_as = "notice"

    def change(self) -> Change:
        text = self.typed.get("notice", "")
        if not text.strip():
            raise Refused("请粘贴放假通知的全文。", code="notice_missing")
        notice = parse_notice(text)
        self.heading = f"{notice.table.year} 年放假安排"
        self.about = f"holidays {notice.table.year}"
        return TableChange(self.app, notice)


class LocalDayForm(_OnThePage):
    """停工、市县调休: one day on which the office differs from the country."""

    heading = "当地的日子"
    about = "local day"
    shown_as = "day"

    def change(self) -> Change:
        day = needed_day(self.typed, "day", "日期")
        reason = self.typed.get("reason", "").strip()
        if not reason:
            raise Refused("请写明原因，如停工令、县里调休。", code="reason_missing")
        note = DayNote(reason, off=self.typed.get("off") == _OFF)
        draft = fresh_draft(self.app)
        return TextChange(self.app, draft.edit(LOCAL_DAYS, lambda text: add_local_day(text, day, note)))


class RemoveDayForm(_OnThePage):
    heading = "删去当地的日子"
    about = "local day"

    def change(self) -> Change:
        day = needed_day(self.typed, "day", "日期")
        draft = fresh_draft(self.app)
        return TextChange(self.app, draft.edit(LOCAL_DAYS, lambda text: remove_local_day(text, day)))
