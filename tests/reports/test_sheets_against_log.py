"""签到表: a name that was added, removed or altered in the database after the session was recorded is found."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from models.gathering import attendances
from models.occurrence import occurrences
from planning.attendance import IN_LOG
from reports.log import log
from reports.verification import verify
from services.attendance import Attendee, attend, take_off
from services.change import reopen, waive
from services.complete import complete
from tests.reports.tampering import behind_our_back, rebuild, tampered

FIRST, SECOND, EMPTY = "study-law:2026-01", "study-law:2026-02", "study-law:2026-03"
WANG, CHEN, GUEST = Attendee("wangmin", "王敏", "司法所"), Attendee("chenxia", "陈霞", "司法所"), Attendee("", "李四", "某公司")


@pytest.fixture
def held(office: Any, clock: Any) -> Any:
    """Two sessions with sheets and one without, all recorded; entries 1 to 3."""
    for month in (1, 2, 3):
        office.occurrence(period=f"2026-0{month}")
    for who in (WANG, CHEN, GUEST):
        attend(office.store, FIRST, who, via="code", now=clock(3, 2, 9))
    take_off(office.store, FIRST, sheet(office, FIRST)["李四"], by="chenxia", now=clock(3, 2, 10))
    attend(office.store, SECOND, CHEN, via="page", recorded_by="wangmin", now=clock(3, 3, 9))
    for ref in (FIRST, SECOND, EMPTY):
        office.done(ref, clock(3, 4))
    return office


def sheet(office: Any, ref: str) -> dict[str, int]:
    """Names and their rows, of who came and of who was taken off again."""
    joined = select(attendances.c.name, attendances.c.id).join(occurrences, occurrences.c.id == attendances.c.occurrence_id)
    with office.store.read() as db:
        rows = db.execute(joined.where(occurrences.c.period == ref.partition(":")[2])).all()
    return {row.name: row.id for row in rows}


def found(office: Any) -> str:
    return " ".join(verify(office.store).sentences)


def test_the_entry_tells_how_many_came_and_names_nobody(held: Any) -> None:
    said = [json.loads(line.payload)[IN_LOG] for line in log(held.store).lines[::-1]]
    assert [one["count"] for one in said] == [2, 1, 0]
    assert [len(one.get("sha256", "")) for one in said] == [64, 64, 0]
    assert "王敏" not in "".join(line.payload for line in log(held.store).lines)
    assert verify(held.store).ok


NAME_ADDED = (
    "INSERT INTO attendance (occurrence_id, who, name, unit_name, at, via, recorded_by)"
    " SELECT id, 'sunli', '孙丽', '', planned_at, 'page', '' FROM occurrence WHERE period = ?"
)
SESSION = "(SELECT id FROM occurrence WHERE period = ?)"

ONE_SHEET: list[tuple[str, tuple[str, ...], int, str]] = [
    (NAME_ADDED, ("2026-01",), 1, "记录的是2人，现在有3人"),
    (NAME_ADDED, ("2026-03",), 3, "记录的是0人，现在有1人"),
    ("DELETE FROM attendance WHERE who = 'wangmin'", (), 1, "记录的是2人，现在有1人"),
    (f"DELETE FROM attendance WHERE occurrence_id = {SESSION}", ("2026-02",), 2, "记录的是1人，现在有0人"),
    ("DELETE FROM attendance WHERE who = '李四'", (), 1, "人数没有变，内容被改动"),  # who was taken off is on it as such
    ("UPDATE attendance SET name = '王敏敏' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
    ("UPDATE attendance SET who = 'sunli', name = '孙丽' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
    ("UPDATE attendance SET unit_name = '县局' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
    ("UPDATE attendance SET recorded_by = 'chenxia' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
    ("UPDATE attendance SET via = 'page' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
    ("UPDATE attendance SET withdrawn_at = NULL WHERE who = '李四'", (), 1, "记录的是2人，现在有3人"),
    ("UPDATE attendance SET withdrawn_at = at WHERE who = 'wangmin'", (), 1, "记录的是2人，现在有1人"),
    ("UPDATE attendance SET at = '2026-03-02T01:30:00.000000Z' WHERE who = 'wangmin'", (), 1, "人数没有变，内容被改动"),
]


def test_a_sheet_that_was_altered_after_the_session_was_recorded_is_found(held: Any) -> None:
    for statement, values, seq, sentence in ONE_SHEET:
        with tampered(held) as (run, check):
            assert run(statement, *values) == 1, statement
            result = check()
            assert (result.ok, result.first_bad) == (False, seq), statement
            assert any(sentence in said for said in result.sentences), (statement, result.sentences)
    assert verify(held.store).ok


def test_a_name_that_was_moved_to_another_session_is_missed_here_and_found_there(held: Any) -> None:
    with tampered(held) as (run, check):
        assert run(f"UPDATE attendance SET occurrence_id = {SESSION} WHERE who = 'wangmin'", "2026-02") == 1
        said = check().sentences
    assert f"“{FIRST}”的签到表与第1条不一致：记录的是2人，现在有1人。" in said
    assert f"“{SECOND}”的签到表与第2条不一致：记录的是1人，现在有2人。" in said


def test_sheets_that_changed_places_are_found(held: Any) -> None:
    with tampered(held) as (run, check):
        run(f"UPDATE attendance SET occurrence_id = {SESSION} WHERE occurrence_id = {SESSION}", "2026-03", "2026-02")
        assert len(check().sentences) == 4  # the result, both sheets, what the log can do


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)  # PostgreSQL keeps no such values
@pytest.mark.parametrize(("column", "value"), [("at", "三月二日"), ("withdrawn_at", b"\xff"), ("name", b"\xff"), ("who", 7)])
def test_a_spoilt_value_is_a_finding_and_no_crash(held: Any, column: str, value: object) -> None:
    with behind_our_back(held) as run:
        assert run(f"UPDATE attendance SET {column} = ? WHERE who = 'wangmin'", value) == 1
    assert verify(held.store).first_bad == 1


def test_after_a_completion_was_taken_back_every_change_has_an_entry_of_its_own(held: Any, clock: Any) -> None:
    reopen(held.store, FIRST, by="wangmin", reason="漏了一人", via="page", now=clock(3, 5))
    assert verify(held.store).ok
    assert attend(held.store, FIRST, Attendee("sunli", "孙丽"), via="page", recorded_by="chenxia", now=clock(3, 5, 11))
    assert not attend(held.store, FIRST, Attendee("sunli", "孙丽"), via="page", recorded_by="chenxia", now=clock(3, 5, 11))
    take_off(held.store, FIRST, sheet(held, FIRST)["陈霞"], by="chenxia", now=clock(3, 5, 12))
    attend(held.store, FIRST, GUEST, via="code", now=clock(3, 5, 13))
    added, taken_off, came_again = log(held.store, limit=3).lines[::-1]
    assert [(one.kind, one.actor, one.via) for one in (added, taken_off, came_again)] == [
        ("attendance_added", "chenxia", "page"),
        ("attendance_taken_off", "chenxia", "page"),
        ("attendance_added", "guest", "code"),
    ]
    assert [json.loads(one.payload)["name"] for one in (added, taken_off, came_again)] == ["孙丽", "陈霞", "李四"]
    assert [json.loads(one.payload)[IN_LOG]["count"] for one in (added, taken_off, came_again)] == [3, 2, 3]
    assert verify(held.store).ok
    with tampered(held) as (run, check):  # before it is recorded again, too
        run("DELETE FROM attendance WHERE who = 'sunli'")
        assert check().first_bad == came_again.seq
    held.done(FIRST, clock(3, 6))
    assert json.loads(log(held.store, limit=1).lines[0].payload)[IN_LOG]["count"] == 3
    assert verify(held.store).ok


def test_a_waived_session_is_told_too(office: Any, clock: Any) -> None:
    office.occurrence(period="2026-01")
    attend(office.store, FIRST, WANG, via="code", now=clock(3, 2))
    waive(office.store, FIRST, by="wangmin", reason="改期合并", via="page", now=clock(3, 3))
    assert verify(office.store).ok
    with tampered(office) as (run, check):
        run("DELETE FROM attendance")
        assert check().first_bad == 1


def test_while_people_come_in_nothing_is_told_and_the_logs_head_is_left_alone(office: Any, clock: Any) -> None:
    office.occurrence(period="2026-01")
    for number in range(200):
        attend(office.store, FIRST, Attendee("", f"来宾{number}"), via="code", now=clock(3, 2) + timedelta(seconds=3 * number))
    assert log(office.store).total == 0
    assert verify(office.store).ok
    office.done(FIRST, clock(3, 3))
    assert json.loads(log(office.store).lines[0].payload)[IN_LOG]["count"] == 200


def as_written_before(office: Any, seq: int) -> None:
    """The entry as the version before wrote it: nothing of the sheet, and every hash as that version would have made it."""
    said = json.loads(log(office.store, limit=None).lines[-seq].payload)
    del said[IN_LOG]
    rebuild(office, seq, payload=json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


def test_a_log_of_an_older_version_passes_and_says_what_it_could_not_compare(held: Any, clock: Any) -> None:
    as_written_before(held, 1)
    as_written_before(held, 3)  # on that sheet nobody is: there is nothing to say of it
    said = found(held)
    assert verify(held.store).ok
    assert "另有1份签到表是旧版本登记的，当时没有写入记录，无法核对有没有改动。" in said
    with tampered(held) as (run, check):
        run("DELETE FROM attendance WHERE who = 'wangmin'")
        assert check().ok  # it cannot be known, and that is what the sentence says
    reopen(held.store, FIRST, by="wangmin", reason="漏了一人", via="page", now=clock(3, 5))
    attend(held.store, FIRST, Attendee("sunli", "孙丽"), via="page", recorded_by="chenxia", now=clock(3, 5))
    assert "旧版本" not in found(held)  # from the first correction on it is told
    with tampered(held) as (run, check):
        run("DELETE FROM attendance WHERE who = 'wangmin'")
        assert not check().ok


@pytest.mark.parametrize("said", ['"x"', "[]", "7", '{"count":"2"}', '{"count":2,"sha256":5}', "{}", "null"])
def test_a_sheet_of_odd_shape_under_hashes_counted_anew_is_a_finding(held: Any, said: str) -> None:
    payload = log(held.store, limit=None).lines[-2].payload
    told = json.loads(payload) | {IN_LOG: json.loads(said)}
    rebuild(held, 2, payload=json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    assert verify(held.store).first_bad == 2


def test_a_completion_from_another_program_tells_the_sheet_as_well(office: Any, clock: Any, workdays: Any) -> None:
    office.occurrence(period="2026-01")
    attend(office.store, FIRST, WANG, via="code", now=clock(3, 2))
    doing = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "wangmin", "via": "program", "now": clock(3, 3)}
    complete(office.store, FIRST, done_on=clock(3, 3).date(), workdays=workdays, **doing)
    assert json.loads(log(office.store).lines[0].payload)[IN_LOG]["count"] == 1
