"""Our sender as Apprise's own DingTalk plugin, so that whatever speaks ``dingtalk://`` gets honest answers.

Apprise's plugin quotes the signature twice, so that every signed message is refused; it sends markdown under the name
of text; and it calls every refusal a success, since all of them come with HTTP 200. This subclass keeps its reading of
addresses (``dingtalk://SECRET@TOKEN/13800000000/?format=markdown``) and replaces the sending.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Any
from urllib.parse import urlsplit

from notifications.dingtalk.sender import DingTalkRobot
from notifications.envelope import Envelope, Outcome, Verdict

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise
    from apprise.plugins import dingtalk as apprise_dingtalk

# Apprise's annotations are incomplete: its objects are taken as they are.
_NotifyDingTalk: Any = apprise_dingtalk.NotifyDingTalk
_Apprise: Any = apprise


class HonestDingTalk(_NotifyDingTalk):  # type: ignore[misc]  # a class held in Any
    """True only when DingTalk said errcode 0; ``outcome`` says how the last message ended."""

    outcome: Outcome | None = None

    def send(self, body: str, title: str = "", **_: object) -> bool:
        robot = self._robot()
        try:
            self.outcome = robot.hand_over(self._envelope(body, title), marker=lambda: True)
        finally:
            robot.close()
        return self.outcome is not None and self.outcome.verdict is Verdict.ACCEPTED

    def _robot(self) -> DingTalkRobot:
        parts = urlsplit(self.notify_url)
        return DingTalkRobot(
            "dingtalk",
            token=self.token,
            secret=self.secret or "",
            base_url=f"{parts.scheme}://{parts.netloc}",
            markup="markdown" if self.notify_format == _Apprise.NotifyFormat.MARKDOWN else "text",
        )

    def _envelope(self, body: str, title: str) -> Envelope:
        ref = hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()[:20]
        return Envelope(ref=ref, address=",".join(self.targets), name="", subject=title, text=body, html="")


def register() -> None:
    """Put our class in the place of Apprise's for ``dingtalk``; doing it again changes nothing."""
    manager = _Apprise.NotificationManager()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
        if manager["dingtalk"] is not HonestDingTalk:
            manager.add(HonestDingTalk, force=True)
