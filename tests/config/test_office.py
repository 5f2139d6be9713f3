from __future__ import annotations

import subprocess
import sys
from datetime import date
from typing import TYPE_CHECKING

import pytest

from config.office import read_office

if TYPE_CHECKING:
    from tests.config.conftest import Home


def test_a_good_home_has_no_problems(home: Home) -> None:
    office = home.read()

    assert office.problems == ()
    assert not office.degraded
    assert not office.unusable
    assert office.settings.silent_before == date(2026, 3, 1)
    assert list(office.roster.people) == ["lisi", "zhangsan", "wangwu"]
    assert set(office.channels) == {"mail", "outbox"}
    assert [duty.key for duty in office.calendar.duties] == ["annual-report", "study-law"]
    assert office.workdays.is_workday(date(2026, 2, 28))


def test_reading_twice_gives_equal_revisions(home: Home) -> None:
    assert home.read().revision == home.read().revision


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("suishi.yaml", "title: 法治工作提醒", "title: 提醒"),
        ("people.yaml", "title: 镇长", "title: 代镇长"),
        ("channels.yaml", "smtp.caohui.example", "mail.caohui.example"),
        ("calendar/10-good.yaml", "报送年度报告", "报送报告"),
    ],
)
def test_an_edit_anywhere_changes_the_revision(home: Home, file: str, old: str, new: str) -> None:
    before = home.read().revision
    home.replace(file, old, new)

    assert home.read().revision != before


def test_a_local_day_off_changes_the_revision_and_a_comment_does_not(home: Home) -> None:
    before = home.read().revision
    home.write("suishi.yaml", (home.folder / "suishi.yaml").read_text(encoding="utf-8") + "# 说明\n")
    assert home.read().revision == before

    home.write("holidays/local.yaml", "- {date: 2026-08-10, off: true, reason: 停工令}\n")
    assert home.read().revision != before


def test_an_office_with_one_bad_duty_is_degraded_and_goes_on(home: Home) -> None:
    home.replace("calendar/10-good.yaml", "role:分管领导", "role:没有")

    office = home.read()

    assert office.degraded
    assert not office.unusable
    assert office.calendar.broken == ("annual-report",)


def test_an_unreadable_people_file_does_not_blame_the_calendar(home: Home) -> None:
    home.write("people.yaml", "units: [")

    office = home.read()

    assert office.unusable
    assert {problem.file for problem in office.errors} == {"people.yaml"}
    assert len(office.calendar.duties) == 2


def test_an_unreadable_channels_file_does_not_blame_the_people(home: Home) -> None:
    home.write("channels.yaml", "channels: [")

    office = home.read()

    assert not office.unusable
    assert {problem.file for problem in office.errors} == {"channels.yaml"}
    assert office.roster.people["lisi"].destinations


def test_a_channel_that_is_left_out_is_still_known_to_people(home: Home) -> None:
    (home.folder / "secrets/smtp.pw").unlink()

    office = home.read()

    assert [problem.code.value for problem in office.errors] == ["CHN002"]
    assert set(office.channels) == {"outbox"}
    assert [one.channel for one in office.roster.people["lisi"].destinations] == ["mail"]


@pytest.mark.parametrize("fault", ["silent_before: 2026-02-30", "silent_befor: 2026-03-01", "production: ture", "title: [x"])
def test_settings_in_doubt_must_not_be_worked_with(home: Home, fault: str) -> None:
    home.write("suishi.yaml", f"office: 某某镇\nadmin: zhangsan\n{fault}\n")

    assert home.read().unusable


def test_an_admin_who_is_not_listed_harms_nobody(home: Home) -> None:
    home.replace("suishi.yaml", "admin: zhangsan", "admin: nobody")

    office = home.read()

    assert office.degraded
    assert not office.unusable


def test_no_secret_is_in_what_is_shown_of_an_office(home: Home) -> None:
    office = home.read(SUISHI_DATABASE_URL="postgresql+psycopg://suishi:canary-db@db/suishi")

    assert office.settings.database_url.reveal().endswith("canary-db@db/suishi")
    assert "canary" not in repr(office)


def test_reading_needs_none_of_the_heavy_libraries(home: Home) -> None:
    heavy = ["sqlalchemy", "sqlmodel", "pydantic", "jinja2", "prefect", "apprise", "fastapi", "lunar_python", "difflib"]
    code = (
        "import sys; from pathlib import Path; from config.office import read_office; "
        f"office = read_office(Path(sys.argv[1]), environ={{}}); assert office.problems == (); "
        f"print([name for name in {heavy} if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code, str(home.folder)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_home_may_be_a_relative_path(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home.folder.parent)

    assert read_office(home.folder.relative_to(home.folder.parent), environ={}).problems == ()
