"""Our sender as Apprise's own Feishu plugin, so that whatever speaks ``feishu://`` gets honest answers.

Apprise's plugin cannot sign, knows no markdown, and calls every refusal a success that comes with HTTP 200. This
subclass keeps its reading of addresses, adds the secret (``feishu://SECRET@TOKEN`` or ``feishu://TOKEN?secret=…``) and
replaces the sending.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Any, cast
from urllib.parse import urlsplit

from notifications.envelope import Envelope, Outcome, Verdict
from notifications.feishu.sender import FeishuRobot

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise
    from apprise import url as apprise_url
    from apprise.plugins import feishu as apprise_feishu

# Apprise's annotations are incomplete: its objects are taken as they are.
_NotifyFeishu: Any = apprise_feishu.NotifyFeishu
_PrivacyMode: Any = apprise_url.PrivacyMode
_Apprise: Any = apprise


class HonestFeishu(_NotifyFeishu):  # type: ignore[misc]  # a class held in Any
    """True only when Feishu said code 0; ``outcome`` says how the last message ended."""

    outcome: Outcome | None = None

    def __init__(self, token: str, secret: str = "", **kwargs: object) -> None:
        super().__init__(token, **kwargs)
        self.secret = secret

    def send(self, body: str, title: str = "", **_: object) -> bool:
        robot = self._robot()
        try:
            self.outcome = robot.hand_over(self._envelope(body, title), marker=lambda: True)
        finally:
            robot.close()
        return self.outcome is not None and self.outcome.verdict is Verdict.ACCEPTED

    def url(self, privacy: bool = False, **kwargs: object) -> str:
        """With the secret, masked like the token when ``privacy`` asks for it."""
        written = str(super().url(privacy=privacy, **kwargs))
        if not self.secret:
            return written
        shown = self.pprint(self.secret, privacy, mode=_PrivacyMode.Secret, safe="")
        return written.replace("://", f"://{shown}@", 1)

    @property
    def url_identifier(self) -> tuple[str, ...]:
        return (self.secure_protocol, self.secret, self.token)

    @staticmethod
    def parse_url(url: str) -> dict[str, Any] | None:
        read = cast("dict[str, Any] | None", _NotifyFeishu.parse_url(url))
        if read:
            read["secret"] = _NotifyFeishu.unquote(read["qsd"].get("secret") or read.get("user") or "")
        return read

    def _robot(self) -> FeishuRobot:
        parts = urlsplit(self.notify_url)
        return FeishuRobot(
            "feishu",
            token=self.token,
            secret=self.secret,
            base_url=f"{parts.scheme}://{parts.netloc}",
            markup="markdown" if self.notify_format == _Apprise.NotifyFormat.MARKDOWN else "text",
        )

    def _envelope(self, body: str, title: str) -> Envelope:
        ref = hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()[:20]
        return Envelope(ref=ref, address="", name="", subject=title, text=body, html="")


def register() -> None:
    """Put our class in the place of Apprise's for ``feishu``; doing it again changes nothing."""
    manager = _Apprise.NotificationManager()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
        if manager["feishu"] is not HonestFeishu:
            manager.add(HonestFeishu, force=True)
