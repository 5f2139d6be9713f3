"""Digests of what was read: equal content gives an equal digest, whatever its place, order of fields or comments."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from config.secret import Secret

_AS_THEY_ARE = frozenset({type(None), bool, int, str})
_NOT_CONTENT = frozenset({"source", "revision"})


def digest(value: object) -> str:
    """SHA-256 of a value's canonical form, in hex. Dataclasses count with their name, secrets not at all."""
    canonical = json.dumps(_plain(value), ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return sha256(canonical.encode()).hexdigest()


def _plain(value: object) -> object:
    if type(value) in _AS_THEY_ARE:  # exactly these: an enum is a str as well
        return value
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, Secret):
        kind: type = type(value)
        return {"": kind.__name__, **{name: _plain(getattr(value, name)) for name in _field_names(kind)}}
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ZoneInfo | Path | Secret):
        return str(value)
    raise TypeError(f"no canonical form for {type(value).__name__}")


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in _NOT_CONTENT)
