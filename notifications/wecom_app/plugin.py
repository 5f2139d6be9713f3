"""Our sender as Apprise's own WeCom application plugin, so that whatever speaks ``wechat://`` gets honest answers.

Apprise's plugin calls a message sent whose only reader WeCom names as ``invaliduser``, joins several members into one
call, and asks for no check against doubles. This subclass keeps its reading of addresses
(``wechat://corpid:secret@agentid/@member``) and replaces the sending. Departments, tags and ``@all`` are refused: a
reminder goes to one person, and only then its fate is known.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Any
from urllib.parse import urlsplit

from notifications.envelope import Envelope, Outcome, Verdict
from notifications.wecom_app.sender import WeComApp

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise
    from apprise.plugins import wechat as apprise_wechat

# Apprise's annotations are incomplete: its objects are taken as they are.
_NotifyWeChat: Any = apprise_wechat.NotifyWeChat
_Apprise: Any = apprise


class HonestWeChat(_NotifyWeChat):  # type: ignore[misc]  # a class held in Any
    """True only when WeCom took the message for every target; ``outcomes`` says how each one ended."""

    outcomes: tuple[Outcome, ...] = ()
    _app: WeComApp | None = None  # kept, since WeCom stops those who ask for tokens too often

    def send(self, body: str, title: str = "", **_: object) -> bool:
        if self._app is None:
            self._app = self._opened()
        self.outcomes = tuple(_handed_over(self._app, target, body, title) for target in self._targets())
        return bool(self.outcomes) and all(outcome.verdict is Verdict.ACCEPTED for outcome in self.outcomes)

    def _targets(self) -> list[str]:
        """Members first; the sender refuses what stands for more than one."""
        parties = [f"#{party}" for party in self.departments]
        tags = [f"+{tag}" for tag in self.tag_ids]
        return [*self.users, *parties, *tags, *self.invalid_targets]

    def _opened(self) -> WeComApp:
        parts = urlsplit(self.notify_url)
        return WeComApp(
            "wechat",
            corp_id=self.corpid,
            secret=self.corpsecret,
            agent_id=int(self.agentid),
            base_url=f"{parts.scheme}://{parts.netloc}",
            markup="markdown" if self.notify_format == _Apprise.NotifyFormat.MARKDOWN else "text",
        )


def _handed_over(app: WeComApp, target: str, body: str, title: str) -> Outcome:
    ref = hashlib.sha256(f"{target}\0{title}\0{body}".encode()).hexdigest()[:20]
    envelope = Envelope(ref=ref, address=target, name="", subject=title, text=body, html="")
    outcome = app.hand_over(envelope, marker=lambda: True)
    if outcome is None:
        raise AssertionError("the marker always says yes")
    return outcome


def register() -> None:
    """Put our class in the place of Apprise's for ``wechat``; doing it again changes nothing."""
    manager = _Apprise.NotificationManager()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
        if manager["wechat"] is not HonestWeChat:
            manager.add(HonestWeChat, force=True)
