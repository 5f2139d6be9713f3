"""Answers and what they must be taken for. The first ones mean the same from every provider over HTTP."""

from __future__ import annotations

from dataclasses import dataclass

from notifications.envelope import Scope, Verdict
from tests.notifications.providers.server import Reply, moved, page, said

DATE = {"Date": "Tue, 03 Mar 2026 00:45:00 GMT"}


@dataclass(frozen=True)
class Case:
    name: str
    reply: Reply
    verdict: Verdict
    scope: Scope = Scope.MESSAGE
    code: str = ""
    retry_after: float | None = None


def _rate(name: str, header: str, seconds: float) -> Case:
    reply = Reply(429, {**DATE, "Retry-After": header})
    return Case(name, reply, Verdict.DEFERRED, Scope.CHANNEL, "429", seconds)


COMMON_CASES = [
    _rate("429 with seconds", "7", 7.0),
    _rate("429 with a date", "Tue, 03 Mar 2026 00:47:30 GMT", 150.0),
    _rate("429 for two days", "172800", 3600.0),
    _rate("429 with a date in the past", "Tue, 03 Mar 2026 00:00:00 GMT", 1.0),
    _rate("429 with nonsense", "soon", 60.0),
    Case("429 alone", Reply(429), Verdict.DEFERRED, Scope.CHANNEL, "429", 60.0),
    Case("429 with a page", page(429), Verdict.DEFERRED, Scope.CHANNEL, "429", 60.0),
    Case("a redirect", moved("http://127.0.0.1:9/elsewhere"), Verdict.DEFERRED, Scope.CHANNEL, "302"),
    Case("a redirect for good", moved("https://login.example/", 301), Verdict.DEFERRED, Scope.CHANNEL, "301"),
    Case("a redirect that keeps the POST", moved("https://login.example/", 307), Verdict.DEFERRED, Scope.CHANNEL, "307"),
    Case("401", Reply(401), Verdict.DEFERRED, Scope.CHANNEL, "401"),
    Case("403", page(403), Verdict.DEFERRED, Scope.CHANNEL, "403"),
    Case("404", page(404), Verdict.DEFERRED, Scope.CHANNEL, "404"),
    Case("407 of a proxy", page(407), Verdict.DEFERRED, Scope.CHANNEL, "407"),
    Case("408", Reply(408), Verdict.DEFERRED, Scope.MESSAGE, "408"),
    Case("413", Reply(413), Verdict.REJECTED, Scope.MESSAGE, "413"),
    Case("400 without words", Reply(400), Verdict.REJECTED, Scope.MESSAGE, "400"),
    Case("500", page(500), Verdict.DEFERRED, Scope.MESSAGE, "500"),
    Case("502", page(502), Verdict.DEFERRED, Scope.MESSAGE, "502"),
    Case("503", Reply(503, {"Retry-After": "30"}), Verdict.DEFERRED, Scope.MESSAGE, "503", 30.0),
    Case("504: the provider may have it", page(504), Verdict.UNKNOWN, Scope.MESSAGE, "504"),
    Case("a login page with 200", page(), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("200 with nothing", Reply(), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("204", Reply(204), Verdict.UNKNOWN, Scope.MESSAGE, "204"),
    Case("JSON that is no object", Reply(200, {}, b"[0]"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("JSON nested beyond reading", Reply(200, {}, b"[" * 60_000), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("an object of somebody else", said(result="ok"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("bytes that are no text", Reply(200, {}, b"\xff\xfe\x00"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
]
"""Every row of ``COMMON`` but the one for a code that no table knows: each provider brings a case of its own."""
