"""The ledger as comma-separated values."""

from __future__ import annotations

import csv
from dataclasses import replace
from io import StringIO

import pytest

from models.store import Store
from planning.workdays import Workdays, builtin_years
from reports.conditions import Filters
from reports.ledger import Ledger, LedgerLine
from reports.ledger_csv import export_csv, write_csv
from tests.reports.planned_town import TZ, found_town
from tests.reports.test_spreadsheet import LINE, TODAY


def read(file: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(file.decode("utf-8-sig"), newline=""), strict=True))


def title(typed: str) -> str:
    return read(write_csv(Ledger([LedgerLine(replace(LINE, title=typed))], 1), as_of=TODAY))[0]["事项"]


def test_excel_takes_it_for_utf_8_and_every_value_is_quoted() -> None:
    file = write_csv(Ledger([LedgerLine(LINE, overseers=("陈霞",))], 1), as_of=TODAY)
    assert file.startswith(b'\xef\xbb\xbf"\xe5\xba\x8f\xe5\x8f\xb7",')
    assert file.count(b"\r\n") == file.count(b"\n") == 2
    [row] = read(file)
    assert (row["序号"], row["责任人"], row["现时限"], row["逾期工作日"]) == ("1", "王敏、赵磊", "2026-03-04", "3")
    assert (row["状态"], row["完成日期"], row["编号"]) == ("逾期", "", "study-law:2026-Q1")


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1", "-1", "@x", "＝1", "＋1", "－1", "＠x", "\t=1", "\n=1", "  =1", '=cmd|"/c calc"!A1']
)
def test_what_could_be_taken_for_a_formula_begins_with_an_apostrophe(typed: str) -> None:
    assert title(typed) == f"'{typed}"


@pytest.mark.parametrize("typed", ["专题学法", '说"好", 再办', "两行\n文字", "1-2月", "a=b", "'已有"])
def test_all_else_is_as_it_was_typed(typed: str) -> None:
    assert title(typed) == typed


def test_the_whole_way_from_the_rows_to_the_file(store: Store) -> None:
    town = found_town(store, Workdays(builtin_years()))
    town.plan(town.duty())
    [row] = read(export_csv(store, Filters(), as_of=TODAY, workdays=town.basis.workdays, tz=TZ))
    assert (row["事项"], row["原时限"]) == ("专题学法", "2026-03-30")
