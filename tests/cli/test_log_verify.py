"""``suishi log verify`` as it is typed: files are read unless told not to, and the page hears of it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import text

from cli.bars import bars
from cli.main import app as door
from cli.surroundings import DONE, NO, run
from config.app import App, open_app
from config.init import write_home
from reports.log import head
from reports.problems import open_problems
from reports.record_check import last_check
from services.complete import complete
from services.evidence import NewEvidence
from services.plan import plan

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CLOCK = ("--now", "2026-03-02T09:00+08:00")

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[App]:
    """A town with one completion and one file of evidence."""
    home = tmp_path / "home"
    write_home(home, pack="township-law", as_of=date(2026, 1, 1))
    opened = open_app(home, environ={}, clock=lambda: NOW)
    plan(opened.store, opened.plan_basis((2026,)), now=NOW)
    complete(
        opened.store,
        "study-law:2026-Q1",
        by="zhaoli",
        by_name="赵丽",
        recorded_by="zhaoli",
        via="cli",
        now=NOW,
        done_on=date(2026, 3, 2),
        workdays=opened.workdays,
        measures={"专题学习次数": 1},
        evidence=[NewEvidence("照片.pdf", b"%PDF-1")],
        folder=opened.evidence_folder,
    )
    yield opened
    opened.close()


@pytest.fixture
def verify(town: App, capsys: pytest.CaptureFixture[str]) -> Say:
    """The command as it is typed; its exit code, and what it said on either stream."""

    def typed(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        line = ["--home", str(town.home), "log", "verify", *words, *CLOCK]
        answer = run(lambda: door.meta(line, exit_on_error=False, print_error=False))
        heard = capsys.readouterr()
        return answer, heard.out, heard.err

    return typed


def spoil(town: App) -> None:
    [file] = town.evidence_folder.iterdir()
    file.write_bytes(b"%PDF-2")


def test_the_files_are_read_and_the_page_may_say_when(town: App, verify: Say) -> None:
    answer, said, _ = verify()
    assert answer == DONE
    assert "佐证文件1个，逐个读过，与提交时相同。" in said
    found = last_check(town.store)
    assert found is not None
    assert (found.at, found.files, found.faults) == (NOW, 1, 0)


def test_a_file_that_was_changed_is_found_and_a_problem_until_it_is_put_back(town: App, verify: Say) -> None:
    [file] = town.evidence_folder.iterdir()
    whole = file.read_bytes()
    spoil(town)
    answer, _, said = verify()
    assert (answer, "与提交时不同：文件被改动" in said) == (NO, True)
    assert "其中佐证文件1处" in open_problems(town.store)[0].text
    file.write_bytes(whole)
    assert verify()[0] == DONE
    assert open_problems(town.store) == ()


def test_the_files_may_be_left_out_and_it_is_said(town: App, verify: Say) -> None:
    spoil(town)
    answer, said, _ = verify("--no-files")
    assert (answer, "没有核对佐证文件（--no-files）。" in said) == (DONE, True)
    assert last_check(town.store) is None
    answer, said, _ = verify("--no-files", "--json")
    assert json.loads(said)["files"] is None


def test_as_json_it_is_one_document_with_the_files_in_it(verify: Say) -> None:
    answer, said, complaints = verify("--json")
    found = json.loads(said)
    assert (answer, complaints) == (DONE, "")
    assert (found["ok"], found["files"], found["file_faults"], found["faults"]) == (True, 1, 0, 0)


def test_a_code_that_was_copied_wrongly_alarms_nobody_but_who_typed_it(town: App, verify: Say) -> None:
    assert verify("--anchor", "1:0000-0000-0000-0000")[0] == NO
    assert open_problems(town.store) == ()
    newest = head(town.store)
    assert verify("--anchor", f"{newest.seq}:{newest.code}")[0] == DONE


def test_a_copy_that_nobody_may_write_is_checked_all_the_same(town: App, verify: Say) -> None:
    with town.store.write() as db:
        db.execute(text("CREATE TRIGGER nobody_writes BEFORE INSERT ON fact BEGIN SELECT RAISE(ABORT, 'no'); END"))
    answer, said, complaints = verify()
    assert (answer, said.startswith("通过")) == (DONE, True)
    assert "数据库不可写：这次核对没有记在“办结日志”页上，结果不受影响。" in complaints


def screen() -> tuple[Console, io.StringIO]:
    written = io.StringIO()
    return Console(file=written, force_terminal=True, width=80), written


def test_who_waits_at_a_terminal_sees_a_bar_for_each_part_and_none_afterwards() -> None:
    console, written = screen()
    with bars(console, patience=0) as told:
        told("完成记录", 500, 1000)
        told("佐证文件", 10, 40)
        told("佐证文件", 20, 40)
    drawn = written.getvalue()
    assert "完成记录" in drawn
    assert "50%" in drawn
    assert drawn.endswith("\x1b[2K")  # its last line is wiped


def test_what_is_done_at_once_shows_no_bar_and_neither_does_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    console, written = screen()
    with bars(console, patience=60) as told:
        told("完成记录", 1, 1)
    with bars(patience=0) as told:
        told("完成记录", 1, 1)
    assert written.getvalue() == ""
    assert capsys.readouterr().err == ""
