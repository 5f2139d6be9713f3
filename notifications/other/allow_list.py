"""Which Apprise addresses may be used: those of services that an office can run in its own house.

Everything else hands the township's words to a third party, and is refused until the admin names it. Nothing here
loads Apprise: the reader of channels.yaml asks before any channel is opened.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

OWN_HOUSE: dict[str, str] = {
    "json": "自建接口，JSON 格式",
    "jsons": "自建接口，JSON 格式，经 TLS",
    "form": "自建接口，表单格式",
    "forms": "自建接口，表单格式，经 TLS",
    "xml": "自建接口，XML 格式（多见于老办公系统）",
    "xmls": "自建接口，XML 格式，经 TLS",
    "ntfy": "自建 ntfy 推送服务器，须写明主机",
    "ntfys": "自建 ntfy 推送服务器，经 TLS，须写明主机",
    "gotify": "自建 Gotify 推送服务器",
    "gotifys": "自建 Gotify 推送服务器，经 TLS",
    "bark": "自建 Bark 服务器（苹果手机的推送最后一段必经苹果公司，任何应用都是如此）",
    "barks": "自建 Bark 服务器，经 TLS（同上）",
    "mmost": "自建 Mattermost 工作群",
    "mmosts": "自建 Mattermost 工作群，经 TLS",
    "rocket": "自建 Rocket.Chat 工作群",
    "rockets": "自建 Rocket.Chat 工作群，经 TLS",
    "matrix": "自建 Matrix 服务器",
    "matrixs": "自建 Matrix 服务器，经 TLS",
    "nctalk": "自建 Nextcloud 的群聊",
    "nctalks": "自建 Nextcloud 的群聊，经 TLS",
    "ncloud": "自建 Nextcloud 的通知",
    "nclouds": "自建 Nextcloud 的通知，经 TLS",
    "synology": "单位群晖存储上的 Chat",
    "synologys": "单位群晖存储上的 Chat，经 TLS",
    "syslog": "本机系统日志",
    "rsyslog": "单位日志服务器",
}
"""Schema and why it may be used. What a server of the office's own takes stays in the house."""

OWN_KINDS: dict[str, str] = {
    "mailto": "mail",
    "mailtos": "mail",
    "wecombot": "wecom-robot",
    "wechat": "wecom-app",
    "dingtalk": "dingtalk",
    "feishu": "feishu",
    "http": "webhook",
    "https": "webhook",
}
"""Schemas for which there is a channel that reads the provider's answer; they are never used blindly."""

_RELAYS: dict[str, str] = {
    "wecom": "PushPlus 中转（并不是企业微信；企业微信请用 type: wecom-app 或 wecom-robot）",
    "pushplus": "PushPlus 中转",
    "schan": "Server 酱中转",
    "wxpusher": "WxPusher 中转",
    "qq": "Qmsg 酱中转",
    "spugpush": "Spug 推送中转",
    "pushme": "PushMe 中转",
    "chanify": "Chanify 中转",
    "lark": "境外服务 Lark（境内飞书请用 type: feishu）",
}
"""The traps: names that look domestic or official. Every other unlisted schema is refused just the same."""

_SCHEMA = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]*)://")
_BLIND = {
    "retry": "重试由岁时安排，收件人才不会收到多份",
    "wait": "重试由岁时安排，收件人才不会收到多份",
    "optional": "它会把失败当成功",
    "overflow": "消息的长短由岁时安排",
    "redirect": "岁时从不跟随跳转",
    "redirects": "岁时从不跟随跳转",
    "attach": "岁时从不让 Apprise 读取文件或网址",
}
_NO = frozenset({"no", "false", "0", "off", "n", "f", "never", "disable", "disabled", "deny"})
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]+")  # what is no host, Apprise takes for a topic of the cloud
_NEEDS_OWN_HOST = {"ntfy": "ntfy.sh", "ntfys": "ntfy.sh", "matrix": "t2bot.io", "matrixs": "t2bot.io"}


def schema_of(url: str) -> str:
    """The schema in small letters, ``jsons``; empty when there is none."""
    found = _SCHEMA.match(url.strip())
    return found[1].lower() if found else ""


def refuse_url(url: str, also_allowed: Collection[str] = ()) -> str | None:
    """Why the address may not be used, as a Chinese sentence that repeats none of its secrets; None when it may.

    ``also_allowed`` are schemas that the admin names on purpose. They lift the refusal of third parties, never that of
    a schema for which there is a channel of ours, nor of a parameter that would make failures invisible.
    """
    schema = schema_of(url)
    if not schema:
        return "Apprise 地址必须以“协议名://”开头，例如 ntfys://主机/主题。"
    if schema in OWN_KINDS:
        return f"{schema}:// 请改用 type: {OWN_KINDS[schema]}：岁时自己的渠道会核对对方是否真的收下。"
    if schema not in OWN_HOUSE and schema not in also_allowed:
        where = _RELAYS.get(schema, "第三方或境外的服务")
        return f"{schema}:// 是{where}，会把单位的文字交到别人手里，默认不准使用；确有必要时，请在 also_allow 中写明 {schema}。"
    return _refuse_parameter(schema, url) or (None if schema in also_allowed else _refuse_cloud(schema, url))


def _refuse_parameter(schema: str, url: str) -> str | None:
    for name, value in _parameters(url):
        if name in _BLIND:
            return f"{schema}:// 地址中不能写 {name}=：{_BLIND[name]}。请删去这个参数。"
        if name == "verify" and value.lower() in _NO:
            return f"{schema}:// 地址中不能写 verify={value}：证书必须核对。请把单位的根证书装入系统，再删去这个参数。"
    return None


def _refuse_cloud(schema: str, url: str) -> str | None:
    """Some schemas mean the maker's own cloud when no host, or a mode, is written."""
    cloud = _NEEDS_OWN_HOST.get(schema)
    if cloud is None:
        return None
    try:
        rest = urlsplit(f"//{url.strip().partition('://')[2].replace('#', '%23')}")  # a room's name may begin so
        host = rest.hostname or ""
    except ValueError:
        host = ""
    named = _HOST.fullmatch(host) is not None and not host.endswith(cloud) and rest.path.strip("/") != ""
    if not named or dict(_parameters(url)).get("mode", "").lower() in {"cloud", "t2bot"}:
        return f"{schema}:// 没有写明自建服务器的主机和目标，会发往境外的 {cloud}，不准使用；请写成 {schema}://主机/目标。"
    return None


def _parameters(url: str) -> list[tuple[str, str]]:
    """As Apprise takes an address apart: at & and ; alike, names unquoted, stripped and in small letters."""
    pairs = (pair.partition("=") for pair in re.split("[&;]", url.partition("?")[2]))
    return [(unquote(name).strip().lower(), unquote(value).strip()) for name, _, value in pairs]
