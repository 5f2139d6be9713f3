"""The numbers that a duty asks for at its completion, as people type them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from planning.wording import normalise

_LARGEST = 999_999_999
_DIGITS = 9


def read_measures(
    asked: Sequence[Mapping[str, Any]], given: Mapping[str, str | int], *, nothing_to_report: bool
) -> tuple[dict[str, int], list[str]]:
    """The numbers by name, in the duty's order, and every problem as a clause.

    ``asked`` as in the duty's row: name, unit, required. With nothing to report the required numbers are 0.
    """
    problems: list[str] = []
    typed = {normalise(name): value for name, value in given.items()}
    known = {normalise(str(one["name"])): one for one in asked}
    problems.extend(_unknown(typed, known))
    read: dict[str, int] = {}
    for key, measure in known.items():
        name, value = str(measure["name"]), typed.get(key, "")
        if isinstance(value, str) and not value.strip():
            if not measure.get("required"):
                continue
            if nothing_to_report:
                read[name] = 0
            else:
                problems.append(f"缺少“{name}”（{measure.get('unit') or '数'}）")
            continue
        number = _number(value)
        if number is None:
            problems.append(f"“{name}”应为不小于0的整数，现在是“{value}”")
        elif number and nothing_to_report:
            problems.append(f"既报“无事”，又填了“{name}”{number}{measure.get('unit', '')}")
        else:
            read[name] = number
    return read, problems


def _unknown(typed: Mapping[str, str | int], known: Mapping[str, Mapping[str, Any]]) -> list[str]:
    strangers = [name for name in typed if name not in known]
    if not strangers:
        return []
    listed = "、".join(str(one["name"]) for one in known.values())
    hint = f"，可填的有{listed}" if listed else "，它没有指标"
    return [f"这一事项没有“{name}”这个指标{hint}" for name in strangers]


def _number(value: str | int) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value <= _LARGEST else None
    if any(unicodedata.category(char) == "No" for char in value):
        return None  # 12² would become 122
    plain = normalise(value)
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS else None
