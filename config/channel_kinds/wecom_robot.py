"""WeCom group robot （企业微信群机器人）: one address for a whole group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import MARKDOWN_NAMES, Grouping, Habits, Usage, read_usage
from config.channel_kinds.wire import Wire, read_token, read_wire
from config.fields import Section
from config.secret import Secret

OFFICIAL = "https://qyapi.weixin.qq.com"
# 20 a minute for each robot: developer.work.weixin.qq.com/document/path/99110. Two are left to whoever else uses it.
HABITS = Habits(
    grouping=Grouping.ALWAYS,
    markup="markdown",
    markups=MARKDOWN_NAMES,
    rates={"per_minute": 18},
    limits={"per_minute": 20},
)


@dataclass(frozen=True, slots=True)
class WeComRobotConfig:
    """A robot in a WeCom group."""

    type: ClassVar[str] = "wecom-robot"
    key: str
    robot_key: Secret
    wire: Wire
    usage: Usage


def read_wecom_robot(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> WeComRobotConfig:
    wire = read_wire(section, home, OFFICIAL)
    token = read_token(section, "key", home, environ, query="key", base_url=wire.base_url)
    return WeComRobotConfig(key, token or Secret(""), wire, read_usage(section, HABITS, official=wire.official))
