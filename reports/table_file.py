"""Any list as a file for Excel or WPS: one sheet, printed as offices print tables. Equal rows give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO

from planning.wording import day_name
from reports.ledger_columns import Value, written
from reports.sheet import HEADINGS, OPTIONS, Heads, Looks, Sheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_ROWS = 200_000
"""Of one file. A sheet holds a million; nobody reads that many, and each thousand takes a quarter of a second of CPU."""

_NUMBER_WIDTH = 5.0


@dataclass(frozen=True, slots=True)
class TableColumn:
    """``width`` counts Latin characters, as sheets do: two for each Chinese one."""

    heading: str
    width: float
    centred: bool = False


@dataclass(frozen=True, slots=True)
class TableHead:
    """``scope`` says in Chinese what was asked for; empty: everything."""

    title: str
    office: str
    as_of: date
    scope: str = ""
    remark: str = ""


def table_xlsx(head: TableHead, columns: Sequence[TableColumn], rows: Iterable[Sequence[Value]], *, total: int) -> bytes:
    """The rows with a running number before each. Raises ValueError with a Chinese sentence for more than MOST_ROWS."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types; read only where something is exported

    if total > MOST_ROWS:
        raise ValueError(f"符合条件的有{total}条，一次最多导出{MOST_ROWS}条，请缩小范围后再导出。")
    on = f"截至{day_name(head.as_of, with_year=True)}"
    file = BytesIO()
    with Workbook(file, OPTIONS) as book:
        # The day, as XlsxWriter would write the clock's time.
        described = {"title": written(head.title) or "", "author": written(head.office) or ""}
        book.set_properties({**described, "created": datetime.combine(head.as_of, time())})
        sheet = Sheet(book.add_worksheet(head.title[:31]), Looks(book))
        note = f"{head.office}　{on}　范围：{head.scope or '全部'}　共{total}条。{head.remark}"
        _write(sheet, columns, rows, Heads(head.title, note, head.office, on))
    return file.getvalue()


def _write(sheet: Sheet, columns: Sequence[TableColumn], rows: Iterable[Sequence[Value]], heads: Heads) -> None:
    widths = [_NUMBER_WIDTH, *(column.width for column in columns)]
    printed = len(widths)
    sheet.lay_out(heads, ["序号", *(column.heading for column in columns)], widths, printed=printed)
    sheet.handle.freeze_panes(HEADINGS + 1, 0)
    row = HEADINGS
    for row, values in enumerate(rows, start=HEADINGS + 1):
        sheet.row(row, values, widths[1:])
        sheet.write(row, 0, row - HEADINGS)
        for place, (column, value) in enumerate(zip(columns, values, strict=True), start=1):
            sheet.write(row, place, value, centred=column.centred)
    if row == HEADINGS:
        row += 1
        sheet.remark(row, printed, "没有符合条件的。", width=sum(widths))
    sheet.handle.autofilter(HEADINGS, 0, row, len(columns))
    sheet.handle.print_area(0, 0, row, printed - 1)
    sheet.handle.ignore_errors({"number_stored_as_text": f"A1:XFD{row + 1}"})
