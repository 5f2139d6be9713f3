"""Digests of what was read: equal content gives an equal digest, whatever its place, order of fields or comments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from config.secret import Secret

_NOT_CONTENT = frozenset({"source", "revision"})


def digest(value: object) -> str:
    """SHA-256 of a value's canonical form, in hex. Dataclasses count with their name, secrets not at all."""
    canonical = json.dumps(_plain(value), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Secret):
        return "***"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, ZoneInfo | Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if is_dataclass(value):
        named = {field.name: _plain(getattr(value, field.name)) for field in fields(value) if field.name not in _NOT_CONTENT}
        return {"": type(value).__name__, **named}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    raise TypeError(f"no canonical form for {type(value).__name__}")
