"""The ledger as a file, read back cell by cell: what was typed is text, days are days, and every page can be printed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from models.store import Store
from planning.duty import Measure
from planning.rules import FixedDay
from planning.workdays import Workdays, builtin_years
from reports.conditions import Filters
from reports.ledger import Ledger, LedgerLine, MeasureName
from reports.occurrences import OccurrenceLine
from reports.spreadsheet import export_xlsx, write_ledger
from tests.reports.planned_town import TZ, found_town

TODAY = date(2026, 3, 9)
LINE = OccurrenceLine(
    ref="study-law:2026-Q1",
    duty_key="study-law",
    period="2026-Q1",
    kind="study",
    title="专题学法",
    unit="sifasuo",
    unit_name="司法所",
    owners=("王敏", "赵磊"),
    starts_on=None,
    nominal_on=date(2026, 3, 4),
    original_due_on=date(2026, 2, 27),
    due_on=date(2026, 3, 4),
    provisional=False,
    awaiting_notice=False,
    standing=False,
    silent=False,
    explanation="",
    as_written="",
    state="open",
    overdue=True,
    workdays_left=-3,
    done_on=None,
    late=False,
    proved=False,
    sign_off_needed=False,
    signed_off_at=None,
    extensions=1,
    extension_days=5,
    row_version=0,
    basis="学法用法制度",
    basis_mark="见",
)
HOSTILE = (
    '=HYPERLINK("http://evil.example","点我")',
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "＝1+1",
    "{=1+1}",
    "\t=1+1",
    "http://evil.example",
    "mailto:x@evil.example",
    "internal:Sheet1!A1",
    "001",
    "1e5",
    "2026-03-05",
    "TRUE",
    "#N/A",
    "'=1",
    "_x0041_",
    "<b>&amp;</b>",
    "</t></is></c><c><f>1+1</f></c>",
    " 前后有空 ",
    "两行\n文字",
    "😀",
)


def written(*lines: LedgerLine, measures: tuple[MeasureName, ...] = (), **changes: Any) -> bytes:
    heads: dict[str, Any] = {"title": "法治建设工作台账", "filters_words": "学习", "as_of": TODAY, "office": "曹回镇人民政府"}
    return write_ledger(Ledger(lines, len(lines), measures), **(heads | changes))


def opened(file: bytes, sheet: str = "台账") -> Worksheet:
    found = openpyxl.load_workbook(BytesIO(file))[sheet]
    assert isinstance(found, Worksheet)
    return found


def rows(sheet: Worksheet, headings: int = 3) -> Iterator[Mapping[str, Any]]:
    """Each row below the headings, by heading."""
    names = [cell.value for cell in sheet[headings]]
    for row in sheet.iter_rows(min_row=headings + 1, values_only=True):
        yield dict(zip(names, row, strict=True))


def xml(file: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(file)) as parts:
        return parts.read(name).decode()


def test_a_line_is_read_back_as_it_was_with_days_as_days() -> None:
    [row] = rows(opened(written(LedgerLine(LINE, overseers=("陈霞",), note="已集中学习"))))
    assert row == {
        "序号": 1,
        "类别": "学习",
        "事项": "专题学法",
        "责任领导": "陈霞",
        "责任单位": "司法所",
        "配合": None,
        "责任人": "王敏\n赵磊",
        "原时限": datetime(2026, 2, 27),  # noqa: DTZ001 - a sheet knows no zones
        "现时限": datetime(2026, 3, 4),  # noqa: DTZ001 - the same
        "延期次数": 1,
        "状态": "逾期",
        "逾期工作日": 3,
        "完成日期": None,
        "佐证材料": None,
        "验收人": None,
        "销号日期": None,
        "依据": "学法用法制度",
        "备注": "已集中学习",
        "编号": "study-law:2026-Q1",
    }


def test_whatever_was_typed_is_text_in_every_column() -> None:
    """No formula, no link, no number: as the cell is read, and as it stands in the file."""
    lines = [
        LedgerLine(
            replace(LINE, title=typed, unit_name=typed, owners=(typed,), basis=typed, ref=typed),
            partners=(typed,),
            evidence=(typed,),
            note=typed,
        )
        for typed in HOSTILE
    ]
    measures = (MeasureName('=HYPERLINK("x")', "＝场"),)
    file = written(*lines, measures=measures, title="=1+1", filters_words="=2+2", office="=3+3 & 司法所")
    sheet = opened(file)
    for typed, row in zip(HOSTILE, rows(sheet), strict=True):
        for heading in ("事项", "责任单位", "责任人", "依据", "编号", "配合", "佐证材料", "备注"):
            assert unescape(row[heading]) == typed, heading
    assert [cell.data_type for line in sheet.iter_rows() for cell in line if cell.data_type == "f"] == []
    assert [cell.coordinate for line in sheet.iter_rows() for cell in line if cell.hyperlink] == []
    assert all(cell.quotePrefix for cell in sheet["C"][3:])
    with zipfile.ZipFile(BytesIO(file)) as parts:
        assert not any(re.search(rb"<f[ >/]", parts.read(name)) for name in parts.namelist() if "worksheets" in name)
        assert not any("rels" in name and "worksheets" in name for name in parts.namelist())
    assert sheet["A1"].value == "=1+1"
    assert sheet["A1"].data_type == "s"


@pytest.mark.parametrize("typed", ["<r><t>粗</t></r>", "<r></r></is></c><c><f>1+1</f></c><c><is><r></r>"])
def test_what_looks_like_the_librarys_own_markup_is_text_too(typed: str) -> None:
    file = written(LedgerLine(replace(LINE, title=typed)))
    [row] = rows(opened(file))
    assert row["事项"] == f" {typed}"
    assert "<f>" not in xml(file, "xl/worksheets/sheet1.xml")


def test_text_that_no_sheet_can_hold_is_cut_and_never_lost() -> None:
    lines = (
        LedgerLine(replace(LINE, title="\x00坏\ufffe字\ud83d"), note="😀" * 20_000),
        LedgerLine(replace(LINE, title="长" * 90_000)),
    )
    first, second = rows(opened(written(*lines)))
    assert first["事项"] == "坏字"
    assert first["备注"] == "😀" * 16_000 + "…"
    assert second["事项"] == "长" * 16_000 + "…"


def test_overdue_is_marked_by_word_and_by_colour_and_by_nothing_else_in_red() -> None:
    soon = replace(LINE, due_on=date(2026, 3, 12), overdue=False, workdays_left=3)
    done = replace(LINE, state="done", overdue=False, done_on=date(2026, 3, 3), proved=True)
    sheet = opened(written(LedgerLine(LINE), LedgerLine(soon), LedgerLine(done)))
    state = [cell.value for cell in sheet[3]].index("状态")
    shown = {sheet.cell(row, state + 1).value: sheet.cell(row, state + 1).fill.fgColor.rgb for row in (4, 5, 6)}
    assert shown["逾期"] == "FFFDECEB"
    assert "FFFDECEB" not in {shown["临近到期"], shown["已办结"]}
    red = {cell.coordinate for line in sheet.iter_rows() for cell in line if cell.fill.fgColor.rgb == "FFFDECEB"}
    assert len(red) == 2  # the state, and how many workdays


def test_it_is_laid_out_for_reading_and_for_paper() -> None:
    file = written(*[LedgerLine(LINE)] * 3, office="A & B" * 30)
    sheet = opened(file)
    assert sheet["A1"].value == "法治建设工作台账"
    assert sheet["A2"].value.startswith("A & BA & B")
    assert "截至2026年3月9日　范围：学习　共3项。" in sheet["A2"].value
    assert sorted(str(merged) for merged in sheet.merged_cells.ranges) == ["A1:R1", "A2:R2"]
    assert sheet.freeze_panes == "D4"
    assert sheet.auto_filter.ref == "A3:S6"
    page = sheet.page_setup
    assert (page.orientation, int(page.paperSize), int(page.fitToHeight)) == ("landscape", 9, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$3:$3"
    assert sheet.print_area == "'台账'!$A$1:$R$6"  # the number of the row is for programs
    assert "第 &P 页，共 &N 页" in xml(file, "xl/worksheets/sheet1.xml").replace("&amp;", "&")
    assert sheet.row_dimensions[4].height > sheet.row_dimensions[3].height / 2


def test_a_row_is_as_high_as_its_longest_cell_needs() -> None:
    long = replace(LINE, title="党委理论学习中心组法治专题学习暨领导干部任前法治谈话和宪法宣誓活动")
    sheet = opened(
        written(LedgerLine(replace(LINE, owners=("王敏",))), LedgerLine(long), LedgerLine(LINE, note="很长的说明" * 900))
    )
    heights = [sheet.row_dimensions[row].height for row in (4, 5, 6)]
    assert heights == sorted(set(heights))
    assert heights[-1] <= 409  # more no sheet takes


def test_the_file_says_what_it_is_and_equal_lines_give_equal_bytes() -> None:
    file = written(LedgerLine(LINE))
    book = openpyxl.load_workbook(BytesIO(file))
    assert {one.name: one.value for one in book.custom_doc_props.props} == {"schema": "suishi-ledger/1", "as_of": "2026-03-09"}
    assert (book.properties.title, book.properties.creator) == ("法治建设工作台账", "曹回镇人民政府")
    assert book.properties.created == datetime(2026, 3, 9)  # noqa: DTZ001 - a file's property knows no zone
    assert file == written(LedgerLine(LINE))


def test_the_second_sheet_adds_up_the_first() -> None:
    other = replace(LINE, kind="routine", unit="huilong", unit_name="=回龙村")
    done = replace(other, state="done", overdue=False, late=True, done_on=date(2026, 3, 9))
    gone = replace(other, state="withdrawn", overdue=False)
    ledger = Ledger([LedgerLine(LINE), LedgerLine(done, late_workdays=3), LedgerLine(gone)], 3, (), ("huilong", "sifasuo"))
    sheet = opened(write_ledger(ledger, title="台账", filters_words="", as_of=TODAY, office=""), "汇总")
    table = {row["类别"]: row for row in rows(sheet)}
    assert list(table)[:3] == ["学习", "常规", "合计"]
    whole = table["合计"]
    assert (whole["总数"], whole["应完成"], whole["已办结"], whole["逾期办结"], whole["逾期"]) == (2, 2, 1, 1, 1)
    assert (whole["按时办结率"], whole["办结率"], table["学习"]["未逾期待办"]) == ("0.0%", "50.0%", 0)
    assert list(table)[-4:-1] == ["责任单位", "=回龙村", "司法所"]
    assert "应完成＝已办结＋逾期；" in str(list(table)[-1])


def test_an_empty_list_says_so() -> None:
    sheet = opened(written())
    assert sheet["A4"].value == "没有符合条件的办理项。"
    assert sheet.auto_filter.ref == "A3:S4"


def test_the_whole_way_from_the_rows_to_the_file(store: Store) -> None:
    town = found_town(store, Workdays(builtin_years()))
    town.plan(town.duty(measures=(Measure("人次", "人次"),)), town.duty("check", FixedDay(4, 8), title="=检查"))
    town.at(3, 9).done("study-law:2026", measures={"人次": 86})
    asked = {"as_of": TODAY, "workdays": town.basis.workdays, "tz": TZ}
    file = export_xlsx(store, Filters(), **asked, title="台账", filters_words="", office="曹回镇")
    study, check = rows(opened(file))
    assert (study["人次（人次）"], study["状态"], check["事项"], check["人次（人次）"]) == (86, "已办结", "=检查", None)
