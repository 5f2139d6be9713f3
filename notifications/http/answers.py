"""What an answer over HTTP means, where all providers agree. Each provider's table puts its own rows before these.

A table is read from the top; the first row that fits decides. Only a provider's own row can accept: a 200 by itself is
said by login pages, proxies and by providers that refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http.poster import Answer, Silence

MINUTE = 60.0
LONGEST_REST = 60 * MINUTE
"""A provider may not silence a channel for longer than this by one header."""

_SNIPPET = 160
"""Characters shown of a body that is not the provider's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table. An empty pattern fits everything, also an answer without a code."""

    verdict: Verdict
    scope: Scope = Scope.MESSAGE
    codes: str = ""  # the provider's own code, whole, as a regular expression
    status: str = ""  # the HTTP status, whole
    words: str = ""  # somewhere in the provider's words, in either case
    retry_after: float | None = None  # seconds; a Retry-After header of the answer stands over it
    heeds_header: bool = False  # a Retry-After header counts though the row itself names no time

    def fits(self, status: int, code: str, words: str) -> bool:
        return (
            (not self.status or re.fullmatch(self.status, str(status)) is not None)
            and (not self.codes or re.fullmatch(self.codes, code) is not None)
            and (not self.words or re.search(self.words, words, re.IGNORECASE) is not None)
        )


COMMON: tuple[Row, ...] = (
    # RFC 6585 §4.
    Row(Verdict.DEFERRED, Scope.CHANNEL, status="429", retry_after=MINUTE),
    # Who we are, where we knock, or what stands between: no fault of the message. A redirect is never followed.
    Row(Verdict.DEFERRED, Scope.CHANNEL, status="3..|401|402|403|404|405|407|410|421|451"),
    # The gateway gave up waiting for the provider, who may have taken the message all the same.
    Row(Verdict.UNKNOWN, status="504"),
    Row(Verdict.DEFERRED, status="408|425|5..", heeds_header=True),
    Row(Verdict.REJECTED, status="4.."),
    # A refusal that no row above knows: trying again is of no use, somebody must read it.
    Row(Verdict.REJECTED, codes=r"-?[1-9]\d*"),
    # Not the provider's words: a login page, a proxy, nothing at all.
    Row(Verdict.UNKNOWN),
)


def judge(  # what an answer says, told apart by each provider
    table: Sequence[Row],
    answer: Answer,
    *,
    code: str,
    words: str,
    mask: Callable[[str], str],
    provider_id: str = "",
) -> Outcome:
    """The outcome of an answer. ``code`` and ``words`` are the provider's own, empty when it did not speak.

    ``table`` must end with ``COMMON``. Without a provider's code the outcome's code is the HTTP status.
    """
    row = first_fit(table, status=answer.status, code=code, words=words)
    return Outcome(
        verdict=row.verdict,
        scope=row.scope,
        code=code or str(answer.status),
        words=mask(words) if words else _stranger(answer, mask),
        retry_after=_rest(row, answer.headers),
        provider_id=mask(provider_id) if row.verdict is Verdict.ACCEPTED else "",
    )


def first_fit(table: Sequence[Row], *, status: int, code: str, words: str) -> Row:
    """The row that decides."""
    return next(row for row in table if row.fits(status, code, words))


def judge_silence(silence: Silence) -> Outcome:
    """The outcome when no answer came: unknown after data may have left, else the channel's fault."""
    if silence.sent:
        return Outcome(Verdict.UNKNOWN, Scope.MESSAGE, code="cut-off", words=silence.words)
    return Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="no-answer", words=silence.words)


def whole_number(said: Mapping[str, Any] | None, name: str) -> str:
    """A code as the documents give it: a JSON number. Anything else (``false``, ``"0"``, ``0.0``) is no code."""
    value = None if said is None else said.get(name)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def plain_words(said: Mapping[str, Any] | None, *names: str) -> str:
    """The first of these fields that holds words."""
    found = (said.get(name) for name in names) if said is not None else ()
    return next((value for value in found if isinstance(value, str) and value), "")


def _stranger(answer: Answer, mask: Callable[[str], str]) -> str:
    """How an answer is shown that is not in the provider's words; masked first, so that the cut leaves no half of a key."""
    body = mask(" ".join(answer.body[: 4 * _SNIPPET].decode("utf-8", errors="replace").split()))
    moved = mask(f"转到 {answer.headers['location']}（不跟随）") if "location" in answer.headers else ""
    return " ".join(part for part in (f"HTTP {answer.status}", moved, body[:_SNIPPET]) if part)


def _rest(row: Row, headers: Mapping[str, str]) -> float | None:
    """Seconds to wait: the provider's own header first, within the bound."""
    if row.retry_after is None and not row.heeds_header:
        return None
    named = _seconds(headers.get("retry-after", "").strip(), headers.get("date", ""))
    return row.retry_after if named is None else min(max(named, 1.0), LONGEST_REST)


def _seconds(retry_after: str, date: str) -> float | None:
    """RFC 9110 §10.2.3: seconds or a date. The date counts from the answer's own Date, so that our clock is not asked."""
    if re.fullmatch(r"[0-9]{1,9}", retry_after):
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return None
