"""A change of two files that dies at each of its steps: afterwards it is made as a whole, or not at all, or it is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.app import App
from config.editing import duties, journal, people
from config.editing.change import Draft, open_draft
from config.editing.own_files import JOURNAL, KEPT
from config.editing.refusals import EditedMeanwhile, EditUnfinished
from config.editing.writing import write_draft

if TYPE_CHECKING:
    from tests.config.conftest import Home

NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
NO_ENVIRON: Mapping[str, str] = {}
GOOD = "calendar/10-good.yaml"

DIE = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from config.editing import duties, journal, people
from config.editing.change import open_draft
from config.editing.writing import write_draft

home, point, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
usual, calls = getattr(journal, point), []

def dying(*args):
    calls.append(args)
    if len(calls) == count:
        os._exit(9)
    return usual(*args)

setattr(journal, point, dying)
draft = open_draft(home).edit("people.yaml", lambda text: people.rename_person(text, "zhangsan", "张三丰"))
draft = draft.edit("calendar/10-good.yaml", lambda text: duties.change_duty(text, "study-law", {"title": "新标题"}))
write_draft(home, draft, environ={}, now=datetime(2026, 3, 2, tzinfo=UTC))
"""


def both(draft: Draft) -> Draft:
    draft = draft.edit("people.yaml", lambda text: people.rename_person(text, "zhangsan", "张三丰"))
    return draft.edit(GOOD, lambda text: duties.change_duty(text, "study-law", {"title": "新标题"}))


def die(home: Home, point: str, count: int) -> None:
    command = [sys.executable, "-c", DIE, str(home.folder), point, str(count)]
    assert subprocess.run(command, check=False, cwd=Path(__file__).parents[3]).returncode == 9


def says(home: Home) -> tuple[str, str]:
    office = home.read()
    assert office.problems == ()
    return office.roster.people["zhangsan"].name, next(one.title for one in office.calendar.duties if one.key == "study-law")


def strays(home: Home) -> list[str]:
    return [str(path) for path in home.folder.rglob("*") if path.name.endswith(".edit")]


OLD, NEW = ("张三", "专题学习"), ("张三丰", "新标题")


@pytest.mark.parametrize(
    ("point", "count", "then"),
    [
        ("_write_beside", 1, OLD),
        ("_write_beside", 2, OLD),
        ("_write_journal", 1, OLD),
        ("_take_place", 1, NEW),
        ("_take_place", 2, NEW),
        ("_remove_journal", 1, NEW),
    ],
)
def test_a_change_that_dies_is_made_whole_or_not_at_all(home: Home, point: str, count: int, then: tuple[str, str]) -> None:
    die(home, point, count)

    draft = open_draft(home.folder)

    assert says(home) == then
    assert not (home.folder / JOURNAL).exists()
    write_draft(home.folder, both(draft), environ=NO_ENVIRON, now=NOW)
    assert says(home) == NEW
    assert strays(home) == []


def test_whoever_opens_the_app_completes_it(home: Home) -> None:
    die(home, "_take_place", 2)
    assert says(home) not in {OLD, NEW}

    app = App(home.folder, NO_ENVIRON, lambda: NOW)

    assert app.office.roster.people["zhangsan"].name == "张三丰"
    assert says(home) == NEW
    assert not (home.folder / JOURNAL).exists()


def test_a_reader_leaves_a_writer_alone_who_is_at_work(home: Home) -> None:
    die(home, "_take_place", 2)

    with journal.locked(home.folder):
        journal.finish_if_possible(home.folder)

    assert (home.folder / JOURNAL).exists()


def test_a_file_edited_by_hand_in_between_is_left_and_told_once(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    die(home, "_take_place", 2)
    home.replace("people.yaml", "李四", "李四光")

    App(home.folder, NO_ENVIRON, lambda: NOW).reload()
    assert "people.yaml" in caplog.text
    with pytest.raises(EditUnfinished, match=r"people\.yaml") as told:
        open_draft(home.folder)

    assert told.value.files == ("people.yaml",)
    assert says(home) == ("张三", "新标题")
    (kept,) = (home.folder / KEPT).glob("unwritten-*-people.yaml")
    assert "张三丰" in kept.read_text(encoding="utf-8")
    assert open_draft(home.folder).changed == ()
    assert strays(home) == []


@pytest.mark.parametrize(
    "content", ["not json", "[1]", json.dumps([{"name": "secrets/smtp.pw", "beside": ".x.edit", "before": "", "after": ""}])]
)
def test_a_journal_that_is_not_ours_touches_nothing(home: Home, content: str) -> None:
    home.write(JOURNAL, content)
    before = (home.folder / "secrets/smtp.pw").read_bytes()

    with pytest.raises(EditUnfinished):
        open_draft(home.folder)

    assert (home.folder / "secrets/smtp.pw").read_bytes() == before
    assert says(home) == OLD
    assert not (home.folder / JOURNAL).exists()


@pytest.mark.parametrize("which", [1, 2, 4, 5, 6])  # the copies, the files, the journal; in between a folder, which may fail
def test_a_full_disk_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch, which: int) -> None:
    draft = both(open_draft(home.folder))
    usual, calls = os.fsync, []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == which:
            raise OSError(28, "No space left on device")
        usual(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)

    assert says(home) == OLD
    assert strays(home) == []
    assert not (home.folder / JOURNAL).exists()


def test_a_change_that_died_after_somebody_looked_is_not_written_over(home: Home) -> None:
    draft = both(open_draft(home.folder))
    die(home, "_take_place", 1)

    with pytest.raises(EditedMeanwhile):
        write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)

    assert says(home) == NEW


def test_a_disk_that_fails_between_the_files_is_completed_later(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = both(open_draft(home.folder))
    usual = Path.replace

    def failing(path: Path, target: Path) -> Path:
        if target.name == "people.yaml":
            raise OSError(5, "Input/output error")
        return usual(path, target)

    monkeypatch.setattr(Path, "replace", failing)
    with pytest.raises(OSError, match="Input/output"):
        write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)
    with pytest.raises(OSError, match="Input/output"):
        open_draft(home.folder)
    App(home.folder, NO_ENVIRON, lambda: NOW).reload()  # reading goes on
    monkeypatch.undo()

    open_draft(home.folder)

    assert says(home) == NEW


def test_asking_after_a_journal_never_fails(tmp_path: Path) -> None:
    from config.editing.own_files import is_cut_off

    assert not is_cut_off(tmp_path / ("x" * 300))
    assert not is_cut_off(tmp_path / "no\0name")


def test_what_is_new_is_for_the_owners_eyes(home: Home) -> None:
    draft = open_draft(home.folder).edit("calendar/50-new.yaml", lambda _: "duties: []\n")

    write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)

    assert (home.folder / "calendar/50-new.yaml").stat().st_mode & 0o777 == 0o600
    assert list((home.folder / KEPT).iterdir()) == []
