"""The Feishu robot: one message into its group at a time, believed only when the answer says code 0."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.feishu.answers import judge
from notifications.feishu.build import build_body
from notifications.http.answers import judge_silence
from notifications.http.body import JSON_HEADERS, UnfitError
from notifications.http.poster import Poster, Silence


class FeishuRobot:
    """One custom robot of one group. Not for two threads at once.

    ``address`` of an envelope names those to mention: open ids (``ou_…``) or user ids, separated by commas.
    """

    def __init__(
        self,
        name: str,
        *,
        token: str,
        secret: str = "",
        base_url: str = "https://open.feishu.cn",
        markup: str = "markdown",
        ca_file: Path | None = None,
        timeout_seconds: float = 15.0,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - the signature carries the time of this very try
    ) -> None:
        """``token`` is the last part of the robot's address; ``secret`` that of 签名校验, empty when it is off."""
        self.name = name
        self._url = f"{base_url.rstrip('/')}/open-apis/bot/v2/hook/{quote(token, safe='')}"
        self._secret = secret
        self._markup = markup
        self._wall = wall
        self._poster = Poster(ca_file=ca_file, timeout_seconds=timeout_seconds, secrets=[token, *filter(None, [secret])])

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            body = build_body(envelope, markup=self._markup, secret=self._secret, timestamp=int(self._wall()))
        except UnfitError as error:
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code=error.code, words=str(error))
        answer = self._poster.post(self._url, body=body, headers=JSON_HEADERS, marker=marker)
        if answer is None:
            return None
        if isinstance(answer, Silence):
            return judge_silence(answer)
        return judge(answer, mask=self._poster.masked)

    def close(self) -> None:
        self._poster.close()
