"""channels.yaml: the media that messages go out on, one room of ``channel_kinds`` for each type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.channel_kinds.apprise import AppriseConfig, read_apprise
from config.channel_kinds.dingtalk import DingTalkConfig, read_dingtalk
from config.channel_kinds.feishu import FeishuConfig, read_feishu
from config.channel_kinds.mail import MailConfig, read_mail
from config.channel_kinds.outbox import OutboxConfig, read_outbox
from config.channel_kinds.webhook import WebhookConfig, read_webhook
from config.channel_kinds.wecom_app import WeComAppConfig, read_wecom_app
from config.channel_kinds.wecom_robot import WeComRobotConfig, read_wecom_robot
from config.fields import KEY, Section, top_section
from config.nodes import Mapping as MappingNode
from config.problems import Code, Problem, Sheet, shown
from config.strict_yaml import read_yaml

FILE = "channels.yaml"

ChannelConfig = (
    MailConfig | OutboxConfig | WeComRobotConfig | WeComAppConfig | DingTalkConfig | FeishuConfig | WebhookConfig | AppriseConfig
)

_Reader = Callable[[Section, str, Path, Mapping[str, str]], ChannelConfig]
_READERS: dict[str, tuple[str, _Reader]] = {
    "mail": ("邮件", read_mail),
    "outbox": ("只写文件，不真发", read_outbox),
    "wecom-robot": ("企业微信群机器人", read_wecom_robot),
    "wecom-app": ("企业微信应用，发给个人", read_wecom_app),
    "dingtalk": ("钉钉群机器人", read_dingtalk),
    "feishu": ("飞书群机器人", read_feishu),
    "webhook": ("本单位系统的接口", read_webhook),
    "apprise": ("其他 Apprise 地址", read_apprise),
}
TYPE_NAMES = {name: meaning for name, (meaning, _) in _READERS.items()}


@dataclass(frozen=True, slots=True)
class Channels:
    """What channels.yaml says. ``declared`` also names channels that are left out because of a fault."""

    configs: dict[str, ChannelConfig] = field(default_factory=dict)
    declared: dict[str, str] | None = None  # key -> type; None: the file could not be read
    problems: tuple[Problem, ...] = ()


def only_writes(configs: Iterable[ChannelConfig]) -> bool:
    """Whether nothing ever leaves the house: there are channels, and all of them write files."""
    types = {config.type for config in configs}
    return types == {OutboxConfig.type}


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
        written = "" if section is None else section.text("type")
        declared[key] = written if written in TYPE_NAMES else ""  # what is no type may be a secret in the wrong field
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
        return Section(value, listed.sheet, f"渠道 {key} ", discreet=True)
    listed.error(Code.FIELD_SHAPE, key, "应当是一组字段", f"写成 {key}: {{type: mail, …}}")
    return None


def _read_channel(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> ChannelConfig | None:
    before = section.sheet.errors
    section.require("type")
    kind = section.choice("type", TYPE_NAMES, "")
    if not kind:
        return None
    config = _READERS[kind][1](section, key, home, environ)
    section.close()
    return config if section.sheet.errors == before and section.node.sound else None
