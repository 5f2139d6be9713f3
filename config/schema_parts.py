"""The small pieces that the JSON Schemas are made of (draft 2020-12).

Editors read YAML 1.2, so that a number or ``true`` arrives typed while we read text: both forms are allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Schema = dict[str, Any]  # a JSON document

KEY_PATTERN = "^[a-z0-9][a-z0-9-]{0,59}$"
_DIGITS = "0-9０-９"


def text(description: str, *, least: int = 1, longest: int = 200, pattern: str | None = None) -> Schema:
    # A title may look like a number (123): it is text to us.
    found: Schema = {"type": ["string", "number"], "minLength": least, "maxLength": longest, "description": description}
    return found if pattern is None else {**found, "pattern": pattern}


def key(description: str) -> Schema:
    return {"type": ["string", "integer"], "pattern": KEY_PATTERN, "description": description}


def reference(description: str) -> Schema:
    """The key of something that is defined elsewhere."""
    return key(description)


def whole(description: str, least: int, most: int) -> Schema:
    pattern = f"^[+-]?[{_DIGITS}]+$"
    return {"type": ["integer", "string"], "minimum": least, "maximum": most, "pattern": pattern, "description": description}


def flag(description: str) -> Schema:
    return {"enum": [True, False, "true", "false"], "description": description}


def choice(description: str, known: Mapping[str, str]) -> Schema:
    meanings = "，".join(f"{word} {meaning}" for word, meaning in known.items())
    return {"enum": list(known), "description": f"{description}：{meanings}"}


def day(description: str) -> Schema:
    pattern = f"^[{_DIGITS}一二三四五六七八九〇○零]{{4}}"
    return {"type": ["string", "integer"], "pattern": pattern, "description": f"{description}（如 2026-03-01、2026年3月1日）"}


def month_day(description: str) -> Schema:
    # 3.5 is a number to an editor and 5 March to an office
    pattern = f"^[{_DIGITS}一二三四五六七八九十]{{1,3}}[-./月][{_DIGITS}一二三四五六七八九十]{{1,3}}[日号]?$"
    return {"type": ["string", "number"], "pattern": pattern, "description": f"{description}（如 03-01、3月1日）"}


def clock(description: str) -> Schema:
    return {"type": "string", "pattern": "^([01]?[0-9]|2[0-3])[:：][0-5][0-9]$", "description": description}


def mapping(description: str, fields: Mapping[str, Schema], required: Iterable[str] = ()) -> Schema:
    return {
        "type": "object",
        "description": description,
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }


def named(description: str, value: Schema, pattern: str = ".") -> Schema:
    """A mapping whose names the office chooses."""
    return {
        "type": "object",
        "description": description,
        "patternProperties": {pattern: value},
        "additionalProperties": False,
    }


def listed(description: str, item: Schema, *, unique: bool = False) -> Schema:
    return {"type": "array", "description": description, "items": item, "uniqueItems": unique}


def document(title: str, schema: Schema) -> Schema:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **schema}
