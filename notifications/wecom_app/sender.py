"""The channel of a WeCom application: one member each, with a token that is fetched when needed and kept in memory."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.http.answers import judge_silence
from notifications.http.body import JSON_HEADERS, UnfitError
from notifications.http.poster import Answer, Poster, Silence
from notifications.wecom_app.answers import STALE_TOKEN, code_of, judge_send, judge_token, token_of
from notifications.wecom_app.build import LONGEST_CHECK, BadMemberError, build_message

MARGIN_SECONDS = 300.0
"""A token is not used in its last minutes: it could end on the way."""


class WeComApp:
    """One application of one company. Not for two threads at once.

    A hand-over is at most two requests for a token and two messages, each within ``timeout_seconds``.
    """

    def __init__(
        self,
        name: str,
        *,
        corp_id: str,
        secret: str,
        agent_id: int,
        base_url: str = "https://qyapi.weixin.qq.com",
        markup: str = "markdown",
        duplicate_check_seconds: int = LONGEST_CHECK,
        ca_file: Path | None = None,
        timeout_seconds: float = 15.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``markup`` is markdown or text; ``base_url`` may be a private WeCom's.

        For ``duplicate_check_seconds``, at most four hours, the provider delivers no second message with the same JSON.
        """
        self.name = name
        self._corp_id = corp_id
        self._secret = secret
        self._agent_id = agent_id
        self._base = base_url.rstrip("/")
        self._form = markup
        self._check_seconds = duplicate_check_seconds
        self._monotonic = monotonic
        self._poster = Poster(ca_file=ca_file, timeout_seconds=timeout_seconds, secrets=(secret,))
        self._token = ""
        self._token_ends = 0.0

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            body = build_message(envelope, agent_id=self._agent_id, form=self._form, duplicate_check_seconds=self._check_seconds)
        except BadMemberError as error:
            return Outcome(Verdict.REJECTED, Scope.PERSON, code="address", words=self._poster.masked(str(error)))
        except UnfitError as error:
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code=error.code, words=str(error))
        answer = self._send(body, marker)
        if isinstance(answer, Answer) and code_of(answer.said) in STALE_TOKEN:
            self._token = ""
            answer = self._send(body, marker)
        if not isinstance(answer, Answer):
            return judge_silence(answer) if isinstance(answer, Silence) else answer
        return judge_send(answer, mask=self._poster.masked)

    def close(self) -> None:
        self._poster.close()

    def _send(self, body: bytes, marker: Marker) -> Answer | Silence | Outcome | None:
        """The answer to one message/send; an outcome when there is no token to send it with."""
        missing = self._have_token()
        if missing is not None:
            return missing
        url = f"{self._base}/cgi-bin/message/send?{urlencode({'access_token': self._token})}"
        return self._poster.post(url, body=body, headers=JSON_HEADERS, marker=marker)

    def _have_token(self) -> Outcome | None:
        """Fetch a token unless one still lives; what went wrong, when none came. Nothing of a message leaves here."""
        if self._token and self._monotonic() < self._token_ends:
            return None
        self._token = ""
        answer = self._poster.get(f"{self._base}/cgi-bin/gettoken", params={"corpid": self._corp_id, "corpsecret": self._secret})
        if isinstance(answer, Silence):
            return judge_silence(answer)
        found = token_of(answer)
        if found is None:
            return judge_token(answer, mask=self._poster.masked)
        self._token, lives = found
        self._token_ends = self._monotonic() + lives - MARGIN_SECONDS
        self._poster.hide(self._token)
        return None
