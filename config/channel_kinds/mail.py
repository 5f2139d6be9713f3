"""Mail: an SMTP server and the account on it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from config.channel_kinds.usage import Habits, Usage, read_usage
from config.channel_kinds.wire import LOOPBACK, read_ca_file
from config.fields import Section
from config.mail_address import is_mail_address
from config.problems import Code
from config.secret import Secret, read_secret

Security = Literal["tls", "starttls", "none"]
SECURITY: dict[str, Security] = {"tls": "tls", "starttls": "starttls", "none": "none"}
SECURITY_NAMES = {"tls": "加密连接", "starttls": "连上后加密", "none": "不加密"}
# The providers publish no number per minute; this is slow enough for the free mailboxes that townships use.
HABITS = Habits(rates={"per_minute": 30})
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
_SENDER = re.compile(r"[^<>@]*<([^<>]+)>")


@dataclass(frozen=True, slots=True)
class MailConfig:
    """An SMTP server and how to speak to it."""

    type: ClassVar[str] = "mail"
    key: str
    host: str
    sender: str  # 曹回镇法治办 <fazhi@caohui.example>
    port: int = 465
    security: Security = "tls"
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout_seconds: int = 60  # total deadline of one hand-over
    recycle_after: int = 20  # mails per connection
    allow_plain: bool = False  # an unencrypted connection beyond this machine, taken knowingly
    usage: Usage = field(default_factory=Usage)


def read_mail(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> MailConfig:
    section.require("host", "sender")
    security = SECURITY[section.choice("security", SECURITY_NAMES, "tls")]
    config = MailConfig(
        key=key,
        host=_host(section),
        sender=_sender(section),
        port=section.whole("port", 465 if security == "tls" else 587, least=1, most=65535),
        security=security,
        user=section.text("user") or None,
        password=read_secret(section, "password", home, environ),
        ca_file=read_ca_file(section, home),
        timeout_seconds=section.whole("timeout_seconds", 60, least=5, most=600),
        recycle_after=section.whole("recycle_after", 20, least=1, most=1000),
        allow_plain=section.flag("allow_plain", default=False),
        usage=read_usage(section, HABITS),
    )
    if security == "none" and not config.allow_plain and config.host and not LOOPBACK.fullmatch(config.host):
        hint = "改成 tls 或 starttls；确实只能不加密的，写明 allow_plain: true"
        section.error(Code.SECURITY_NONE, "security", f"写了 none，而 {config.host} 不是本机", hint)
    if config.user and section.get("password") is None:
        section.require("password")
    return config


def _host(section: Section) -> str:
    host = section.text("host")
    if host and not _HOST.fullmatch(host):
        hint = "只写名字或 IP，如 smtp.caohui.example，不带 http:// 和端口"
        section.error(Code.HOST, "host", f"{section.quoted(host)} 不是服务器名", hint)
        return ""
    return host


def _sender(section: Section) -> str:
    sender = section.text("sender")
    found = _SENDER.fullmatch(sender)
    if sender and not is_mail_address((found[1] if found else sender).strip()):
        hint = "写成 曹回镇法治办 <fazhi@caohui.example>，符号用半角"
        section.error(Code.SENDER, "sender", f"{section.quoted(sender)} 不是发件人", hint)
    return sender
