"""What a webhook's answer means: the one table, first row that fits.

A receiver of whom nothing is known proves nothing by a 2xx: the channel's rule says that such a message is «accepted,
unverified», never plainly sent. A receiver whose yes is known (``accepted_when``) is believed only when it says so.
"""

from __future__ import annotations

from collections.abc import Callable

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http import answers as http
from notifications.http.answers import COMMON, Row
from notifications.http.poster import Answer

YES = "yes"
NO = "no"
STRANGER = "stranger"
"""The codes told apart in an answer: the known yes, another value in its place, not the receiver's words at all."""

TABLE: tuple[Row, ...] = (
    Row(Verdict.ACCEPTED, status="2..", codes=YES),
    Row(Verdict.REJECTED, status="2..", codes=NO),
    Row(Verdict.UNKNOWN, status="2..", codes=STRANGER),
    # The address is wrong, or does not take what is posted: the admin must act.
    Row(Verdict.DEFERRED, Scope.CHANNEL, status="406|415"),
    # The first copy is still being taken: the key says that both are one.
    Row(Verdict.DEFERRED, status="409"),
    *COMMON,
)


def judge(answer: Answer, *, accepted_when: tuple[str, str] | None, mask: Callable[[str], str]) -> Outcome:
    """The outcome of an answer. ``accepted_when`` is a field of the JSON object and the value that means yes.

    The outcome's code is always the HTTP status.
    """
    outcome = http.judge(TABLE, answer, code=_meaning(answer, accepted_when), words=_words(answer), mask=mask)
    return Outcome(
        verdict=outcome.verdict,
        scope=outcome.scope,
        code=str(answer.status),
        words=outcome.words,
        retry_after=outcome.retry_after,
        provider_id=_receipt(answer, mask) if outcome.verdict is Verdict.ACCEPTED else "",
    )


def _meaning(answer: Answer, accepted_when: tuple[str, str] | None) -> str:
    if accepted_when is None:
        return STRANGER if _is_a_page(answer) else YES
    field, value = accepted_when
    if answer.said is None or field not in answer.said:
        return STRANGER
    return YES if _as_written(answer.said[field]) == value else NO


def _is_a_page(answer: Answer) -> bool:
    """A login page or a proxy speaks HTML; a receiver of messages does not."""
    return "html" in answer.headers.get("content-type", "").lower() or answer.body.lstrip()[:1] == b"<"


def _as_written(value: object) -> str:
    """As the admin writes a value in YAML: true, 0, ok."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _words(answer: Answer) -> str:
    return http.plain_words(answer.said, "message", "msg", "errmsg", "error", "detail")


def _receipt(answer: Answer, mask: Callable[[str], str]) -> str:
    """The receiver's own number, when it gives one."""
    said = answer.said or {}
    value = next((said[name] for name in ("id", "message_id", "receipt") if name in said), "")
    return mask(str(value))[:120] if isinstance(value, str | int) and not isinstance(value, bool) else ""
