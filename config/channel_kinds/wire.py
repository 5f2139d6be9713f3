"""Where a provider is reached: its address, the certificate that proves it, how long to wait."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, urlsplit

from config.fields import Section
from config.nodes import Scalar
from config.problems import Code
from config.secret import Secret, is_reference, read_secret

LOOPBACK = re.compile(r"localhost|::1|127(\.[0-9]{1,3}){3}")
_BARE_URL = re.compile(r"https?://[^\s/?#@\\]+(/[^\s?#@\\]*)?", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,200}")
_PLAIN_PART = 16
"""Characters of one part of a path from which on it may be a key (Slack, healthchecks and n8n put theirs there)."""


@dataclass(frozen=True, slots=True)
class Wire:
    """How a provider's server is reached over HTTP."""

    base_url: str
    official: bool = True  # the provider's own server, where its published limits hold
    ca_file: Path | None = None
    timeout_seconds: int = 15  # total deadline of one hand-over


def read_wire(section: Section, home: Path, official: str) -> Wire:
    """Read base_url, allow_plain, ca_file and timeout_seconds. No sentence repeats an address: it may hold a key."""
    plain = section.flag("allow_plain", default=False)
    base_url = official
    written = section.text("base_url", longest=1000).rstrip("/")
    if written:
        parts = split_url(written)
        if parts is None or not _BARE_URL.fullmatch(written):
            hint = f"写成 {official} 这样，不带密钥、? 和 #；用官方服务的删去这一行"
            section.error(Code.BASE_URL, "base_url", "不是接口的网址", hint)
        elif _plain_abroad(parts) and not plain:
            hint = "改成 https://；内网里确实只能不加密的，写明 allow_plain: true"
            section.error(Code.SECURITY_NONE, "base_url", "不加密，而且不是本机", hint)
        else:
            base_url = written
    return Wire(base_url, host_of(base_url) == host_of(official), read_ca_file(section, home), read_timeout(section))


def read_timeout(section: Section) -> int:
    return section.whole("timeout_seconds", 15, least=2, most=120)


def read_ca_file(section: Section, home: Path) -> Path | None:
    written = section.text("ca_file", longest=1000)
    if not written:
        return None
    path = home / written
    try:
        there = path.is_file()
    except OSError:  # a name too long, a folder that may not be entered
        there = False
    if not there:
        section.error(Code.CA_FILE, "ca_file", "指向的文件不存在或读不到", "放好证书文件，或删去这一行")
    return path


def read_token(
    section: Section, name: str, home: Path, environ: Mapping[str, str], *, query: str = "", base_url: str
) -> Secret | None:
    """Read a robot's key. The whole Webhook address, as the console shows it, is taken as well.

    ``query`` names the part of the address that holds the key; empty: it is the last part of the path. An address of
    another server than ``base_url`` is refused: the key would be handed to a server that did not make it.
    """
    section.require(name)
    secret = read_secret(section, name, home, environ)
    if secret is None:
        return None
    value = secret.reveal().strip()
    if "://" in value:
        parts = split_url(value)
        if parts is None or parts.hostname != host_of(base_url):
            hint = "只存密钥本身；或在 base_url 里写上这个网址开头的服务器"
            section.error(Code.SECRET_VALUE, name, "存的网址不是 base_url 那个服务器的", hint)
            return None
        value = parse_qs(parts.query).get(query, [""])[0] if query else parts.path.rstrip("/").rpartition("/")[2]
    if not _TOKEN.fullmatch(value):
        hint = "从管理后台重新复制 Webhook 地址，整个地址或其中的密钥都可以，只占一行"
        section.error(Code.SECRET_VALUE, name, "存的内容不像密钥", hint)
        return None
    return Secret(value)


def read_secret_url(section: Section, name: str, home: Path, environ: Mapping[str, str]) -> Secret | None:
    """Read an http(s) address that may hold a key. Only one that plainly holds none may stand in the file itself."""
    value = section.get(name)
    if not isinstance(value, Scalar) or is_reference(value.text) or _may_hold_a_key(value.text.strip()):
        secret = read_secret(section, name, home, environ)
    else:
        secret = Secret(value.text.strip())
    if secret is None:
        return None
    parts = split_url(secret.reveal().strip())
    if parts is None or parts.scheme not in {"http", "https"}:
        section.error(Code.BASE_URL, name, "不是网址", "写成 https://服务器/路径，不含空格")
        return None
    return Secret(secret.reveal().strip())


def forbid_plain(section: Section, name: str, url: Secret | None, *, allow_plain: bool) -> None:
    """Note an address without encryption beyond this machine."""
    parts = split_url(url.reveal()) if url else None
    if parts is not None and _plain_abroad(parts) and not allow_plain:
        hint = "改成 https://；内网里确实只能不加密的，写明 allow_plain: true"
        section.error(Code.SECURITY_NONE, name, "不加密，而且不是本机", hint)


def split_url(url: str) -> SplitResult | None:
    """The parts of a URL that names a server; None for anything else."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0) and url.isprintable() and " " not in url
    except ValueError:  # brackets that do not close, a port that is no number
        return None
    return parts if usable else None


def host_of(url: str) -> str:
    parts = split_url(url)
    return (parts.hostname or "") if parts else ""


def _plain_abroad(parts: SplitResult) -> bool:
    return parts.scheme == "http" and not LOOPBACK.fullmatch(parts.hostname or "")


def _may_hold_a_key(url: str) -> bool:
    """Whether more than a plain server and short words stand in the address."""
    parts = split_url(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        return True
    longest = max((len(part) for part in parts.path.split("/")), default=0)
    return bool(parts.query or parts.fragment or "@" in parts.netloc) or longest >= _PLAIN_PART
