"""What the log tells of a sign-in sheet: the same for the same lines, another for any other, and countable elsewhere."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest

from planning.attendance import SheetLine, SheetMark, mark_of, told_mark

WANG = SheetLine("wangmin", "王敏", "司法所", "2026-03-06T01:00:00.000000Z", "code", "", None)
GUEST = SheetLine("李四", "李四", "", "2026-03-06T01:00:05.000000Z", "page", "chenxia", None)
GONE = replace(GUEST, who="孙丽", name="孙丽", withdrawn_at="2026-03-06T01:10:00.000000Z")


def test_it_counts_who_is_there_and_covers_who_was_taken_off() -> None:
    whole = mark_of([WANG, GUEST, GONE])
    assert whole.count == 2
    assert whole.sha256 != mark_of([WANG, GUEST]).sha256
    assert mark_of([]) == SheetMark(0)
    assert mark_of([GONE]).sha256


def test_the_order_in_which_the_database_gives_the_lines_does_not_matter() -> None:
    assert mark_of([WANG, GUEST, GONE]) == mark_of([GONE, WANG, GUEST])


@pytest.mark.parametrize("column", ["who", "name", "unit_name", "at", "via", "recorded_by", "withdrawn_at"])
def test_another_value_in_any_column_is_another_sheet(column: str) -> None:
    assert mark_of([replace(WANG, **{column: "x"}), GUEST]).sha256 != mark_of([WANG, GUEST]).sha256


def test_whoever_has_the_lines_counts_the_same_digest_with_nothing_of_ours() -> None:
    lines = [
        ["wangmin", "王敏", "司法所", "2026-03-06T01:00:00.000000Z", "code", "", None],
        ["李四", "李四", "", "2026-03-06T01:00:05.000000Z", "page", "chenxia", None],
    ]
    written = sorted(json.dumps(line, ensure_ascii=False, separators=(",", ":")) for line in lines)
    digest = hashlib.sha256(b"suishi-sheet-v1\0" + f"[{','.join(written)}]".encode()).hexdigest()
    assert mark_of([WANG, GUEST]) == SheetMark(2, digest)


def test_what_an_entry_tells_is_read_back_and_an_older_entry_tells_nothing() -> None:
    for lines in ([], [WANG], [WANG, GONE]):
        assert told_mark({"attendance": mark_of(lines).for_log()}) == mark_of(lines)
    assert told_mark({"turn": 1}) is None
    for odd in (None, "x", [], {}, {"count": "2"}, {"count": 2, "sha256": 5}):
        with pytest.raises(TypeError):
            told_mark({"attendance": odd})
