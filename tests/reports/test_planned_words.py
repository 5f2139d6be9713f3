"""What a plan's entry in the log says: counts, kinds of change and files, as far as the entry tells them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from reports.log import LogLine
from reports.planned_words import subject_words

COUNTS = {"added": 0, "moved": 0, "withdrawn": 0, "updated": 0}


def line(kind: str, payload: str) -> LogLine:
    return LogLine(1, datetime(2026, 3, 2, tzinfo=UTC), "cli", "plan", kind, "plan", payload, "", "0" * 64)


def words(**said: Any) -> tuple[str, ...]:
    return subject_words(line("planned", json.dumps(COUNTS | said)))


def test_an_entry_of_before_tells_its_counts() -> None:
    assert words(added=12, moved=3, moves=["a:2026 2026-03-01→2026-03-02"]) == ("新增 12 项", "改期 3 项")


def test_a_newer_one_tells_the_kinds_of_change_and_the_files() -> None:
    said = words(updated=40, updates=["新增承办 李梅 40 项"], files=["people.yaml"])
    assert said == ("其他更新 40 项", "新增承办 李梅 40 项", "改动的文件 people.yaml")


def test_a_plan_that_only_retired_a_duty_says_that_no_item_changed() -> None:
    assert words() == ("没有改动办理项",)


@pytest.mark.parametrize("payload", ["", "[]", "{", '{"updates": 7, "added": "viele", "files": [1, {}]}'])
def test_an_entry_that_was_spoilt_is_still_listed(payload: str) -> None:
    assert subject_words(line("planned", payload)) == ("没有改动办理项",)


def test_any_other_entry_is_about_its_item() -> None:
    assert subject_words(line("done", '{"title": "专题学法"}')) == ("专题学法",)
    assert subject_words(line("done", "{}")) == ()
