"""The outbox: files in place of a real channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from config.channel_kinds.usage import Habits, Usage
from config.fields import Section

HABITS = Habits()


@dataclass(frozen=True, slots=True)
class OutboxConfig:
    """Writes what would be sent to ``outbox/`` in the home."""

    type: ClassVar[str] = "outbox"
    key: str
    usage: Usage = field(default_factory=Usage)


def read_outbox(_section: Section, key: str, _home: Path, _environ: Mapping[str, str]) -> OutboxConfig:
    return OutboxConfig(key=key)
