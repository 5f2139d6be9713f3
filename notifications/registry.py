"""Channels by type. Values come as plain arguments; what a type needs is loaded when its first channel is opened."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from notifications.envelope import Channel
from notifications.mail.connection import Security
from notifications.masking import keys_in
from notifications.quiet_logs import quiet


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

    quiet([password])
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


def open_dingtalk(
    name: str,
    *,
    token: str,
    secret: str = "",
    base_url: str = "https://oapi.dingtalk.com",
    markup: str = "markdown",
    ca_file: Path | None = None,
    timeout_seconds: float = 15.0,
    with_apprise: bool = True,
) -> Channel:
    """A DingTalk group's robot; ``with_apprise`` also puts our sender behind ``dingtalk://``."""
    from notifications.dingtalk.sender import DingTalkRobot  # a process without it never loads httpx

    quiet([token, secret])
    if with_apprise:
        from notifications.dingtalk.plugin import register  # Apprise is slow to import

        register()
    return DingTalkRobot(
        name,
        token=token,
        secret=secret,
        base_url=base_url,
        markup=markup,
        ca_file=ca_file,
        timeout_seconds=timeout_seconds,
    )


def open_feishu(
    name: str,
    *,
    token: str,
    secret: str = "",
    base_url: str = "https://open.feishu.cn",
    markup: str = "markdown",
    ca_file: Path | None = None,
    timeout_seconds: float = 15.0,
    with_apprise: bool = True,
) -> Channel:
    """A Feishu group's robot; ``with_apprise`` also puts our sender behind ``feishu://``."""
    from notifications.feishu.sender import FeishuRobot  # a process without it never loads httpx

    quiet([token, secret])
    if with_apprise:
        from notifications.feishu.plugin import register  # Apprise is slow to import

        register()
    return FeishuRobot(
        name,
        token=token,
        secret=secret,
        base_url=base_url,
        markup=markup,
        ca_file=ca_file,
        timeout_seconds=timeout_seconds,
    )


def open_webhook(
    name: str,
    *,
    url: str,
    secret: str = "",
    ca_file: Path | None = None,
    timeout_seconds: float = 15.0,
    accepted_when: tuple[str, str] | None = None,
) -> Channel:
    """A receiver of our own JSON. Raises ValueError with a Chinese sentence when ``url`` is no http(s) address."""
    from notifications.webhook.sender import Webhook  # a process without it never loads httpx

    quiet([*keys_in(url), secret])
    return Webhook(name, url=url, secret=secret, ca_file=ca_file, timeout_seconds=timeout_seconds, accepted_when=accepted_when)


def open_other(name: str, *, url: str, secrets: Collection[str] = (), also_allowed: Collection[str] = ()) -> Channel:
    """Any other Apprise address of the allow-list. Raises ValueError with a Chinese sentence when it may not be used."""
    from notifications.other.sender import OtherChannel  # Apprise is slow to import

    return OtherChannel(name, url=url, secrets=secrets, also_allowed=also_allowed)


def open_wecom_robot(
    name: str,
    *,
    key: str,
    base_url: str = "https://qyapi.weixin.qq.com",
    markup: str = "markdown",
    ca_file: Path | None = None,
    timeout_seconds: float = 15.0,
    with_apprise: bool = True,
) -> Channel:
    """A WeCom group's robot; ``with_apprise`` also puts our sender behind ``wecombot://``."""
    from notifications.wecom_robot.sender import WeComRobot  # a process without it never loads httpx

    quiet([key])
    if with_apprise:
        from notifications.wecom_robot.plugin import register  # Apprise is slow to import

        register()
    return WeComRobot(name, key=key, base_url=base_url, markup=markup, ca_file=ca_file, timeout_seconds=timeout_seconds)


def open_wecom_app(
    name: str,
    *,
    corp_id: str,
    secret: str,
    agent_id: int,
    base_url: str = "https://qyapi.weixin.qq.com",
    markup: str = "markdown",
    duplicate_check_seconds: int = 14_400,
    ca_file: Path | None = None,
    timeout_seconds: float = 15.0,
    with_apprise: bool = True,
) -> Channel:
    """An application of a company's WeCom; ``with_apprise`` also puts our sender behind ``wechat://``."""
    from notifications.wecom_app.sender import WeComApp  # a process without it never loads httpx

    quiet([secret])
    if with_apprise:
        from notifications.wecom_app.plugin import register  # Apprise is slow to import

        register()
    return WeComApp(
        name,
        corp_id=corp_id,
        secret=secret,
        agent_id=agent_id,
        base_url=base_url,
        markup=markup,
        duplicate_check_seconds=duplicate_check_seconds,
        ca_file=ca_file,
        timeout_seconds=timeout_seconds,
    )
