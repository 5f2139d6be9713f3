"""What a DingTalk robot's answer means: the one table, first row that fits. Refusals come with HTTP 200.

Codes: the table of open.dingtalk.com/document/robots/custom-robot-access and the errors of «自定义机器人发送群消息»;
seen answered by the service itself are 300005, 40035, 43002 and 310000 in all its wordings (signature, key word,
address: timonwong/prometheus-webhook-dingtalk#197, qd-today/qd#510, RayWangQvQ/BiliBiliTool#566). Since one code has
several meanings and one meaning several codes (300001 is a dead robot in one table and a rate in another), the words
stand before the numbers where they are plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http import answers as http
from notifications.http.answers import COMMON, LONGEST_REST, MINUTE, Row
from notifications.http.poster import Answer

PUNISHMENT = 10 * MINUTE
"""Above twenty messages a minute the robot is silenced for ten minutes."""

TABLE: tuple[Row, ...] = (
    Row(Verdict.ACCEPTED, status="200", codes="0"),
    # Too fast. «punish» is said by the gate before the service, in an answer without errcode.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="130101|410100|90018|90030", retry_after=PUNISHMENT),
    Row(Verdict.DEFERRED, Scope.CHANNEL, words=r"\bpunish\b", codes=r"[1-9]\d*", retry_after=PUNISHMENT),
    Row(
        Verdict.DEFERRED,
        Scope.CHANNEL,
        codes=r"-?[1-9]\d*",
        words=r"too fast|times per minute|too many request|发送速度太快|过于频繁|限流",
        retry_after=PUNISHMENT,
    ),
    # The robot's safety settings: signature, time stamp, key word, address. The admin must act, whoever the reader is.
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="310000"),
    # The robot is gone, stopped, or its group dissolved; its key is wrong or missing; no permission (88 with sub_code).
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="300001|300005|400013|400101|400102|400106|40014|88"),
    Row(Verdict.DEFERRED, Scope.CHANNEL, codes="40035", words="access_token"),
    # Busy.
    Row(Verdict.DEFERRED, codes="-1"),
    # What is written: an unsafe link, unfit words or pictures; too long; a field missing or of a wrong kind.
    Row(Verdict.REJECTED, codes="43010[1-4]|460101|400105|40035|43002|43004"),
    *COMMON,
)


def judge(answer: Answer, *, mask: Callable[[str], str]) -> Outcome:
    """The outcome of an answer; how long to rest is the provider's own ``wait`` (seconds) when it names one."""
    said = answer.said
    punished = said is not None and "punish" in said
    code = http.whole_number(said, "errcode") or (http.whole_number(said, "status") if punished else "")
    words = http.plain_words(said, "errmsg") or (f"punish: {said['punish']}" if said is not None and punished else "")
    outcome = http.judge(TABLE, answer, code=code, words=words, mask=mask)
    wait = _wait(said)
    return replace(outcome, retry_after=wait) if wait is not None and outcome.retry_after is not None else outcome


def _wait(said: Mapping[str, Any] | None) -> float | None:
    wait = None if said is None else said.get("wait")
    if isinstance(wait, bool) or not isinstance(wait, int | float) or not wait > 0:
        return None
    return min(float(wait), LONGEST_REST)
