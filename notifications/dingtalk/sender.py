"""The DingTalk robot: one message into its group at a time, believed only when the answer says errcode 0."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from notifications.dingtalk.answers import judge
from notifications.dingtalk.build import address, build_body
from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.http.answers import judge_silence
from notifications.http.body import JSON_HEADERS, UnfitError
from notifications.http.poster import Poster, Silence

_SIGNATURE = re.compile(r"(\bsign=)[^&\s]+")


class DingTalkRobot:
    """One custom robot of one group. Not for two threads at once.

    ``address`` of an envelope names those to mention: mobile numbers of 11 digits or user ids, separated by commas.
    """

    def __init__(
        self,
        name: str,
        *,
        token: str,
        secret: str = "",
        base_url: str = "https://oapi.dingtalk.com",
        markup: str = "markdown",
        ca_file: Path | None = None,
        timeout_seconds: float = 15.0,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - the signature carries the time of this very try
    ) -> None:
        """``secret`` is the robot's 加签 secret, empty when it is guarded otherwise; ``markup`` is markdown or text."""
        self.name = name
        self._token = token
        self._secret = secret
        self._base_url = base_url
        self._markup = markup
        self._wall = wall
        self._poster = Poster(ca_file=ca_file, timeout_seconds=timeout_seconds, secrets=[token, *filter(None, [secret])])

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            body = build_body(envelope, markup=self._markup)
        except UnfitError as error:
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code=error.code, words=str(error))
        url = address(self._base_url, self._token, secret=self._secret, timestamp_ms=round(self._wall() * 1000))
        answer = self._poster.post(url, body=body, headers=JSON_HEADERS, marker=marker)
        if answer is None:
            return None
        if isinstance(answer, Silence):
            return judge_silence(answer)
        return judge(answer, mask=self._masked)

    def close(self) -> None:
        self._poster.close()

    def _masked(self, words: str) -> str:
        """Without the signature either: whoever has it may write to the group for an hour."""
        return self._poster.masked(_SIGNATURE.sub(r"\1***", words))
