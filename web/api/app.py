"""The mounted application of /api/v1: its own answers in JSON, its own description (OpenAPI)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.errors import DATABASE_FAULTS, Refused
from web.answers import noted
from web.api import reads, writes
from web.api.forms import Fault
from web.api.gate import NOT_YOURS, TooOften
from web.gate import NotAllowed, SignInNeeded
from web.limits import BodyLimit
from web.shell import Shell
from web.words import for_page

PREFIX = "/api/v1"

MOST_SAID = 64 * 1024
"""Bytes of a call: it is read before anybody knows who calls."""

_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Fault, "description": "No token, or one that is over"},
    403: {"model": Fault, "description": "The account may not do this"},
    404: {"model": Fault, "description": "There is no such thing"},
    413: {"model": Fault, "description": "More than 64 KB"},
    422: {"model": Fault, "description": "The request cannot be understood"},
    429: {"model": Fault, "description": "Called too often; try again in a minute"},
    503: {"model": Fault, "description": "The database is busy; nothing was written; try again"},
}
_SAID = {
    401: "没有密钥，或者密钥已停用。请在请求头写 Authorization: Bearer 密钥。",
    404: "没有这个地址。",
    405: "这个地址不接受这种请求。",
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
    api.include_router(reads.router(shell), dependencies=fresh)
    api.include_router(writes.router(shell), dependencies=fresh)
    api.add_middleware(BodyLimit, limit=MOST_SAID, answer=_too_much)
    _add_answers(api)
    return api


def _add_answers(api: FastAPI) -> None:
    answers: dict[type[Exception], Callable[[Request, Exception], Response]] = {
        HTTPException: _http_error,
        RequestValidationError: _unreadable,
        SignInNeeded: _unknown,
        NotAllowed: _not_allowed,
        TooOften: _too_often,
        Refused: _refused,
        Exception: _fault,
        **dict.fromkeys(DATABASE_FAULTS, _database_fault),
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def _said(status: int, code: str, message: str, **headers: str) -> Response:
    return JSONResponse({"code": code, "message": message}, status_code=status, headers=headers)


def _http_error(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    return _said(status, f"http_{status}", _SAID.get(status, "请求看不懂，请对照接口说明核对。"), **headers)


def _unreadable(_request: Request, error: Exception) -> Response:
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    where = "；".join(f"{'.'.join(str(part) for part in one['loc'])}：{one['msg']}" for one in faults[:5])
    return _said(422, "unreadable", f"请求里有看不懂的内容：{where}"[:500])


def _too_much() -> Response:
    return _said(413, "too_much", "一次请求不能超过64 KB。")


def _unknown(_request: Request, _error: Exception) -> Response:
    return _said(401, "sign_in", _SAID[401], **{"WWW-Authenticate": "Bearer"})


def _not_allowed(_request: Request, _error: Exception) -> Response:
    return _said(403, "not_allowed", "这个密钥代表的账号不能做这一步，或者不在它的范围里。")


def _too_often(_request: Request, _error: Exception) -> Response:
    return _said(429, "too_often", "请求太频繁，请一分钟后再试。", **{"Retry-After": "60"})


def _refused(_request: Request, error: Exception) -> Response:
    code = error.code if isinstance(error, Refused) else "refused"
    sentence = for_page(error.sentence) if isinstance(error, Refused) else ""
    status = 403 if code == NOT_YOURS else 404 if code.startswith("unknown") else 409
    return _said(status, code, sentence)


def _database_fault(request: Request, error: Exception) -> Response:
    said = f"数据库正忙，没有写入任何内容，请稍后再试（错误编号 {noted(request, error)}）。"
    return _said(503, "database", said, **{"Retry-After": "60"})


def _fault(request: Request, error: Exception) -> Response:
    return _said(500, "fault", f"系统出错了，请把编号 {noted(request, error)} 告诉管理员。")
