"""The JSON Schema of channels.yaml: one form for each type of channel."""

from __future__ import annotations

from collections.abc import Mapping

from config.channel_kinds.mail import SECURITY_NAMES
from config.channel_kinds.usage import (
    DETAIL_NAMES,
    MOST_EVER,
    ON_UNKNOWN_NAMES,
    RATE_NAMES,
    Grouping,
    Habits,
)
from config.channel_rules import HABITS
from config.channels import TYPE_NAMES
from config.schema_parts import KEY_PATTERN, Schema, choice, document, flag, listed, mapping, named, text, whole

_REFERENCE = r"^\s*\$\{(file|env):[^{}]+\}\s*$"


def channels_schema() -> Schema:
    channel = {"oneOf": [_form(kind) for kind in TYPE_NAMES]}
    return document("渠道", mapping("channels.yaml", {"channels": named("渠道", channel, KEY_PATTERN)}, ["channels"]))


def _form(kind: str) -> Schema:
    fields, required = _FORMS[kind]
    habits = HABITS[kind]
    usage = {} if kind == "outbox" else _usage(habits)
    group = ["group"] if habits.grouping is Grouping.ALWAYS else []
    return mapping(TYPE_NAMES[kind], {"type": {"const": kind}, **fields, **usage}, ["type", *required, *group])


def _usage(habits: Habits) -> dict[str, Schema]:
    rate = {name: whole(f"{meaning}最多几条", 1, MOST_EVER) for name, meaning in RATE_NAMES.items()}
    fields: dict[str, Schema] = {
        "links": flag("消息里带本人的办理链接；发给群的默认 false：群里谁点了都能以别人的名义登记"),
        "detail": choice("消息写多少；发给群的默认 title", DETAIL_NAMES),
        "rate": mapping("最快发多快", rate),
        "on_unknown": choice("不知道对方收没收到时", ON_UNKNOWN_NAMES),
    }
    if habits.grouping is not Grouping.NEVER:
        fields["group"] = text("群的名称，大家平时怎么叫就怎么写", longest=60)
    if habits.markups:
        fields["markup"] = choice("排版", habits.markups)
    return fields


def _secret(what: str) -> Schema:
    return text(f"{what}存放的地方：${{file:secrets/文件名}} 或 ${{env:变量名}}", pattern=_REFERENCE)


def _wire(official: str) -> dict[str, Schema]:
    return {
        "base_url": text(f"接口的网址，默认 {official}", longest=1000, pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"),
        **_ALLOW_PLAIN,
        **_TRUST,
    }


_ALLOW_PLAIN: Mapping[str, Schema] = {"allow_plain": flag("允许对外不加密；默认 false")}
_TRUST: Mapping[str, Schema] = {
    "ca_file": text("自签证书的根证书文件", longest=1000),
    "timeout_seconds": whole("一条消息最多等多少秒", 2, 120),
}
_MAIL: Mapping[str, Schema] = {
    "host": text("邮件服务器", pattern=r"^[A-Za-z0-9:][A-Za-z0-9.:-]*$"),
    "port": whole("端口", 1, 65535),
    "security": choice("加密", SECURITY_NAMES),
    "user": text("用户名"),
    "password": _secret("密码"),
    "sender": text("发件人，如 曹回镇法治办 <fazhi@caohui.example>", pattern="@"),
    "ca_file": text("自签证书的根证书文件", longest=1000),
    "timeout_seconds": whole("一封信最多等多少秒", 5, 600),
    "recycle_after": whole("一条连接发多少封后重连", 1, 1000),
    **_ALLOW_PLAIN,
}
_WECOM = "https://qyapi.weixin.qq.com"
_ACCEPTED_WHEN = mapping(
    "回答里有这一项才算收下；不写就只记为“未核实”",
    {"field": text("字段名，如 errcode"), "value": text("值，如 0")},
    ["field", "value"],
)
_FORMS: Mapping[str, tuple[Mapping[str, Schema], list[str]]] = {
    "mail": (_MAIL, ["host", "sender"]),
    "outbox": ({}, []),
    "wecom-robot": ({"key": _secret("机器人的 Webhook 地址或密钥"), **_wire(_WECOM)}, ["key"]),
    "wecom-app": (
        {
            "corp_id": text("企业ID", pattern="^[A-Za-z0-9_-]{5,64}$"),
            "agent_id": whole("应用的 AgentId", 1, 999_999_999),
            "secret": _secret("应用的 Secret"),
            "duplicate_check_seconds": whole("这么多秒内同样的消息由企业微信去重", 60, 14_400),
            **_wire(_WECOM),
        },
        ["corp_id", "agent_id", "secret"],
    ),
    "dingtalk": (
        {"token": _secret("Webhook 地址或 access_token"), "secret": _secret("加签的密钥"), **_wire("https://oapi.dingtalk.com")},
        ["token"],
    ),
    "feishu": (
        {"token": _secret("Webhook 地址或其最后一段"), "secret": _secret("签名校验的密钥"), **_wire("https://open.feishu.cn")},
        ["token"],
    ),
    "webhook": (
        {
            "url": text("接口的网址；可能含密钥的写成 ${file:…} 或 ${env:…}", longest=1000, pattern=r"^\s*(https?://|\$\{)"),
            "secret": _secret("签名的密钥"),
            "accepted_when": _ACCEPTED_WHEN,
            **_ALLOW_PLAIN,
            **_TRUST,
        },
        ["url"],
    ),
    "apprise": (
        {"url": _secret("Apprise 地址"), "also_allow": listed("另外允许的地址开头，如 tgram", text("名字"), unique=True)},
        ["url"],
    ),
}
