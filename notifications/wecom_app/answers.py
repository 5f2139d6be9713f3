"""What WeCom says of an application message or of a request for a token: the tables, first row that fits.

Codes: developer.work.weixin.qq.com/document/path/90313 and 90455 (the same list), how long a limit shuts us out:
90454, the answer of message/send: 90236. ``errcode`` decides; ``errmsg`` may change without notice, says 90455.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http.answers import COMMON, MINUTE, Row, judge, plain_words, whole_number
from notifications.http.poster import Answer

STALE_TOKEN = frozenset({"40001", "40014", "42001"})
"""Refused for the token alone, which WeCom may end before its time (91039): a fresh one is fetched once."""

_UNREACHED = ("invaliduser", "unlicenseduser")

TABLE: tuple[Row, ...] = (
    # A success that reached nobody: outside the application's range, gone, or without a licence (90236).
    Row(Verdict.REJECTED, Scope.PERSON, codes=r"0\+invaliduser"),
    Row(Verdict.REJECTED, Scope.PERSON, codes=r"0\+unlicenseduser"),
    Row(Verdict.ACCEPTED, status="200", codes="0"),
    # Too often: a limit by the minute shuts out for 60 seconds (90454). 45011 is its name on the older interface.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="45009|45011", retry_after=MINUTE),
    # Too many at the same time.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="45033", retry_after=10.0),
    # The provider is busy, or somebody changes the same data: 90455 asks to try again later.
    Row(Verdict.DEFERRED, codes="-1|6000"),
    # The token: it has been refreshed already when this row is read.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="40001|40014|41001|42001"),
    # Company or application: wrong ids, no right to send, switched off.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="40013|40056|41011|48002|48004|48005|48006|50003|81012|301002"),
    # Our address is not on the company's list of trusted addresses.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="60020"),
    # Nobody there: all invalid (81013), unknown, outside the range, never joined. One call is for one person.
    Row(Verdict.REJECTED, Scope.PERSON, codes="81013"),
    Row(Verdict.REJECTED, Scope.PERSON, codes="40003|40031|43004|46004|50002|60021|60111|82001"),
    # What is written: parameter, form, size, emptiness, forbidden words.
    Row(Verdict.REJECTED, codes="40008|40033|40035|40058|44004|45002|82004|85002"),
    *COMMON,
)

TOKEN_TABLE: tuple[Row, ...] = (
    # Without a token no message goes, and certainly none has gone.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="45009|45011|45033", retry_after=MINUTE),
    Row(Verdict.DEFERRED, Scope.CHANNEL, status="429", retry_after=MINUTE),
    Row(Verdict.DEFERRED, Scope.CHANNEL),
)


def code_of(said: Mapping[str, Any] | None) -> str:
    """``errcode``; a zero that names the member as unreachable says so: ``0+invaliduser``."""
    code = whole_number(said, "errcode")
    if said is None or code != "0":
        return code
    return next((f"0+{field}" for field in _UNREACHED if said.get(field)), code)


def judge_send(answer: Answer, *, mask: Callable[[str], str]) -> Outcome:
    """The outcome of message/send. The receipt is ``msgid``."""
    said = answer.said
    return judge(
        TABLE,
        answer,
        code=code_of(said),
        words=_words(said),
        mask=mask,
        provider_id=plain_words(said, "msgid"),
    )


def judge_token(answer: Answer, *, mask: Callable[[str], str]) -> Outcome:
    """The outcome of a message that found no token."""
    return judge(TOKEN_TABLE, answer, code=whole_number(answer.said, "errcode"), words=_words(answer.said), mask=mask)


def token_of(answer: Answer) -> tuple[str, float] | None:
    """The token and the seconds it lives, when the answer holds one (91039)."""
    said = answer.said
    token = plain_words(said, "access_token")
    if said is None or answer.status != 200 or whole_number(said, "errcode") != "0" or not token:  # noqa: PLR2004 - HTTP
        return None
    lives = whole_number(said, "expires_in")
    return token, float(lives) if lives else 0.0


def _words(said: Mapping[str, Any] | None) -> str:
    """``errmsg``, and who was not reached."""
    unreached = [f"{field}={said[field]}" for field in _UNREACHED if said is not None and said.get(field)]
    return " ".join(word for word in (plain_words(said, "errmsg"), *unreached) if word)
