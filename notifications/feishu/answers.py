"""What a Feishu robot's answer means: the one table, first row that fits. Refusals come with HTTP 200, some with 400.

Codes: open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. Seen answered by the service itself: 19001 («incoming
webhook access token invalid»), 19002 («msg_type need»), 19021, 19024, 9499 as a malformed body and, with HTTP 400, as
«too many request» (ccfos/nightingale#1437), 11232 («frequency limited»), 2200 near the rate limit
(openclaw/openclaw#70879). The old form of an answer has StatusCode and StatusMessage in place of code and msg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http import answers as http
from notifications.http.answers import COMMON, MINUTE, Row
from notifications.http.poster import Answer

TABLE: tuple[Row, ...] = (
    Row(Verdict.ACCEPTED, status="200", codes="0"),
    # Too fast, of this robot or of the whole tenant, whatever the HTTP status says.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="11232|99991400", retry_after=MINUTE),
    Row(
        Verdict.DEFERRED,
        Scope.CHANNEL,
        codes=r"-?[1-9]\d*",
        words=r"too many request|frequency limit|rate limit|频率限制|限流",
        retry_after=MINUTE,
    ),
    # The robot's safety settings: signature or time stamp, address, key word. The admin must act.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="19021|19022|19024"),
    # The robot is gone: a dead one answers so to every body, sometimes only with «param invalid».
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="19001"),
    # Its own trouble.
    Row(Verdict.DEFERRED, codes="2200"),
    # What is written: a field missing or malformed.
    Row(Verdict.REJECTED, codes="19002|9499"),
    *COMMON,
)


def judge(answer: Answer, *, mask: Callable[[str], str]) -> Outcome:
    """The outcome of an answer in the new or the old form; when both speak, the one that refuses is believed."""
    said = answer.said
    words = http.plain_words(said, "msg", "StatusMessage")
    return http.judge(TABLE, answer, code=_code(said), words=words, mask=mask)


def _code(said: Mapping[str, Any] | None) -> str:
    codes = [code for code in (http.whole_number(said, "code"), http.whole_number(said, "StatusCode")) if code]
    return next((code for code in codes if code != "0"), codes[0] if codes else "")
