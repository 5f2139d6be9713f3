"""A Feishu that checks what its documents say it checks, and refuses as the real one does: mostly with HTTP 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from tests.notifications.providers.server import Reply, Request, said

HOUR = 3600
A_MINUTES_MOST = 100


@dataclass
class FakeFeishu:
    """One robot in one group. ``taken`` holds the messages that the group sees; ``old_form`` answers as before 2021."""

    token: str = "5f1d2e3c-4b5a-6978-8796-a5b4c3d2e1f0"
    secret: str = ""
    keyword: str = ""
    now: float = 0.0
    old_form: bool = False
    taken: list[Any] = field(default_factory=list)

    def __call__(self, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(404)
        if request.path != f"/open-apis/bot/v2/hook/{self.token}":
            return said(code=19001, data={}, msg="param invalid: incoming webhook access token invalid")
        refusal = self._about_the_body(request)
        if refusal is not None:
            return refusal
        self.taken.append(request.said)
        if self.old_form:
            return said(StatusCode=0, StatusMessage="success")
        return said(StatusCode=0, StatusMessage="success", code=0, data={}, msg="success")

    def _about_the_body(self, request: Request) -> Reply | None:
        if len(request.body) > 20 * 1024:
            return said(400, code=9499, data={}, msg="Bad Request: body too large")
        try:
            message = request.said
        except json.JSONDecodeError:
            return said(400, code=9499, data={}, msg="Bad Request")
        if self.secret and not self._signed(message):
            return said(code=19021, data={}, msg="sign match fail or timestamp is not within one hour from current time")
        words = _words(message)
        if words is None:
            return said(code=19002, data={}, msg="params error, msg_type need")
        if self.keyword and self.keyword not in words:
            return said(code=19024, data={}, msg="Key Words Not Found")
        if len(self.taken) >= A_MINUTES_MOST:
            return said(code=11232, data={}, msg="frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]")
        return None

    def _signed(self, message: Any) -> bool:
        stamp = message.get("timestamp")
        if not isinstance(stamp, str) or not stamp.isdigit() or abs(int(stamp) - self.now) > HOUR:
            return False
        drawn = hmac.new(f"{stamp}\n{self.secret}".encode(), b"", hashlib.sha256).digest()
        return bool(message.get("sign") == base64.b64encode(drawn).decode())


def _words(message: Any) -> str | None:
    """What the group would see; None when a field is missing."""
    match message:
        case {"msg_type": "text", "content": {"text": str(text)}} if text:
            return text
        case {
            "msg_type": "interactive",
            "card": {
                "header": {"title": {"tag": "plain_text", "content": str(title)}},
                "elements": [{"tag": "markdown", "content": str(text)}],
            },
        } if text and title:
            return title + text
        case _:
            return None
