"""Rows as tests put them straight into tables: every column, with what is usual."""

from __future__ import annotations

from typing import Any


def message_row(**columns: Any) -> dict[str, Any]:
    """A message that waits; ``ref``, ``dedupe_key``, ``built_at`` and ``next_at`` are the caller's to give."""
    usual = {
        "kind": "reminders",
        "about": [],
        "person": "wangmin",
        "name": "王敏",
        "channel": "mail",
        "rank": 0,
        "fallback_of": None,
        "address": "wangmin@caohui.example",
        "subject": "提醒",
        "text": "提醒",
        "html": "",
        "calendar": "",
        "headers": {},
        "links": [],
        "state": "pending",
        "tries": 0,
        "crashes": 0,
        "ambiguous": 0,
        "provider_id": "",
        "verified": True,
        "last_error": "",
    }
    return usual | columns
