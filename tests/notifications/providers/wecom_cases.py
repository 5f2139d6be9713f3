"""What WeCom may answer, and what each answer must be taken for."""

from __future__ import annotations

from notifications.envelope import Scope, Verdict
from tests.notifications.providers.cases import Case
from tests.notifications.providers.server import Reply, page, said


def _code(
    errcode: int,
    verdict: Verdict,
    scope: Scope = Scope.MESSAGE,
    retry_after: float | None = None,
    *,
    status: int = 200,
    name: str = "",
) -> Case:
    reply = said(status, errcode=errcode, errmsg=f"words of {errcode}")
    return Case(name or str(errcode), reply, verdict, scope, str(errcode), retry_after)


def _zero(name: str, field: str) -> Case:
    reply = said(errcode=0, errmsg="ok", msgid="m", **{field: "wangmin"})  # type: ignore[arg-type]  # a field of the JSON
    return Case(name, reply, Verdict.REJECTED, Scope.PERSON, f"0+{field}")


_BOTH = [
    _code(45009, Verdict.DEFERRED, Scope.CHANNEL, 60.0),
    _code(45009, Verdict.DEFERRED, Scope.CHANNEL, 60.0, status=429, name="45009 with 429"),
    _code(45011, Verdict.DEFERRED, Scope.CHANNEL, 60.0),
    Case(
        "45009 that names its time",
        said(headers={"Retry-After": "90"}, errcode=45009, errmsg="words of 45009"),
        Verdict.DEFERRED,
        Scope.CHANNEL,
        "45009",
        90.0,
    ),
    _code(45033, Verdict.DEFERRED, Scope.CHANNEL, 10.0),
    _code(-1, Verdict.DEFERRED),
    _code(6000, Verdict.DEFERRED),
    _code(48002, Verdict.DEFERRED, Scope.CHANNEL),
    _code(60020, Verdict.DEFERRED, Scope.CHANNEL),
    _code(40008, Verdict.REJECTED),
    _code(40033, Verdict.REJECTED),
    _code(40035, Verdict.REJECTED),
    _code(40058, Verdict.REJECTED),
    _code(44004, Verdict.REJECTED),
    _code(45002, Verdict.REJECTED),
    _code(82004, Verdict.REJECTED),
    _code(85002, Verdict.REJECTED),
    _code(99999, Verdict.REJECTED, name="a code that nobody knows"),
    _code(0, Verdict.DEFERRED, status=500, name="zero with 500"),
    _code(0, Verdict.UNKNOWN, status=202, name="zero with 202"),
    Case("a zero in words", said(errcode="0", errmsg="ok"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("false for zero", said(errcode=False, errmsg="ok"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("zero point zero", said(errcode=0.0, errmsg="ok"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("no errcode", said(errmsg="ok"), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("half an object", Reply(200, {}, b'{"errcode":0,"errm'), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
    Case("two objects", Reply(200, {}, b'{"errcode":0}{"errcode":45009}'), Verdict.UNKNOWN, Scope.MESSAGE, "200"),
]

ROBOT_CASES = [
    _code(0, Verdict.ACCEPTED),
    _code(93000, Verdict.DEFERRED, Scope.CHANNEL),
    _code(93000, Verdict.DEFERRED, Scope.CHANNEL, status=400, name="93000 with 400"),
    _code(93004, Verdict.DEFERRED, Scope.CHANNEL),
    _code(93008, Verdict.DEFERRED, Scope.CHANNEL),
    _code(49008, Verdict.DEFERRED, Scope.CHANNEL),
    _code(40001, Verdict.DEFERRED, Scope.CHANNEL),
    *_BOTH,
]

APP_CASES = [
    _code(0, Verdict.ACCEPTED),
    _zero("zero, but nobody reached", "invaliduser"),
    _zero("zero, but no licence", "unlicenseduser"),
    _code(81013, Verdict.REJECTED, Scope.PERSON),
    *(_code(code, Verdict.REJECTED, Scope.PERSON) for code in (40003, 40031, 43004, 46004, 50002, 60021, 60111, 82001)),
    _code(41001, Verdict.DEFERRED, Scope.CHANNEL),
    *(_code(code, Verdict.DEFERRED, Scope.CHANNEL) for code in (40013, 40056, 41011, 48004, 48005, 48006, 50003, 81012, 301002)),
    *_BOTH,
]

TOKEN_CASES = [
    _code(45009, Verdict.DEFERRED, Scope.CHANNEL, 60.0),
    _code(45033, Verdict.DEFERRED, Scope.CHANNEL, 60.0),
    Case("429", Reply(429, {"Retry-After": "12"}), Verdict.DEFERRED, Scope.CHANNEL, "429", 12.0),
    _code(40001, Verdict.DEFERRED, Scope.CHANNEL),
    _code(40013, Verdict.DEFERRED, Scope.CHANNEL),
    _code(60020, Verdict.DEFERRED, Scope.CHANNEL),
    _code(-1, Verdict.DEFERRED, Scope.CHANNEL),
    Case("a login page", page(), Verdict.DEFERRED, Scope.CHANNEL, "200"),
    Case("nothing", Reply(), Verdict.DEFERRED, Scope.CHANNEL, "200"),
    Case("502", page(502), Verdict.DEFERRED, Scope.CHANNEL, "502"),
    Case("zero without a token", said(errcode=0, errmsg="ok"), Verdict.DEFERRED, Scope.CHANNEL, "0"),
    Case("a token with 500", said(500, errcode=0, access_token="t"), Verdict.DEFERRED, Scope.CHANNEL, "0"),
]
