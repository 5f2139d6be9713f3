"""Our sender as Apprise's own mail plugin, so that whatever speaks ``mailto://`` through Apprise gets honest answers.

Apprise's plugin gives one bool for all recipients, invents a new Message-ID on every try and never folds a Chinese
subject. This subclass keeps its reading of addresses (``mailtos://user:code@163.com/?to=…``) and replaces the sending.
"""

from __future__ import annotations

import hashlib
import warnings
from typing import Any

from notifications.envelope import Envelope, Outcome, Verdict
from notifications.mail.connection import Security
from notifications.mail.sender import MailSender

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Apprise looks for modules that newer Pythons drop
    import apprise
    from apprise.plugins import email as apprise_email

# Apprise's annotations are incomplete, and wrong in places: its objects are taken as they are.
_NotifyEmail: Any = apprise_email.NotifyEmail
_SecureMailMode: Any = apprise_email.SecureMailMode
_Manager: Any = apprise.NotificationManager

_SECURITY: dict[str, Security] = {
    _SecureMailMode.SSL: "tls",
    _SecureMailMode.STARTTLS: "starttls",
    _SecureMailMode.INSECURE: "none",
}


class HonestEmail(_NotifyEmail):  # type: ignore[misc]  # a class held in Any
    """True only when the server took the mail for every recipient; ``outcomes`` says how each one ended."""

    outcomes: tuple[Outcome, ...] = ()

    def send(self, body: str, title: str = "", **_: object) -> bool:
        sender = self._sender()
        try:
            self.outcomes = tuple(self._hand_over(sender, name or "", address, body, title) for name, address in self.targets)
        finally:
            sender.close()
        return bool(self.outcomes) and all(outcome.verdict is Verdict.ACCEPTED for outcome in self.outcomes)

    def _sender(self) -> MailSender:
        name, address = self.from_addr
        return MailSender(
            "mailto",
            host=self.smtp_host,
            port=self.port,
            security=_SECURITY[self.secure_mode],
            user=self.user or "",
            password=self.password or "",
            sender=f"{name} <{address}>" if name else address,
        )

    def _hand_over(self, sender: MailSender, name: str, address: str, body: str, title: str) -> Outcome:
        ref = hashlib.sha256(f"{address}\0{title}\0{body}".encode()).hexdigest()[:20]
        domain = self.from_addr[1].rpartition("@")[2]
        envelope = Envelope(
            ref=ref,
            address=address,
            name=name,
            subject=title,
            text=body,
            html="",
            headers={"Message-ID": f"<{ref}@{domain}>", "Auto-Submitted": "auto-generated", **self.headers},
        )
        outcome = sender.hand_over(envelope, marker=lambda: True)
        if outcome is None:
            raise AssertionError("the marker always says yes")
        return outcome


def register() -> None:
    """Put our class in the place of Apprise's for ``mailto`` and ``mailtos``; doing it again changes nothing."""
    manager = _Manager()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the first look loads all of Apprise's plugins
        if manager["mailtos"] is not HonestEmail:
            manager.add(HonestEmail, force=True)
