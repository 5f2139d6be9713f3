"""The mounted application of /api/v1: its own answers in JSON, its own description (OpenAPI)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from config.app import HomeUnusable
from config.editing.refusals import EditRefused
from services.errors import DATABASE_FAULTS, Refused
from web.access_log import masked
from web.answers import fault_words, noted
from web.api import new_items, office_reads, opinions, reads, upkeep_reads, writes
from web.api.carried import MOST_SAID, is_multipart
from web.api.forms.base import Fault
from web.api.gate import NOT_YOURS, TooOften
from web.api.new_items import NotPlanned
from web.gate import NotAllowed, SignInNeeded
from web.limits import BodyLimit, TooMuch
from web.shell import Shell
from web.words import for_page

PREFIX = "/api/v1"

_ROOMS = (reads, office_reads, upkeep_reads, writes, new_items, opinions)
_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "No token, or one that is over"},
    403: {"model": Fault, "description": "The account may not do this"},
    404: {"model": Fault, "description": "There is no such thing"},
    413: {"model": Fault, "description": "More than 64 KB, or with files more than 50 MB"},
    422: {"model": Fault, "description": "The request cannot be understood"},
    429: {"model": Fault, "description": "Called too often; try again in a minute"},
    503: {
        "model": Fault,
        "description": "The database is busy or the disk is full; try again",
    },
}
_BROKEN, _UNREADABLE = 400, 422
_NOT_THERE = frozenset({"unknown_occurrence", "unknown_evidence", "unknown_message", "unknown_feedback", "unknown_state"})
"""Codes of what an address names and there is not. What is named in a call and unknown is a call that cannot be done."""

_SAID = {
    401: "没有密钥，或者密钥已停用。请在请求头写 Authorization: Bearer 密钥。",
    404: "没有这个地址。",
    405: "这个地址不接受这种请求。",
    422: "请求看不懂，请对照接口说明核对。",
}


def create_api(shell: Shell) -> FastAPI:
    api = FastAPI(
        title="岁时 Suishi",
        version="1",
        description="The same reads and writes as the pages, with the rights of the account that the token acts for.",
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=_ANSWERS,
        servers=[{"url": PREFIX}],
    )
    fresh = [Depends(shell.refresh)]  # who left by an edited file is a stranger to programs too
    for room in _ROOMS:
        api.include_router(room.router(shell), dependencies=fresh)
    api.add_middleware(_CallLimit)
    _add_answers(api, shell)
    return api


class _CallLimit:
    """Words are few. Files are many bytes: no more than a page takes, and none before it is known who sends them."""

    def __init__(self, app: ASGIApp) -> None:
        self.words = BodyLimit(app, limit=MOST_SAID, answer=_too_much)
        self.files = BodyLimit(app, answer=_too_much)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        carrying = scope["type"] == "http" and scope["path"].endswith(writes.CARRYING)
        kind = Headers(scope=scope).get("content-type", "") if carrying else ""
        await (self.files if is_multipart(kind) else self.words)(scope, receive, send)


def _add_answers(api: FastAPI, shell: Shell) -> None:
    def not_allowed(request: Request, _error: Exception) -> Response:
        shell.note(request, "refused", "not_allowed", about=masked(request.url.path))
        return _said(403, "not_allowed", "这个密钥代表的账号不能做这一步，或者不在它的范围里。")

    answers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        HTTPException: _http_error,
        RequestValidationError: _unreadable,
        SignInNeeded: _unknown,
        NotAllowed: not_allowed,
        TooOften: _too_often,
        Refused: _refused,
        EditRefused: _refused,
        HomeUnusable: _unusable,
        NotPlanned: _not_planned,
        Exception: _fault,
        **dict.fromkeys((*DATABASE_FAULTS, OSError), _not_kept),
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def _said(status: int, code: str, message: str, **headers: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)


def _http_error(_request: Request, error: Exception) -> Response:
    if isinstance(error.__cause__, TooMuch):  # in the middle of a body that did not say its length
        return _too_much()
    status = error.status_code if isinstance(error, HTTPException) else _BROKEN
    status = _UNREADABLE if status == _BROKEN else status  # a body that is no text at all
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _said(status, f"http_{status}", _SAID.get(status, _SAID[_UNREADABLE]), **headers)


def _unreadable(_request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    where = "；".join(f"{'.'.join(str(part) for part in one['loc'])}：{one['msg']}" for one in faults[:5])
    return _said(422, "unreadable", f"请求里有看不懂的内容：{where}"[:500])


def _too_much() -> Response:
    return _said(413, "too_much", "一次请求不能超过64 KB；带文件的，每个文件不超过10 MB，合计不超过50 MB。")


def _unknown(_request: Request, _error: Exception) -> Response:
    return _said(401, "sign_in", _SAID[401], **{"WWW-Authenticate": "Bearer"})


def _too_often(_request: Request, _error: Exception) -> Response:
    return _said(429, "too_often", "请求太频繁，请一分钟后再试。", **{"Retry-After": "60"})


def _refused(_request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, Refused | EditRefused) else "refused"
    sentence = for_page(error.sentence) if isinstance(error, Refused | EditRefused) else ""
    status = 403 if code == NOT_YOURS else 404 if code in _NOT_THERE else 409
    return _said(status, code, sentence)


def _unusable(_request: Request, _error: Exception) -> Response:
    return _said(409, "home_unusable", "文件里有错误，改好之前不能重新编排，没有保存。请管理员打开“今日”查看错误。")


def _not_planned(_request: Request, error: Exception) -> Response:
    said = f"事项已经写进文件，计划还没有跟着变：{for_page(str(error))}请再发一次，或由管理员在“管理”里按文件重新编排。"
    return _said(503, "not_planned", said, **{"Retry-After": "60"})


def _not_kept(request: Request, error: Exception) -> Response:
    code = "disk" if isinstance(error, OSError) else "database"
    said = f"{fault_words(error)}，没有写入任何内容，请稍后再试（错误编号 {noted(request, error)}）。"
    return _said(503, code, said, **{"Retry-After": "60"})


def _fault(request: Request, error: Exception) -> Response:
    return _said(500, "fault", f"系统出错了，请把编号 {noted(request, error)} 告诉管理员。")
