"""Looks whether each row of an outcome table is the first that fits for some case."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notifications.http.answers import Row, first_fit
from tests.notifications.providers.cases import Case


def rows_without_a_case(
    table: Sequence[Row], cases: Sequence[Case], code_of: Callable[[Mapping[str, Any] | None], str]
) -> list[Row]:
    hit = set()
    for case in cases:
        read = _object(case.reply.body)
        words = str((read or {}).get("errmsg", ""))
        hit.add(id(first_fit(table, status=case.reply.status, code=code_of(read), words=words)))
    return [row for row in table if id(row) not in hit]


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None
