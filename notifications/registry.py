"""Channels by type. Values come as plain arguments; what a type needs is loaded when its first channel is opened."""

from __future__ import annotations

from pathlib import Path

from notifications.envelope import Channel
from notifications.mail.connection import Security


def open_mail(
    name: str,
    *,
    host: str,
    sender: str,
    port: int = 465,
    security: Security = "tls",
    user: str = "",
    password: str = "",
    ca_file: Path | None = None,
    timeout_seconds: float = 60.0,
    recycle_after: int = 20,
    with_apprise: bool = True,
) -> Channel:
    """A mail account. Nothing is connected before the first hand-over.

    ``with_apprise`` also puts our sender behind Apprise's ``mailto://``; it costs a second of CPU once per process.
    """
    from notifications.mail.sender import MailSender  # a process without mail never loads smtplib and ssl

    if with_apprise:
        from notifications.mail.plugin import register  # Apprise is slow to import

        register()
    return MailSender(
        name,
        host=host,
        sender=sender,
        port=port,
        security=security,
        user=user,
        password=password,
        ca_file=ca_file,
        timeout_seconds=timeout_seconds,
        recycle_after=recycle_after,
    )


def open_outbox(name: str, *, folder: Path, sender: str = "suishi@localhost.localdomain") -> Channel:
    """The demo channel that writes what would be sent."""
    from notifications.outbox.sender import OutboxSender

    return OutboxSender(name, folder=folder, sender=sender)
