"""Changes of suishi.yaml, as far as a page may make them.

Where the program listens, where its database lies, what is secret and how messages leave stays with whoever has the
machine: a page that could change it could lock its own admin out, or send the town's messages elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping

from config.editing.document import Document
from config.editing.refusals import EditRefused
from config.editing.spelling import Value
from config.problems import shown

EDITABLE = {
    "office": "单位全称",
    "title": "页面名称",
    "silent_before": "启用日",
    "admin": "管理员",
    "second_admin": "第二管理员",
    "remind_at": "每天提醒的时刻",
    "day_ends_at": "只写日期的时限指当天几时",
    "windows": "发送时段",
    "message_detail": "消息写多少",
    "extension_approval": "延期由谁批准",
    "ladders": "提醒阶梯",
    "default_ladders": "各类事项默认的阶梯",
}
"""The fields a page may change, and what they are called on it."""

_ORDER = (
    *("office", "title", "timezone", "production", "silent_before", "admin", "second_admin", "ping_url", "base_url", "listen"),
    *("prefect_port", "database_url", "remind_at", "day_ends_at", "windows", "message_detail", "mail_domain"),
    *("extension_approval", "delivery", "ladders", "default_ladders"),
)


def change_settings(text: str, changes: Mapping[str, Value | None]) -> str:
    """Give fields new values; None takes a field out, so that its default holds. Raises EditRefused (not_editable)."""
    document = Document.of(text)
    for name, value in changes.items():
        if name not in EDITABLE:
            raise _not_here(name)
        document = document.remove((name,)) if value is None else document.set((name,), value, order=_ORDER)
    return document.text


def change_ladder(text: str, name: str, steps: str) -> str:
    """Give the ladder of this name other steps (``T-7 T0 T+1=owner,overseer``), or add one."""
    document = Document.of(text)
    path = ("ladders",) if document.get(("ladders",)) is None else ("ladders", name)
    return document.set(path, steps if len(path) > 1 else {name: steps}, order=_ORDER).text


def refuse_forbidden(before: str, after: str) -> None:
    """Raises EditRefused (not_editable) when the two texts differ in a field that is no page's business."""
    old, new = Document.of(before).get(()), Document.of(after).get(())
    if isinstance(old, dict) and isinstance(new, dict):
        for name in {**old, **new}:
            if name not in EDITABLE and old.get(name) != new.get(name):
                raise _not_here(name)


def _not_here(name: str) -> EditRefused:
    return EditRefused(f"{shown(name)} 不能在页面上改：请管理员在服务器上的 suishi.yaml 里改。", code="not_editable")
