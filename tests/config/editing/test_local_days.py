"""Local days: the file's own form stays, whatever it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from config.editing.change import open_draft
from config.editing.checking import check_draft
from config.editing.local_days import LOCAL_DAYS, add_local_day, remove_local_day
from config.editing.refusals import EditedMeanwhile, EditRefused
from config.editing.writing import write_draft
from planning.tables import DayNote

if TYPE_CHECKING:
    from tests.config.conftest import Home

DAY, STOP = date(2026, 8, 10), DayNote("停工令", off=True)
NOW = datetime(2026, 3, 2, 1, 5, tzinfo=UTC)
NO_ENVIRON: Mapping[str, str] = {}
LINE = "- {date: 2026-08-10, off: true, reason: 停工令}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# 说明\n[]\n", f"# 说明\n{LINE}\n"),
        ("# 说明\r\n[ ]\r\n", f"# 说明\r\n{LINE}\r\n"),
        ("[]  # 还没有\n", f"{LINE}  # 还没有\n"),
        ("# 只有说明\n", f"# 只有说明\n{LINE}\n"),
        ("[]", LINE),
        (
            "# 上半年\n- {date: 2026.5.6, off: false, reason: 补班}   # 县里通知\n",
            f"# 上半年\n- {{date: 2026.5.6, off: false, reason: 补班}}   # 县里通知\n{LINE}\n",
        ),
    ],
)
def test_a_day_is_added_to_whatever_stands_there(before: str, after: str) -> None:
    assert add_local_day(before, DAY, STOP) == after


def test_a_file_that_is_not_there_yet_gets_a_head() -> None:
    text = add_local_day("", DAY, DayNote("县里调休", off=False))

    assert text.startswith("# yaml-language-server")
    assert text.endswith("- {date: 2026-08-10, off: false, reason: 县里调休}\n")


def test_a_day_is_taken_out_and_the_last_leaves_an_empty_list() -> None:
    two = f"# 说明\n- {{date: 2026.5.6, off: false, reason: 补班}}\n{LINE}\n"

    one = remove_local_day(two, date(2026, 5, 6))

    assert one == f"# 说明\n{LINE}\n"
    assert remove_local_day(one, DAY) == "# 说明\n[]\n"


def test_a_day_is_written_once_and_one_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(EditRefused) as known:
        add_local_day(f"{LINE}\n", DAY, STOP)
    with pytest.raises(EditRefused) as unknown:
        remove_local_day(f"{LINE}\n", date(2026, 8, 11))
    with pytest.raises(EditRefused) as odd:
        remove_local_day("[{date: 2026-08-10, off: true, reason: 停工令}]\n", DAY)

    assert [one.value.code for one in (known, unknown, odd)] == ["day_known", "unknown_day", "too_odd"]


def test_what_is_written_is_what_the_office_reads(home: Home) -> None:
    draft = open_draft(home.folder).edit(LOCAL_DAYS, lambda text: add_local_day(text, DAY, STOP))

    checked = check_draft(home.folder, draft, environ=NO_ENVIRON)
    assert not (home.folder / LOCAL_DAYS).exists()  # looking writes nothing, through no link either
    write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)

    assert checked.introduced == ()
    assert not checked.office.workdays.is_workday(DAY)
    assert not home.read().workdays.is_workday(DAY)


def test_another_hand_in_the_file_is_noticed(home: Home) -> None:
    home.write(LOCAL_DAYS, "[]\n")
    draft = open_draft(home.folder).edit(LOCAL_DAYS, lambda text: add_local_day(text, DAY, STOP))
    home.write(LOCAL_DAYS, "- {date: 2026-08-11, off: true, reason: 县里}\n")

    with pytest.raises(EditedMeanwhile):
        write_draft(home.folder, draft, environ=NO_ENVIRON, now=NOW)

    assert "县里" in (home.folder / LOCAL_DAYS).read_text("utf-8")
