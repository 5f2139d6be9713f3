"""From what channels.yaml says to a channel that can hand over."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from config.channel_kinds.apprise import AppriseConfig
from config.channel_kinds.dingtalk import DingTalkConfig
from config.channel_kinds.feishu import FeishuConfig
from config.channel_kinds.mail import MailConfig
from config.channel_kinds.outbox import OutboxConfig
from config.channel_kinds.webhook import WebhookConfig
from config.channel_kinds.wecom_app import WeComAppConfig
from config.channel_kinds.wecom_robot import WeComRobotConfig
from config.channel_kinds.wire import Wire
from config.channels import ChannelConfig
from config.secret import Secret
from notifications import registry
from notifications.envelope import Channel


def build_channels(configs: Mapping[str, ChannelConfig], home: Path) -> dict[str, Channel]:
    """Every channel that can be opened. One that cannot stops no other: its messages wait, and a problem says so."""
    opened: dict[str, Channel] = {}
    for key, config in configs.items():
        try:
            opened[key] = build_channel(config, home)
        except (ValueError, OSError):  # an address that Apprise cannot read, a certificate that is none: `doctor` says it
            continue
    return opened


def build_channel(config: ChannelConfig, home: Path) -> Channel:
    """Open the channel; nothing is connected before the first hand-over, and only what its type needs is loaded.

    Raises ValueError with a Chinese sentence for an address that its type cannot work with, OSError for a certificate
    that cannot be read.
    """
    match config:
        case MailConfig():
            return _open_mail(config)
        case OutboxConfig():
            return registry.open_outbox(config.key, folder=home / "outbox")
        case WeComRobotConfig():
            return _open_wecom_robot(config)
        case WeComAppConfig():
            return _open_wecom_app(config)
        case DingTalkConfig():
            return _open_dingtalk(config)
        case FeishuConfig():
            return _open_feishu(config)
        case WebhookConfig():
            return _open_webhook(config)
        case AppriseConfig():
            return registry.open_other(config.key, url=config.url.reveal(), also_allowed=config.also_allow)


def _open_mail(config: MailConfig) -> Channel:
    return registry.open_mail(
        config.key,
        host=config.host,
        port=config.port,
        security=config.security,
        user=config.user or "",
        password=_plain(config.password),
        sender=config.sender,
        ca_file=config.ca_file,
        timeout_seconds=config.timeout_seconds,
        recycle_after=config.recycle_after,
    )


def _open_wecom_robot(config: WeComRobotConfig) -> Channel:
    wire: Wire = config.wire
    return registry.open_wecom_robot(
        config.key,
        key=config.robot_key.reveal(),
        base_url=wire.base_url,
        markup=config.usage.markup,
        ca_file=wire.ca_file,
        timeout_seconds=wire.timeout_seconds,
    )


def _open_wecom_app(config: WeComAppConfig) -> Channel:
    wire: Wire = config.wire
    return registry.open_wecom_app(
        config.key,
        corp_id=config.corp_id,
        secret=config.secret.reveal(),
        agent_id=config.agent_id,
        base_url=wire.base_url,
        markup=config.usage.markup,
        duplicate_check_seconds=config.duplicate_check_seconds,
        ca_file=wire.ca_file,
        timeout_seconds=wire.timeout_seconds,
    )


def _open_dingtalk(config: DingTalkConfig) -> Channel:
    wire: Wire = config.wire
    return registry.open_dingtalk(
        config.key,
        token=config.token.reveal(),
        secret=_plain(config.secret),
        base_url=wire.base_url,
        markup=config.usage.markup,
        ca_file=wire.ca_file,
        timeout_seconds=wire.timeout_seconds,
    )


def _open_feishu(config: FeishuConfig) -> Channel:
    wire: Wire = config.wire
    return registry.open_feishu(
        config.key,
        token=config.token.reveal(),
        secret=_plain(config.secret),
        base_url=wire.base_url,
        markup=config.usage.markup,
        ca_file=wire.ca_file,
        timeout_seconds=wire.timeout_seconds,
    )


def _open_webhook(config: WebhookConfig) -> Channel:
    return registry.open_webhook(
        config.key,
        url=config.url.reveal(),
        secret=_plain(config.secret),
        ca_file=config.ca_file,
        timeout_seconds=config.timeout_seconds,
        accepted_when=config.accepted_when,
    )


def _plain(secret: Secret | None) -> str:
    return secret.reveal() if secret else ""
