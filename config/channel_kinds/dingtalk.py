"""DingTalk robot （钉钉群机器人）: one address for a whole group, signed when it has a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import MARKDOWN_NAMES, Grouping, Habits, Usage, read_usage
from config.channel_kinds.wire import Wire, read_token, read_wire
from config.fields import Section
from config.secret import Secret, read_secret

OFFICIAL = "https://oapi.dingtalk.com"
# 20 a minute for each robot, and ten minutes' silence for who goes above: document/group/custom-robot-access.
HABITS = Habits(
    grouping=Grouping.ALWAYS,
    markup="markdown",
    markups=MARKDOWN_NAMES,
    rates={"per_minute": 18},
    limits={"per_minute": 20},
)


@dataclass(frozen=True, slots=True)
class DingTalkConfig:
    """A custom robot in a DingTalk group."""

    type: ClassVar[str] = "dingtalk"
    key: str
    token: Secret
    wire: Wire
    usage: Usage
    secret: Secret | None = None  # 加签: begins with SEC


def read_dingtalk(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> DingTalkConfig:
    wire = read_wire(section, home, OFFICIAL)
    token = read_token(section, "token", home, environ, query="access_token", base_url=wire.base_url)
    return DingTalkConfig(
        key=key,
        token=token or Secret(""),
        wire=wire,
        usage=read_usage(section, HABITS, official=wire.official),
        secret=read_secret(section, "secret", home, environ),
    )
