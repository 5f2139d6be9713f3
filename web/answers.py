"""Pages for what went wrong: in Chinese, with what to do, and a number under which the log knows it."""

from __future__ import annotations

import errno
import logging
import secrets
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from config.editing.refusals import EditRefused
from services.errors import DATABASE_FAULTS, Refused
from web.access_log import masked, without_token
from web.doors import OWN_ACCOUNT, OWN_PASSWORD, SIGN_OUT, resume_page, sign_in_page
from web.gate import NotAllowed, PasswordTooOld, SignInNeeded, StaleForm, find_visitor, visitor_of
from web.headers import SAFE_METHODS
from web.kept import can_be_kept, plain, to_keep
from web.shell import Shell
from web.words import for_page

_LOG = logging.getLogger("suishi.web")

NOT_FOUND = 404
_SENTENCES = {
    400: ("请求看不懂", "网址或填写的内容不完整。请回到上一页再试。"),
    403: ("不能这样提交", "请从消息里的链接重新打开页面，再提交一次。"),
    404: ("没有这一页", "网址可能抄漏了，或者这件事项已经不在计划里。可以到完成台账里查找。"),
    405: ("不能这样打开", "这个地址只接受页面上的按钮提交，请回到原来的页面。"),
    413: ("内容太大", "每个文件不超过10 MB，一次不超过50 MB，请压缩，或只留最要紧的几份。"),
    429: ("打开得太频繁", "请等一分钟再试。"),
}


def add_answers(web: FastAPI, shell: Shell) -> None:
    """Answer every refusal and fault with a page."""
    _add_gate_answers(web, shell)

    def http_error(request: Request, error: Exception) -> Response:
        code = error.status_code if isinstance(error, HTTPException) else 400
        heading, sentence = _SENTENCES.get(code, _SENTENCES[400])
        _look_who_it_is(shell, request)
        return answer(shell, request, code, heading, sentence)

    def refused(request: Request, error: Exception) -> Response:
        sentence = error.sentence if isinstance(error, Refused | EditRefused) else ""
        code = NOT_FOUND if isinstance(error, Refused | EditRefused) and error.code.startswith("unknown") else 409
        return answer(shell, request, code, "没有找到" if code == NOT_FOUND else "没有办成", sentence)

    def database_error(request: Request, error: Exception) -> Response:
        number = noted(request, error)
        sentence = "数据库正忙或暂时打不开，没有保存任何内容。请等一分钟再试；仍然不行请把编号告诉管理员。"
        return answer(shell, request, 503, "请稍后再试", sentence, number=number)

    def fault(request: Request, error: Exception) -> Response:
        number = noted(request, error)
        return answer(
            shell, request, 500, "系统出错了", "刚才的操作没有完成。请把编号告诉管理员，其他页面可以照常使用。", number=number
        )

    web.add_exception_handler(HTTPException, http_error)
    web.add_exception_handler(RequestValidationError, http_error)
    web.add_exception_handler(Refused, refused)
    web.add_exception_handler(EditRefused, refused)
    for kind in DATABASE_FAULTS:
        web.add_exception_handler(kind, database_error)
    web.add_exception_handler(Exception, fault)


def _add_gate_answers(web: FastAPI, shell: Shell) -> None:
    """What the gate says: who are you, you may not, this form is not for you."""

    def sign_in_needed(request: Request, error: Exception) -> Response:
        lost = error.form if isinstance(error, SignInNeeded) else None
        path = request.url.path
        if lost is not None and path != SIGN_OUT:
            goal = path if can_be_kept(lost) else OWN_ACCOUNT
            return sign_in_page(shell, request, goal=goal, code=401, kept=to_keep(lost) if can_be_kept(lost) else None)
        goal = "/" if path == SIGN_OUT else f"{path}?{request.url.query}" if request.url.query else path
        where = "/sign-in" if goal == "/" else f"/sign-in?{urlencode({'next': goal})}"
        if "hx-request" in request.headers:  # htmx would put the page for signing in where the list should be
            return Response(status_code=204, headers={"HX-Redirect": where})
        return RedirectResponse(where, 303)

    def not_allowed(request: Request, _error: Exception) -> Response:
        shell.note(request, "refused", "not_allowed", about=without_token(request.url.path))
        said = "您的账号不能做这一步，没有保存。" if request.method not in SAFE_METHODS else "您的账号不能看这一页。"
        return answer(shell, request, 403, "没有权限", f"{said}工作需要的话，请管理员调整账号的角色或范围。")

    def stale_form(request: Request, error: Exception) -> Response:
        """Somebody else signed in meanwhile, or the browser lost our cookie: whoever is there now looks at it and sends it."""
        form = error.form if isinstance(error, StaleForm) else FormData()
        if not can_be_kept(form):
            return answer(shell, request, 403, "页面已过期", "这个页面打开得太久，或者换了账号，没有保存。请重新打开页面再提交。")
        shell.note(request, "refused", "stale_form", about=without_token(request.url.path))
        fields = [(name, value) for name, value in plain(form) if name != "code"]
        person = visitor_of(request).person
        return resume_page(shell, request, goal=request.url.path, fields=fields, person=person, stale=True, code=403)

    def password_too_old(request: Request, _error: Exception) -> Response:
        if "hx-request" in request.headers:
            return Response(status_code=204, headers={"HX-Redirect": OWN_PASSWORD})
        return RedirectResponse(OWN_PASSWORD, 303)

    web.add_exception_handler(SignInNeeded, sign_in_needed)
    web.add_exception_handler(NotAllowed, not_allowed)
    web.add_exception_handler(StaleForm, stale_form)
    web.add_exception_handler(PasswordTooOld, password_too_old)


def _look_who_it_is(shell: Shell, request: Request) -> None:
    """A page that is not there has no gate: whoever signed in sees his menu all the same."""
    try:
        find_visitor(shell, request)
    except DATABASE_FAULTS:
        _LOG.exception("nobody was looked up")


def answer(shell: Shell, request: Request, code: int, heading: str, sentence: str, *, number: str = "") -> Response:
    staff = request.url.path.startswith(("/t/", "/s/", "/in/"))
    headers = {"X-Robots-Tag": "noindex, nofollow"} if staff else None
    said = for_page(sentence)
    return shell.page(
        request, "answer.html", code=code, headers=headers, heading=heading, sentence=said, number=number, staff=staff
    )


def fault_words(error: Exception) -> str:
    """Why nothing could be kept, for the beginning of a sentence."""
    if isinstance(error, OSError):
        return "服务器磁盘已满" if error.errno in {errno.ENOSPC, errno.EDQUOT} else "服务器现在存不了文件"
    return "数据库正忙"


def noted(request: Request, error: Exception) -> str:
    """Write the fault to the log and give its number. The path is masked; what was typed is not written."""
    number = secrets.token_hex(4)
    _LOG.error("fault %s: %s %s", number, request.method, masked(request.url.path), exc_info=error)
    return number
