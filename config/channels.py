"""channels.yaml: the media that messages go out on, one reader for each type."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

from config.fields import KEY, Section, top_section
from config.mail_address import is_mail_address
from config.nodes import Mapping as MappingNode
from config.problems import Code, Problem, Sheet, shown
from config.secret import Secret, read_secret
from config.strict_yaml import read_yaml

FILE = "channels.yaml"
Security = Literal["tls", "starttls", "none"]
SECURITY: dict[str, Security] = {"tls": "tls", "starttls": "starttls", "none": "none"}
SECURITY_NAMES = {"tls": "加密连接", "starttls": "连上后加密", "none": "不加密"}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f:]{2,39}")
_LOOPBACK = re.compile(r"localhost|::1|127(\.[0-9]{1,3}){3}")
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


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """Writes what would be sent to ``outbox/`` in the home."""

    type: ClassVar[str] = "outbox"
    key: str


ChannelConfig = MailConfig | OutboxConfig


@dataclass(frozen=True, slots=True)
class Channels:
    """What channels.yaml says. ``declared`` also names channels that are left out because of a fault."""

    configs: dict[str, ChannelConfig] = field(default_factory=dict)
    declared: dict[str, str] | None = None  # key -> type; None: the file could not be read
    problems: tuple[Problem, ...] = ()


def read_channels(home: Path, environ: Mapping[str, str]) -> Channels:
    """Read channels.yaml; a channel with a fault is left out, the others stand."""
    tree, problems = read_yaml(home / FILE, name=FILE)
    sheet = Sheet(FILE)
    sheet.take(problems)
    top = top_section(tree, sheet, "文件", "channels: …")
    if top is None:
        return Channels(problems=tuple(sheet.problems))
    top.require("channels")
    listed = top.section("channels", "channels ")
    top.close()
    if listed is None:
        return Channels(problems=tuple(sheet.problems))
    configs: dict[str, ChannelConfig] = {}
    declared: dict[str, str] = {}
    for key in listed.names:
        section = _channel_section(listed, key)
        declared[key] = "" if section is None else section.text("type")
        config = None if section is None else _read_channel(section, key, home, environ)
        if config is not None:
            configs[key] = config
    return Channels(configs, declared, tuple(sheet.problems))


def _channel_section(listed: Section, key: str) -> Section | None:
    if not KEY.fullmatch(key):
        hint = "只用小写英文字母、数字和短横，最多60个字符"
        listed.sheet.error(Code.FIELD_KEY, listed.line(key), f"{shown(key)} 不能作渠道的代号", hint)
        return None
    value = listed.values[key]
    if isinstance(value, MappingNode):
        return Section(value, listed.sheet, f"渠道 {key} ")
    listed.error(Code.FIELD_SHAPE, key, "应当是一组字段", f"写成 {key}: {{type: mail, …}}")
    return None


def _read_channel(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> ChannelConfig | None:
    before = section.sheet.errors
    section.require("type")
    kind = section.choice("type", {name: meaning for name, (meaning, _) in _TYPES.items()}, "")
    if not kind:
        return None
    config = _TYPES[kind][1](section, key, home, environ)
    section.close()
    return config if section.sheet.errors == before and section.node.sound else None


def _read_mail(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> MailConfig:
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
        ca_file=_ca_file(section, home),
        timeout_seconds=section.whole("timeout_seconds", 60, least=5, most=600),
        recycle_after=section.whole("recycle_after", 20, least=1, most=1000),
        allow_plain=section.flag("allow_plain", default=False),
    )
    if security == "none" and not config.allow_plain and config.host and not _LOOPBACK.fullmatch(config.host):
        hint = "改成 tls 或 starttls；确实只能不加密的，写明 allow_plain: true"
        section.error(Code.SECURITY_NONE, "security", f"写了 none，而 {config.host} 不是本机", hint)
    if config.user and section.get("password") is None:
        section.require("password")
    return config


def _read_outbox(_section: Section, key: str, _home: Path, _environ: Mapping[str, str]) -> OutboxConfig:
    return OutboxConfig(key=key)


def _host(section: Section) -> str:
    host = section.text("host")
    if host and not _HOST.fullmatch(host):
        section.error(
            Code.HOST, "host", f"{shown(host)} 不是服务器名", "只写名字或 IP，如 smtp.caohui.example，不带 http:// 和端口"
        )
    return host


def _sender(section: Section) -> str:
    sender = section.text("sender")
    found = _SENDER.fullmatch(sender)
    if sender and not is_mail_address((found[1] if found else sender).strip()):
        section.error(
            Code.SENDER, "sender", f"{shown(sender)} 不是发件人", "写成 曹回镇法治办 <fazhi@caohui.example>，符号用半角"
        )
    return sender


def _ca_file(section: Section, home: Path) -> Path | None:
    written = section.text("ca_file", longest=1000)
    if not written:
        return None
    path = home / written
    try:
        there = path.is_file()
    except OSError:  # a name too long, a folder that may not be entered
        there = False
    if not there:
        section.error(Code.CA_FILE, "ca_file", f"指向的 {shown(written)} 不存在或读不到", "放好证书文件，或删去这一行")
    return path


_Reader = Callable[[Section, str, Path, Mapping[str, str]], ChannelConfig]
_TYPES: dict[str, tuple[str, _Reader]] = {
    "mail": ("邮件", _read_mail),
    "outbox": ("只写文件，不真发", _read_outbox),
}
