"""What WeCom says of a robot's message: the table, first row that fits.

Codes: developer.work.weixin.qq.com/document/path/90313 and 90455 (the same list), how long a limit shuts us out:
90454. Real answers of 93000, 45009 and 40058: github.com/wes-lin/Cloud189Checkin/issues/175,
github.com/dromara/domain-admin/issues/82.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http.answers import COMMON, MINUTE, Row, judge, plain_words, whole_number
from notifications.http.poster import Answer

TABLE: tuple[Row, ...] = (
    Row(Verdict.ACCEPTED, status="200", codes="0"),
    # More than 20 in a minute; a limit by the minute shuts out for 60 seconds (90454).
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="45009|45011", retry_after=MINUTE),
    # Too many at the same time.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="45033", retry_after=10.0),
    # The provider is busy: 90455 asks to try again later.
    Row(Verdict.DEFERRED, codes="-1|6000"),
    # The robot: wrong key or removed (93000), switched off (93004), not in the group (93008), the group is dissolved.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="93000|93004|93008|49008"),
    # Who we are: credentials, rights, our address is not on the list.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="40001|40013|40014|41001|42001|48002|48006|60020"),
    # What is written: parameter or length, form, size, emptiness, forbidden words.
    Row(Verdict.REJECTED, codes="40008|40033|40035|40058|44004|45002|82004|85002"),
    *COMMON,
)


def code_of(said: Mapping[str, Any] | None) -> str:
    return whole_number(said, "errcode")


def judge_send(answer: Answer, *, mask: Callable[[str], str]) -> Outcome:
    """The outcome of webhook/send. A robot's message has no id, so that there is no receipt."""
    return judge(TABLE, answer, code=code_of(answer.said), words=plain_words(answer.said, "errmsg"), mask=mask)
