"""A DingTalk that checks what its documents say it checks, and refuses as the real one does: with HTTP 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tests.notifications.providers.server import Reply, Request, said

HOUR = 3600
A_MINUTES_MOST = 20


@dataclass
class FakeDingTalk:
    """One robot in one group. ``taken`` holds the messages that the group sees."""

    token: str = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    secret: str = ""
    keyword: str = ""
    now: float = 0.0
    taken: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if request.path != "/robot/send":
            return Reply(404)
        if request.method != "POST":
            return said(errcode=43002, errmsg="需要POST请求")
        refusal = self._about_the_robot(request) or self._about_the_body(request)
        if refusal is not None:
            return refusal
        self.taken.append(request.said)
        return said(errcode=0, errmsg="ok")

    def _about_the_robot(self, request: Request) -> Reply | None:
        token = request.query.get("access_token", "")
        if not token:
            return said(errcode=40035, errmsg="缺少参数 access_token")
        if token != self.token:
            return said(errcode=300005, errmsg="token is not exist")
        if not self.secret:
            return None
        stamp = request.query.get("timestamp", "")
        if not stamp.isdigit() or abs(int(stamp) / 1000 - self.now) > HOUR:
            return said(errcode=310000, errmsg="invalid timestamp")
        drawn = hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        if request.query.get("sign") != base64.b64encode(drawn).decode():
            return said(errcode=310000, errmsg="sign not match, more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]")
        return None

    def _about_the_body(self, request: Request) -> Reply | None:
        if not request.headers.get("content-type", "").startswith("application/json"):
            return said(errcode=43004, errmsg="无效的HTTP HEADER Content-Type")
        if len(request.body) > 20_000:
            return said(errcode=460101, errmsg="message too long, exceed 20000 bytes")
        try:
            words = _words(request.said)
        except json.JSONDecodeError:
            return said(errcode=40035, errmsg="不合法的参数")
        except KeyError as missing:
            return said(errcode=40035, errmsg=f"缺少参数 {missing.args[0]}")
        except LookupError:
            return said(errcode=400105, errmsg="不支持的消息类型")
        if self.keyword and self.keyword not in words:
            return said(errcode=310000, errmsg="keywords not in content")
        if len(self.taken) >= A_MINUTES_MOST:
            return said(errcode=130101, errmsg="send too fast, exceed 20 times per minute")
        return None


class _UnknownTypeError(LookupError):
    pass


def _words(message: Any) -> str:
    """What the group would see. KeyError names the field that is missing."""
    kind = message.get("msgtype")
    if kind not in {"text", "markdown"}:
        raise _UnknownTypeError(kind)
    if kind not in message:
        raise KeyError(kind)
    if ({"text", "markdown"} - {kind}) & set(message):
        raise KeyError(kind)  # two bodies: which one is meant?
    for name in ("content",) if kind == "text" else ("title", "text"):
        if not message[kind].get(name):
            raise KeyError(f"{kind}.{name}")
    at = message.get("at", {})
    if not all(one.isdigit() and len(one) == 11 for one in at.get("atMobiles", [])):
        raise KeyError("atMobiles")
    return str(message[kind].get("content") or message[kind]["title"] + message[kind]["text"])
