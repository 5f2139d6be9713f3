"""Our sender as Apprise's own group robot plugin, so that whatever speaks ``wecombot://`` gets honest answers.

Apprise's plugin looks at the HTTP status alone, and WeCom refuses with 200; it sends text only and cuts nothing. This
subclass keeps its reading of addresses (``wecombot://KEY/?format=markdown`` and WeCom's own) and replaces the sending.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Any
from urllib.parse import urlsplit

from notifications.envelope import Envelope, Outcome, Verdict
from notifications.wecom_robot.sender import WeComRobot

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise
    from apprise.plugins import wecombot as apprise_wecombot

# Apprise's annotations are incomplete: its objects are taken as they are.
_NotifyWeComBot: Any = apprise_wecombot.NotifyWeComBot
_Apprise: Any = apprise


class HonestWeComBot(_NotifyWeComBot):  # type: ignore[misc]  # a class held in Any
    """True only when WeCom said errcode 0; ``outcome`` says how the last message ended."""

    outcome: Outcome | None = None

    def send(self, body: str, title: str = "", **_: object) -> bool:
        robot = self._robot()
        try:
            self.outcome = robot.hand_over(_envelope(body, title), marker=lambda: True)
        finally:
            robot.close()
        return self.outcome is not None and self.outcome.verdict is Verdict.ACCEPTED

    def _robot(self) -> WeComRobot:
        parts = urlsplit(self.notify_url)
        return WeComRobot(
            "wecombot",
            key=self.key,
            base_url=f"{parts.scheme}://{parts.netloc}",
            markup="markdown" if self.notify_format == _Apprise.NotifyFormat.MARKDOWN else "text",
        )


def _envelope(body: str, title: str) -> Envelope:
    """Apprise writes the title into the body, since this service has none."""
    ref = hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()[:20]
    return Envelope(ref=ref, address="", name="", subject=title, text=body, html="")


def register() -> None:
    """Put our class in the place of Apprise's for ``wecombot``; doing it again changes nothing."""
    manager = _Apprise.NotificationManager()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
        if manager["wecombot"] is not HonestWeComBot:
            manager.add(HonestWeComBot, force=True)
