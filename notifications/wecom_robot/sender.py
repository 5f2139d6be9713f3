"""The channel of a robot in a WeCom group."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.http.answers import judge_silence
from notifications.http.body import JSON_HEADERS, UnfitError
from notifications.http.poster import Poster, Silence
from notifications.wecom_robot.answers import judge_send
from notifications.wecom_robot.build import build_message


class WeComRobot:
    """One robot, known by its key. Not for two threads at once."""

    def __init__(
        self,
        name: str,
        *,
        key: str,
        base_url: str = "https://qyapi.weixin.qq.com",
        markup: str = "markdown",
        ca_file: Path | None = None,
        timeout_seconds: float = 15.0,
    ) -> None:
        """``markup`` is markdown or text; ``base_url`` may be a private WeCom's.

        ``timeout_seconds`` bounds one hand-over as a whole.
        """
        self.name = name
        self._url = f"{base_url.rstrip('/')}/cgi-bin/webhook/send?{urlencode({'key': key})}"
        self._form = markup
        self._poster = Poster(ca_file=ca_file, timeout_seconds=timeout_seconds, secrets=(key,))

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            body = build_message(envelope, form=self._form)
        except UnfitError as error:
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code=error.code, words=str(error))
        answer = self._poster.post(self._url, body=body, headers=JSON_HEADERS, marker=marker)
        if answer is None:
            return None
        if isinstance(answer, Silence):
            return judge_silence(answer)
        return judge_send(answer, mask=self._poster.masked)

    def close(self) -> None:
        self._poster.close()
