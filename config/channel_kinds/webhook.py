"""A webhook: our own JSON to an address of the office's own systems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import MARKDOWN_NAMES, Grouping, Habits, Usage, read_usage
from config.channel_kinds.wire import forbid_plain, read_ca_file, read_secret_url, read_timeout
from config.fields import Section
from config.secret import Secret, read_secret

HABITS = Habits(grouping=Grouping.MAY, markup="text", markups=MARKDOWN_NAMES, rates={"per_minute": 30})


@dataclass(frozen=True, slots=True)
class WebhookConfig:
    """An address that takes our JSON. ``accepted_when``: what its answer must hold to count as a yes."""

    type: ClassVar[str] = "webhook"
    key: str
    url: Secret  # may hold a key
    usage: Usage
    secret: Secret | None = None  # signs the request
    accepted_when: tuple[str, str] | None = None  # field and value; None: no answer proves anything
    ca_file: Path | None = None
    timeout_seconds: int = 15


def read_webhook(section: Section, key: str, home: Path, environ: Mapping[str, str]) -> WebhookConfig:
    section.require("url")
    url = read_secret_url(section, "url", home, environ)
    forbid_plain(section, "url", url, allow_plain=section.flag("allow_plain", default=False))
    return WebhookConfig(
        key=key,
        url=url or Secret(""),
        usage=read_usage(section, HABITS),
        secret=read_secret(section, "secret", home, environ),
        accepted_when=_accepted_when(section),
        ca_file=read_ca_file(section, home),
        timeout_seconds=read_timeout(section),
    )


def _accepted_when(section: Section) -> tuple[str, str] | None:
    written = section.section("accepted_when", f"{section.what}的 accepted_when ")
    if written is None:
        return None
    written.require("field", "value")
    found = (written.text("field"), written.text("value"))
    written.close()
    return found if all(found) else None
