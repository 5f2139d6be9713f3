"""The security log: whole lines whatever is written, newest first, kept as long as it must be and no longer."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.security_log import SecurityEvent, SecurityLog

NOW = datetime(2026, 4, 8, 1, 30, tzinfo=UTC)
CAME_IN = SecurityEvent(NOW, "sign_in", "ok", "wangmin", "10.1.2.3")


@pytest.fixture
def log(tmp_path: Path) -> SecurityLog:
    return SecurityLog(tmp_path / "logs")


def lines(log: SecurityLog) -> list[str]:
    """As any other program sees them."""
    return [line for path in sorted(log.folder.iterdir()) for line in path.read_text("utf-8").split("\n")[:-1]]


def test_an_event_is_one_line_that_a_person_and_a_program_can_read(log: SecurityLog) -> None:
    log.write(replace(CAME_IN, about="党政办公室"))
    (line,) = lines(log)
    assert "党政办公室" in line
    assert json.loads(line) == {
        "at": "2026-04-08T01:30:00+00:00",
        "event": "sign_in",
        "outcome": "ok",
        "actor": "wangmin",
        "ip": "10.1.2.3",
        "about": "党政办公室",
    }
    assert log.newest(10) == [replace(CAME_IN, about="党政办公室")]


def test_only_the_programs_own_account_reads_it(log: SecurityLog) -> None:
    log.write(CAME_IN)
    (path,) = log.folder.iterdir()
    assert path.name == "security-2026-04.log"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.folder.stat().st_mode) == 0o700


@given(st.text(max_size=60))
def test_no_text_forges_or_hides_a_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    log = SecurityLog(tmp_path_factory.mktemp("logs"))
    event = replace(CAME_IN, actor=text, about=text)
    log.write(event)
    log.write(CAME_IN)
    assert log.newest(5) == [CAME_IN, event]
    written = lines(log)
    assert len(written) == 2
    assert all(line.isprintable() for line in written)


@pytest.mark.parametrize("text", ["\n{}", "\r\n", "\u2028", "\x85", "\x1b[2J", "\u202eok", "\x00", "\ud800", '"}\n{"at"'])
def test_what_ends_a_line_or_turns_the_writing_round_is_written_as_a_code(log: SecurityLog, text: str) -> None:
    log.write(replace(CAME_IN, actor=text))
    (line,) = lines(log)
    assert line.isprintable()
    assert [event.actor for event in log.newest(5)] == [text]


def test_a_long_field_is_cut(log: SecurityLog) -> None:
    log.write(replace(CAME_IN, about="长" * 10_000))
    assert len(lines(log)[0]) < 400


def test_the_newest_come_first_over_the_end_of_a_month(log: SecurityLog) -> None:
    march = NOW - timedelta(days=10)
    for at in (march, march + timedelta(minutes=1), NOW, NOW + timedelta(minutes=1)):
        log.write(replace(CAME_IN, at=at))
    assert [event.at for event in log.newest(3)] == [NOW + timedelta(minutes=1), NOW, march + timedelta(minutes=1)]
    assert len(log.newest(100)) == 4


def test_a_long_month_is_read_from_its_end(log: SecurityLog) -> None:
    for number in range(3_000):  # several blocks
        log.write(replace(CAME_IN, about=f"第{number}次"))
    assert [event.about for event in log.newest(1_000)] == [f"第{number}次" for number in range(2_999, 1_999, -1)]
    assert len(log.newest(5_000)) == 3_000


def test_a_line_that_was_cut_off_is_passed_over(log: SecurityLog) -> None:
    log.write(CAME_IN)
    (path,) = log.folder.iterdir()
    with path.open("ab") as file:
        file.write(b'{"at": "2026-04-08T01:3\n\xff\xfe\n[]\n{"at": 3}\n\n')
    log.write(replace(CAME_IN, actor="chenxia"))
    assert [event.actor for event in log.newest(10)] == ["chenxia", "wangmin"]


def test_a_log_that_was_never_written_is_empty(log: SecurityLog) -> None:
    assert log.newest(10) == []


def test_what_is_older_than_it_must_be_is_forgotten_when_a_month_begins(log: SecurityLog) -> None:
    for days in (450, 399, 60, 0):
        log.write(replace(CAME_IN, at=NOW - timedelta(days=days)))
    assert [path.name for path in sorted(log.folder.iterdir())] == [
        "security-2025-03.log",
        "security-2026-02.log",
        "security-2026-04.log",
    ]


def test_many_who_write_at_once_leave_whole_lines(log: SecurityLog) -> None:
    events = [replace(CAME_IN, about=f"{number}" * 20) for number in range(200)]
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(log.write, events))
    assert {event.about for event in log.newest(1_000)} == {event.about for event in events}
    assert len(lines(log)) == 200


def test_the_months_are_copied_beside_the_backups_and_again_when_they_have_grown(log: SecurityLog, tmp_path: Path) -> None:
    copies = tmp_path / "backups" / "logs"
    assert log.copy_to(copies) == 0
    log.write(replace(CAME_IN, at=NOW - timedelta(days=40)))
    log.write(CAME_IN)
    assert log.copy_to(copies) == 2
    log.write(CAME_IN)
    assert log.copy_to(copies) == 1
    assert log.copy_to(copies) == 0
    assert SecurityLog(copies).newest(9) == log.newest(9)
    assert {stat.S_IMODE(path.stat().st_mode) for path in copies.iterdir()} == {0o600}
    log.write(replace(CAME_IN, at=NOW + timedelta(days=450)))  # the old ones are forgotten here, not there
    assert len(SecurityLog(copies).newest(9)) == 3


def test_a_folder_that_cannot_be_written_is_the_callers_to_tell(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file", "utf-8")
    with pytest.raises(OSError, match=os.strerror(17)):
        SecurityLog(tmp_path / "logs").write(CAME_IN)
