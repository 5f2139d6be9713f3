"""What an entry of the log is about; of a plan, how many items it added, moved and withdrew, and for which files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planning.acts import PLANNED
from reports.history import payload_of
from reports.log import LogLine

_COUNTED = (("added", "新增"), ("moved", "改期"), ("withdrawn", "撤回"), ("updated", "其他更新"))


def subject_words(line: LogLine) -> tuple[str, ...]:
    """The item's title, or what a plan did, piece by piece; empty when the entry does not say."""
    said = payload_of(line)
    if line.kind == PLANNED:
        return planned_words(said)
    title = said.get("title")
    return (title,) if isinstance(title, str) and title else ()


def planned_words(said: Mapping[str, Any]) -> tuple[str, ...]:
    """``said`` is the entry's payload; older entries say less, and one that was spoilt nothing."""
    counts = [f"{word} {said[name]} 项" for name, word in _COUNTED if isinstance(said.get(name), int) and said[name]]
    files = [f"改动的文件 {name}" for name in _texts(said, "files")]
    return (*counts, *_texts(said, "updates"), *files) or ("没有改动办理项",)


def _texts(said: Mapping[str, Any], name: str) -> list[str]:
    listed = said.get(name)
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []
