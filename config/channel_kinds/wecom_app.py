"""WeCom application （企业微信自建应用）: a message to each person's own WeCom."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import MARKDOWN_NAMES, Habits, Usage, read_usage
from config.channel_kinds.wire import Wire, read_wire
from config.fields import Section
from config.problems import Code
from config.secret import Secret, read_secret

OFFICIAL = "https://qyapi.weixin.qq.com"
LONGEST_CHECK = 14_400
# One member takes 30 a minute and 1,000 an hour of one application, and what is above is dropped although the answer
# is yes (document/path/90236). With 1,000 an hour for the whole application no member can come near the second; the
# first is out of reach because a person gets one message in a half-day, or at the most one in each tick.
# Plain text is the default: markdown cannot be read by who uses WeCom inside WeChat.
HABITS = Habits(markup="text", markups=MARKDOWN_NAMES, rates={"per_hour": 1000})
_CORP_ID = re.compile(r"[A-Za-z0-9_-]{5,64}")


@dataclass(frozen=True, slots=True)
class WeComAppConfig:
    """An application of the office's own WeCom."""

    type: ClassVar[str] = "wecom-app"
    key: str
    corp_id: str
    agent_id: int
    secret: Secret
    wire: Wire
    usage: Usage
    duplicate_check_seconds: int = LONGEST_CHECK


def read_wecom_app(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> WeComAppConfig:
    section.require("corp_id", "agent_id", "secret")
    wire = read_wire(section, home, OFFICIAL)
    return WeComAppConfig(
        key=key,
        corp_id=_corp_id(section),
        agent_id=section.whole("agent_id", 1, least=1, most=999_999_999),
        secret=read_secret(section, "secret", home, environ) or Secret(""),
        wire=wire,
        usage=read_usage(section, HABITS, official=wire.official),
        duplicate_check_seconds=section.whole("duplicate_check_seconds", LONGEST_CHECK, least=60, most=LONGEST_CHECK),
    )


def _corp_id(section: Section) -> str:
    corp_id = section.text("corp_id")
    if corp_id and not _CORP_ID.fullmatch(corp_id):
        hint = "管理后台“我的企业”页面最下面的企业ID，如 ww1234567890abcdef"
        section.error(Code.FIELD_KEY, "corp_id", "不是企业ID", hint)
    return corp_id
