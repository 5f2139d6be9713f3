"""Outcome tables under test: which row of a table decides about an answer, so that no row stays without a case."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from notifications.envelope import Outcome, Scope, Verdict
from notifications.http import answers as http
from notifications.http.answers import Row
from notifications.http.poster import Answer
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.server import Reply

OUT_OF_THE_HOUSE = [one for one in COMMON_CASES if one.reply.status // 100 != 2 or b"<html" in one.reply.body]
"""What stands between us and any receiver says: statuses other than 2xx, and pages."""


def case(reply: Reply, verdict: Verdict, scope: Scope = Scope.MESSAGE, code: str = "", retry_after: float | None = None) -> Case:
    """A case that is called by what is said in it."""
    return Case(f"{reply.status} {reply.body[:70].decode(errors='replace')}", reply, verdict, scope, code, retry_after)


def answer_of(reply: Reply) -> Answer:
    """The answer as the poster would hand it on."""
    try:
        read = json.loads(reply.body)
    except (ValueError, RecursionError):
        read = None
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Answer(reply.status, headers, reply.body, read if isinstance(read, dict) else None)


def idle_rows(
    table: Sequence[Row], cases: Sequence[Case], judge: Callable[[Answer], Outcome], monkeypatch: pytest.MonkeyPatch
) -> list[Row]:
    """The rows of a table that decide about none of the cases. The answers pass through the channel's own ``judge``."""
    found: list[Row] = []
    decide = http.judge

    def watched(rows: Sequence[Row], answer: Answer, **said: Any) -> Outcome:
        found.append(next(row for row in rows if row.fits(answer.status, said["code"], said["words"])))
        return decide(rows, answer, **said)

    monkeypatch.setattr(http, "judge", watched)
    for one in cases:
        judge(answer_of(one.reply))
    return [row for row in table if not any(row is one for one in found)]
