"""From what channels.yaml says to a channel that can hand over."""

from __future__ import annotations

from pathlib import Path

from config.channels import ChannelConfig, MailConfig
from notifications.envelope import Channel
from notifications.registry import open_mail, open_outbox


def build_channel(config: ChannelConfig, home: Path) -> Channel:
    """Open the channel; nothing is connected before the first hand-over."""
    if isinstance(config, MailConfig):
        return open_mail(
            config.key,
            host=config.host,
            port=config.port,
            security=config.security,
            user=config.user or "",
            password=config.password.reveal() if config.password else "",
            sender=config.sender,
            ca_file=config.ca_file,
            timeout_seconds=config.timeout_seconds,
            recycle_after=config.recycle_after,
        )
    return open_outbox(config.key, folder=home / "outbox")
