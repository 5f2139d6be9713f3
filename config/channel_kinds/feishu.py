"""Feishu robot （飞书群机器人）: one address for a whole group, signed when it has a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import MARKDOWN_NAMES, Grouping, Habits, Usage, read_usage
from config.channel_kinds.wire import Wire, read_token, read_wire
from config.fields import Section
from config.secret import Secret, read_secret

OFFICIAL = "https://open.feishu.cn"
# 100 a minute and 5 a second for each robot of a tenant: document/client-docs/bot-v3/add-custom-bot.
HABITS = Habits(
    grouping=Grouping.ALWAYS,
    markup="markdown",
    markups=MARKDOWN_NAMES,
    rates={"per_second": 4, "per_minute": 80},
    limits={"per_second": 5, "per_minute": 100},
)


@dataclass(frozen=True, slots=True)
class FeishuConfig:
    """A custom robot in a Feishu group."""

    type: ClassVar[str] = "feishu"
    key: str
    token: Secret
    wire: Wire
    usage: Usage
    secret: Secret | None = None  # 签名校验


def read_feishu(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> FeishuConfig:
    wire = read_wire(section, home, OFFICIAL)
    token = read_token(section, "token", home, environ, base_url=wire.base_url)
    return FeishuConfig(
        key=key,
        token=token or Secret(""),
        wire=wire,
        usage=read_usage(section, HABITS, official=wire.official),
        secret=read_secret(section, "secret", home, environ),
    )
