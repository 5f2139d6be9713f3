from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from config.holidays import read_holidays, write_table
from planning.tables import builtin_years
from planning.workdays import DayNote, YearTable

if TYPE_CHECKING:
    from tests.config.conftest import Home


def test_the_built_in_years_stand_without_any_file(home: Home) -> None:
    holidays = read_holidays(home.folder)

    assert holidays.problems == ()
    assert set(holidays.tables) == set(builtin_years())
    assert not holidays.workdays.is_workday(date(2026, 10, 1))
    assert holidays.workdays.is_workday(date(2026, 10, 10))
    assert holidays.workdays.is_provisional(2027)


def test_a_table_in_the_home_stands_over_the_built_in_one(home: Home) -> None:
    built_in = builtin_years()[2026]
    days = {**built_in.days, date(2026, 9, 20): DayNote("国庆节", off=True), date(2026, 10, 7): DayNote("国庆节", off=False)}
    # the Sunday is free again, and the Wednesday is worked instead: refused, because a Wednesday is never made up
    home.write("holidays/2026.json", json.dumps(YearTable(2026, days).to_json(), ensure_ascii=False, indent=1))

    refused = read_holidays(home.folder)

    assert [problem.code.value for problem in refused.problems if problem.severity == "error"] == ["HOL001"]
    assert "10月7日" in refused.problems[0].message
    assert refused.tables[2026] == built_in

    del days[date(2026, 10, 7)], days[date(2026, 9, 20)]
    home.write("holidays/2026.json", json.dumps(YearTable(2026, days).to_json(), ensure_ascii=False))
    taken = read_holidays(home.folder)

    assert taken.tables[2026].source == "2026.json"
    assert not taken.workdays.is_workday(date(2026, 9, 20))
    assert taken.workdays.is_workday(date(2026, 10, 7))


def test_every_bad_entry_is_told_at_its_line(home: Home) -> None:
    home.write(
        "holidays/2027.json",
        '{"year": 2027, "days": [\n{"name": "元旦", "date": "2027-01-32", "isOffDay": true},\n'
        '{"name": "元旦", "date": "2027-01-02", "isOffDay": true},\n"春节"\n]}\n',
    )

    problems = read_holidays(home.folder).problems

    assert [(problem.line, problem.code.value) for problem in problems] == [(2, "HOL001"), (4, "HOL001")]


def test_tabs_in_json_are_fine(home: Home) -> None:
    table = builtin_years()[2026].to_json()
    home.write("holidays/2026.json", json.dumps(table, ensure_ascii=False, indent="\t"))

    assert read_holidays(home.folder).problems == ()


def test_local_days_stand_over_the_notice(home: Home) -> None:
    home.write(
        "holidays/local.yaml",
        "- {date: 2026-08-10, off: true, reason: 停工令}\n- {date: 2026年8月15日, off: false, reason: 补班}\n",
    )

    holidays = read_holidays(home.folder)

    assert holidays.problems == ()
    assert not holidays.workdays.is_workday(date(2026, 8, 10))
    assert holidays.workdays.is_workday(date(2026, 8, 15))
    assert holidays.overrides[date(2026, 8, 10)] == DayNote("停工令", off=True)


def test_a_written_table_can_be_read_again_and_the_one_before_is_kept(home: Home) -> None:
    first = builtin_years()[2026]
    second = YearTable(2026, first.days, papers=("国办发明电〔2025〕7号",), source="2026.json")

    path = write_table(home.folder, first)
    before = path.read_bytes()
    assert write_table(home.folder, second) == path

    assert read_holidays(home.folder).tables[2026] == second
    assert path.with_name("2026.json.bak").read_bytes() == before
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["2026.json", "2026.json.bak"]


def test_a_table_that_cannot_be_written_leaves_the_one_before(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_table(home.folder, builtin_years()[2026])
    before = path.read_bytes()

    def full_disk(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("config.holidays.os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        write_table(home.folder, YearTable(2027, {date(2027, 1, 1): DayNote("元旦", off=True)}))

    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["2026.json"]
