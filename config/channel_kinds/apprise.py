"""Any other address that Apprise understands, from an allow-list: for the admin's own tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import Grouping, Habits, Usage, read_usage
from config.fields import Section
from config.problems import Code
from config.secret import Secret, read_secret

HABITS = Habits(grouping=Grouping.MAY, markup="text", rates={"per_minute": 30})


@dataclass(frozen=True, slots=True)
class AppriseConfig:
    """An Apprise address. ``also_allow`` names schemas beyond the list, taken knowingly."""

    type: ClassVar[str] = "apprise"
    key: str
    url: Secret
    usage: Usage
    also_allow: tuple[str, ...] = ()


def read_apprise(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> AppriseConfig:
    section.require("url")
    also_allow = tuple(schema.lower() for schema in section.texts("also_allow"))
    url = read_secret(section, "url", home, environ)
    if url is not None:
        _check(section, url, also_allow)
    return AppriseConfig(key, url or Secret(""), read_usage(section, HABITS), also_allow)


def _check(section: Section, url: Secret, also_allow: tuple[str, ...]) -> None:
    from notifications.other.allow_list import refuse_url  # a home without such a channel never loads it

    refusal = refuse_url(url.reveal(), frozenset(also_allow))
    if refusal is not None:
        hint = "照这句话改存放的地址；许可的写法见 docs/channels.md"
        section.error(Code.APPRISE_URL, "url", f"不能用：{refusal.rstrip('。')}", hint)
