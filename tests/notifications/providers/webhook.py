"""A receiver of our webhook, written after its description alone: checks the signature and takes each message once."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

from tests.notifications.providers.server import Reply, Request, said

FIVE_MINUTES = 300


@dataclass
class FakeReceiver:
    """``taken`` holds each message once, by its key."""

    secret: str = ""
    now: float = 0.0
    taken: dict[str, Any] = field(default_factory=dict)

    def __call__(self, request: Request) -> Reply:
        if request.method != "POST":
            return Reply(405)
        if not request.headers.get("content-type", "").startswith("application/json"):
            return Reply(415)
        if self.secret and not self._signed(request):
            return said(401, message="signature does not match")
        message = request.said
        key = request.headers.get("idempotency-key")
        if message.get("version") != 1 or not key or key != message.get("ref"):
            return said(422, message="version, ref and Idempotency-Key are required")
        self.taken.setdefault(key, message)
        return said(result="ok", id=f"R-{key}")

    def _signed(self, request: Request) -> bool:
        parts = dict(part.partition("=")[::2] for part in request.headers.get("x-suishi-signature", "").split(","))
        stamp = parts.get("t", "")
        if not stamp.isdigit() or abs(int(stamp) - self.now) > FIVE_MINUTES:
            return False
        drawn = hmac.new(self.secret.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(drawn, parts.get("v1", ""))
