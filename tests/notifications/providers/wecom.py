"""WeCom as its documents describe it: takes what is right, and refuses the rest in a 200 answer with its own codes.

Group robots: developer.work.weixin.qq.com/document/path/91770; tokens: 91039; application messages: 90236.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from tests.notifications.providers.server import Reply, Request, page, said

KEY = "693a91f6-7aoc-4bc4-97a0-0ec2sifa5aaa"
CORP_ID = "ww1234567890abcdef"
SECRET = "app-secret-Zx81"
AGENT_ID = 1_000_002

_ROBOT_LIMITS = {"text": 2048, "markdown": 4096}
_APP_LIMIT = 2048


@dataclass
class WeCom:
    """``taken`` holds the JSON of what would reach somebody, in its order."""

    members: set[str] = field(default_factory=lambda: {"wangmin", "lisi"})
    taken: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)  # every one ever given; the last one lives
    seen: dict[bytes, str] = field(default_factory=dict)  # for the check against doubles
    lives: int = 7200

    def __call__(self, request: Request) -> Reply:
        match request.method, request.path:
            case "POST", "/cgi-bin/webhook/send":
                return self._robot(request)
            case "GET", "/cgi-bin/gettoken":
                return self._token(request)
            case "POST", "/cgi-bin/message/send":
                return self._app(request)
        return page(404)

    def _robot(self, request: Request) -> Reply:
        if request.query != {"key": KEY}:
            return _no(93000, "invalid webhook url")
        message = _read(request)
        if isinstance(message, Reply):
            return message
        kind = message.get("msgtype")
        if kind not in _ROBOT_LIMITS:
            return _no(40008, "invalid message type")
        if set(message) != {"msgtype", kind}:
            return _no(40035, "invalid parameter")
        wrong = _content(message[kind], _ROBOT_LIMITS[kind])
        if wrong is None and not _mentions(message[kind], kind):
            wrong = _no(40058, "mentioned_list invalid Request Parameter")
        if wrong is None:
            self.taken.append(message)
        return wrong or said(errcode=0, errmsg="ok")

    def _token(self, request: Request) -> Reply:
        if request.query.get("corpid") != CORP_ID:
            return _no(40013, "invalid corpid")
        if request.query.get("corpsecret") != SECRET or set(request.query) != {"corpid", "corpsecret"}:
            return _no(40001, "invalid credential")
        self.tokens.append(f"accesstoken{len(self.tokens) + 1:06}")
        return said(errcode=0, errmsg="ok", access_token=self.tokens[-1], expires_in=self.lives)

    def _app(self, request: Request) -> Reply:
        if not self.tokens or request.query != {"access_token": self.tokens[-1]}:
            return _no(40014, "invalid access_token")
        message = _read(request)
        if isinstance(message, Reply):
            return message
        wrong = _app_fields(message) or _content(message[message["msgtype"]], _APP_LIMIT)
        if wrong is not None:
            return wrong
        if message["touser"] not in self.members:
            return said(errcode=81013, errmsg="user & party & tag all invalid", invaliduser=message["touser"].lower())
        if request.body not in self.seen:
            self.seen[request.body] = f"msg-{len(self.seen) + 1}"
            self.taken.append(message)
        return said(errcode=0, errmsg="ok", invaliduser="", msgid=self.seen[request.body])


def _no(errcode: int, words: str) -> Reply:
    return said(errcode=errcode, errmsg=f"{words}, more info at https://open.work.weixin.qq.com/devtool/query?e={errcode}")


def _read(request: Request) -> dict[str, Any] | Reply:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return _no(40035, "not json")
    if b"\\u" in request.body:
        return _no(40033, "invalid charset")
    try:
        message = json.loads(request.body.decode("utf-8"))
    except ValueError:
        return _no(47001, "data format error")
    return message if isinstance(message, dict) else _no(47001, "data format error")


def _content(part: Any, limit: int) -> Reply | None:
    words = part.get("content") if isinstance(part, dict) else None
    if not isinstance(words, str) or not words:
        return _no(44004, "empty content")
    size = len(words.encode())
    return _no(40058, f"content exceed max length {limit}") if size > limit else None


def _mentions(part: dict[str, Any], kind: str) -> bool:
    if kind == "markdown":
        return set(part) == {"content"}
    accounts, mobiles = part.get("mentioned_list", []), part.get("mentioned_mobile_list", [])
    return (
        set(part) <= {"content", "mentioned_list", "mentioned_mobile_list"}
        and isinstance(accounts, list)
        and isinstance(mobiles, list)
        and all(isinstance(account, str) and account for account in accounts)
        and all(re.fullmatch(r"1\d{10}", mobile) for mobile in mobiles)
    )


def _app_fields(message: dict[str, Any]) -> Reply | None:
    """Required: who, what, from which application; a number must be a number."""
    if message.get("msgtype") not in {"text", "markdown"}:
        return _no(40008, "invalid message type")
    if type(message.get("agentid")) is not int or message["agentid"] != AGENT_ID:
        return _no(40056, "invalid agentid")
    if not isinstance(message.get("touser"), str) or not message["touser"]:
        return _no(82001, "touser & toparty & totag all empty")
    known = {"touser", "msgtype", "agentid", message["msgtype"], "enable_duplicate_check", "duplicate_check_interval"}
    interval = message.get("duplicate_check_interval")
    if set(message) != known or message["enable_duplicate_check"] != 1 or type(interval) is not int or interval > 14_400:
        return _no(40035, "invalid parameter")
    return None
