"""意见建议: anybody may say something, with a name or without; the office reads and answers."""

from __future__ import annotations

from time import monotonic

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from planning.access import Action, Reach, Visitor, reach_of
from reports.feedback import opinions
from services.errors import DATABASE_FAULTS, Refused
from services.feedback import answer_feedback, give_feedback
from web.answers import noted
from web.gate import Needs, Writes, find_visitor, typed_of, visitor_of
from web.limits import Pace
from web.shell import READ, Shell
from web.typed import NumberInPath

PAGE_SIZE = 20
_SEE_OTHER = 303
_LONGEST = 100  # characters of a reference in the address
_BLANK = dict.fromkeys(("text", "ref", "name", "contact", "signed"), "")


class Box:
    """The form. From one address ten opinions in ten minutes, from everybody together two hundred in an hour."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.one = Pace(10, 600)
        self.all = Pace(200, 3600)

    def page(self, request: Request, typed: dict[str, str], *, sentence: str = "", number: int = 0, code: int = 200) -> Response:
        visitor = find_visitor(self.shell, request)
        typed = _BLANK | typed
        sees_list = reach_of(visitor, Action.SEE_UPKEEP) is not Reach.NONE
        return self.shell.page(
            request, "feedback.html", code=code, typed=typed, sentence=sentence, number=number, sees_list=sees_list
        )

    def put_in(self, request: Request) -> Response:
        typed = typed_of(request)
        if not self._allows(request):
            return self.page(request, typed, sentence="提交得太频繁，请过十分钟再试。填写的内容还在。", code=429)
        visitor = find_visitor(self.shell, request)
        signed = visitor.person if visitor is not None and typed.get("signed") else ""
        try:
            number = give_feedback(
                self.shell.app.store,
                typed.get("text", ""),
                ref=typed.get("ref", ""),
                name=typed.get("name", ""),
                contact=typed.get("contact", ""),
                by=signed,
                now=self.shell.app.now(),
            )
        except Refused as refusal:
            return self.page(request, typed, sentence=refusal.sentence, code=409)
        except DATABASE_FAULTS as error:
            sentence = f"数据库正忙，没有保存。填写的内容还在，请等一分钟再提交（错误编号 {noted(request, error)}）。"
            return self.page(request, typed, sentence=sentence, code=503)
        return self.page(request, {}, number=number)

    def _allows(self, request: Request) -> bool:
        address = request.client.host if request.client else ""
        at = monotonic()
        return self.one.allows(address, at=at) and self.all.allows("", at=at)


def router(shell: Shell) -> APIRouter:
    pages = APIRouter()
    box = Box(shell)

    @pages.api_route("/feedback", methods=READ, dependencies=[Depends(Needs(shell, Action.ENTER))])
    def ask(request: Request) -> Response:
        return box.page(request, {"ref": request.query_params.get("ref", "")[:_LONGEST]})

    @pages.post("/feedback", dependencies=[Depends(Writes(shell, Action.ENTER))])
    def put_in(request: Request) -> Response:
        return box.put_in(request)

    @pages.api_route("/feedback/list", methods=READ, dependencies=[Depends(Needs(shell, Action.SEE_UPKEEP))])
    def show(request: Request) -> Response:
        return _list(shell, request)

    @pages.post("/feedback/{number}/answer", dependencies=[Depends(Writes(shell, Action.RUN))])
    def reply(request: Request, number: NumberInPath) -> Response:
        return _answer(shell, request, number)

    return pages


def _list(shell: Shell, request: Request, *, sentence: str = "", about: int = 0, code: int = 200) -> Response:
    """``about`` is the number of the opinion whose answer was refused: what was typed stands there again."""
    page = _page(request.query_params.get("page", "1"))
    found = opinions(shell.app.store, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    visitor: Visitor = visitor_of(request)
    return shell.page(
        request,
        "feedback_list.html",
        code=code,
        found=found,
        page=page,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        may_answer=reach_of(visitor, Action.RUN) is not Reach.NONE,
        sentence=sentence,
        about=about,
        typed=typed_of(request).get("answer", "") if request.method == "POST" else "",
    )


def _answer(shell: Shell, request: Request, number: int) -> Response:
    app = shell.app
    try:
        answer_feedback(app.store, number, typed_of(request).get("answer", ""), by=visitor_of(request).person, now=app.now())
    except Refused as refusal:
        return _list(shell, request, sentence=refusal.sentence, about=number, code=409)
    except DATABASE_FAULTS as error:
        sentence = f"数据库正忙，没有保存。填写的内容还在，请等一分钟再提交（错误编号 {noted(request, error)}）。"
        return _list(shell, request, sentence=sentence, about=number, code=503)
    return RedirectResponse("/feedback/list", _SEE_OTHER)


def _page(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < len("100000") and int(text) > 0 else 1
