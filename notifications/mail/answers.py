"""What a mail server's answer means: the one table, first row that fits.

Basic codes: RFC 5321 §4.2.3. A 5xx is not always for ever: NetEase (163, 126) answers 550 MI:STC and 550 RP:TRC when
the day's quota of the account is used up, which is no fault of the person or the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from notifications.envelope import Outcome, Scope, Verdict

MINUTE = 60.0
HALF_A_DAY = 12 * 60 * MINUTE


class Stage(StrEnum):
    """How far the conversation had come."""

    CONNECT = "connect"  # name, TCP, TLS, greeting, EHLO
    LOGIN = "login"
    SENDER = "sender"  # MAIL FROM
    RECIPIENT = "recipient"  # RCPT TO
    DATA = "data"  # the DATA command: no byte of the message has left
    BODY = "body"  # the message is leaving or has left


@dataclass(frozen=True, slots=True)
class Row:
    stages: tuple[Stage, ...]
    codes: str  # whole code, as a regular expression
    verdict: Verdict
    scope: Scope
    words: str = ""  # somewhere in the answer; empty fits every answer
    retry_after: float | None = None  # seconds

    def fits(self, stage: Stage, code: int, words: str) -> bool:
        return (
            stage in self.stages
            and re.fullmatch(self.codes, str(code)) is not None
            and (not self.words or re.search(self.words, words, re.IGNORECASE) is not None)
        )


_ANY = tuple(Stage)
_CONTENT = (Stage.DATA, Stage.BODY)

_DAY_IS_OVER = r"MI:STC|RP:TRC|RP:QRC|daily.*sending|单日.*上限"
"""In words, since the code may be any."""

TABLE: tuple[Row, ...] = (
    Row((Stage.BODY,), r"250", Verdict.ACCEPTED, Scope.MESSAGE),
    # The account's quota of the day, whatever the code says.
    Row(_ANY, r"[45]\d\d", Verdict.DEFERRED, Scope.CHANNEL, words=_DAY_IS_OVER, retry_after=HALF_A_DAY),
    Row(
        _ANY,
        r"[45]\d\d",
        Verdict.DEFERRED,
        Scope.CHANNEL,
        words=r"user suspended|daily.*(quota|limit)|单日.*上限",
        retry_after=HALF_A_DAY,
    ),
    # Too many mails in this connection, in a quarter of an hour, or in parallel.
    Row(_ANY, r"[45]\d\d", Verdict.DEFERRED, Scope.CHANNEL, words=r"MI:DMC|HL:ICC|HL:IFC|HL:IPB", retry_after=5 * MINUTE),
    Row(_ANY, r"[45]\d\d", Verdict.DEFERRED, Scope.CHANNEL, words=r"MI:SFQ|MI:SPB", retry_after=15 * MINUTE),
    Row(_ANY, r"4\d\d", Verdict.DEFERRED, Scope.MESSAGE, words=r"DT:SPM", retry_after=2 * MINUTE),
    # The server goes away, or does not know who we are: nothing to do with the message.
    Row(_ANY, r"421|454|530|534|535|538", Verdict.DEFERRED, Scope.CHANNEL),
    Row((Stage.CONNECT, Stage.LOGIN, Stage.SENDER), r"\d+|-1", Verdict.DEFERRED, Scope.CHANNEL),
    Row((Stage.RECIPIENT, *_CONTENT), r"500|502|503|504", Verdict.DEFERRED, Scope.CHANNEL),
    Row((Stage.RECIPIENT,), r"5\d\d", Verdict.DEFERRED, Scope.CHANNEL, words=r"relay|authenticat|not authorized"),
    # This message, later.
    Row((Stage.RECIPIENT, *_CONTENT), r"4\d\d", Verdict.DEFERRED, Scope.MESSAGE),
    # Never: the address, or what is written.
    Row((Stage.RECIPIENT,), r"5\d\d", Verdict.REJECTED, Scope.PERSON),
    Row(_CONTENT, r"5\d\d", Verdict.REJECTED, Scope.MESSAGE),
    # An answer outside the protocol: before the message left it is certainly not taken.
    Row((Stage.RECIPIENT, Stage.DATA), r"\d+|-1", Verdict.DEFERRED, Scope.MESSAGE),
    Row((Stage.BODY,), r"\d+|-1", Verdict.UNKNOWN, Scope.MESSAGE),
)

_QUEUED_AS = re.compile(r"queued as\s+([\w.@-]+)", re.IGNORECASE)
_LONGEST_RECEIPT = 120


def judge(stage: Stage, code: int, words: str) -> Outcome:
    """The outcome of an answered command. ``words`` are masked already."""
    row = next(row for row in TABLE if row.fits(stage, code, words))
    return Outcome(
        verdict=row.verdict,
        scope=row.scope,
        code=str(code),
        words=words,
        retry_after=row.retry_after,
        provider_id=_receipt(words) if row.verdict is Verdict.ACCEPTED else "",
    )


def judge_silence(stage: Stage, words: str) -> Outcome:
    """The outcome when no answer came: refused, not found, cut off, timed out."""
    if stage is Stage.BODY:
        return Outcome(Verdict.UNKNOWN, Scope.MESSAGE, code="cut-off", words=words)
    unreachable = stage in {Stage.CONNECT, Stage.LOGIN}
    return Outcome(Verdict.DEFERRED, Scope.CHANNEL if unreachable else Scope.MESSAGE, code="no-answer", words=words)


def _receipt(words: str) -> str:
    """The server's queue id, or its whole words when it gives none."""
    found = _QUEUED_AS.search(words)
    return (found[1] if found else words)[:_LONGEST_RECEIPT]
