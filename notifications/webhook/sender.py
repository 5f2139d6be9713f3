"""The webhook: our JSON to an address that the admin wrote in channels.yaml, signed and never redirected."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.http.answers import judge_silence
from notifications.http.body import UnfitError
from notifications.http.poster import Poster, Silence
from notifications.masking import keys_in
from notifications.webhook.answers import judge
from notifications.webhook.build import build_body, build_headers


class Webhook:
    """One receiver. Not for two threads at once.

    An address in the office's own network is as good as any: only the admin's file names one, never a page.
    """

    def __init__(
        self,
        name: str,
        *,
        url: str,
        secret: str = "",
        ca_file: Path | None = None,
        timeout_seconds: float = 15.0,
        accepted_when: tuple[str, str] | None = None,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - the signature carries the time of this very try
    ) -> None:
        """``accepted_when``: a field of the answer's JSON object and the value that means yes.

        Without it a 2xx counts, but proves nothing. Raises ValueError with a Chinese sentence when ``url`` is no http(s) address.
        """
        fault = refuse_url(url)
        if fault is not None:
            raise ValueError(fault)
        self.name = name
        self._url = url
        self._secret = secret
        self._accepted_when = accepted_when
        self._wall = wall
        self._poster = Poster(ca_file=ca_file, timeout_seconds=timeout_seconds, secrets=[*keys_in(url), *filter(None, [secret])])

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            body = build_body(envelope)
        except UnfitError as error:
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code=error.code, words=str(error))
        headers = build_headers(envelope, body, secret=self._secret, timestamp=int(self._wall()))
        answer = self._poster.post(self._url, body=body, headers=headers, marker=marker)
        if answer is None:
            return None
        if isinstance(answer, Silence):
            return judge_silence(answer)
        return judge(answer, accepted_when=self._accepted_when, mask=self._poster.masked)

    def close(self) -> None:
        self._poster.close()


def refuse_url(url: str) -> str | None:
    """Why nothing can be posted there, as a Chinese sentence without the address itself; None when it can."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises when it is no number
        usable = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    return None if usable else "webhook 的地址必须以 http:// 或 https:// 开头，并写明主机，例如 https://oa.example.cn/notice。"
