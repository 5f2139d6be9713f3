"""The ledger as a file for Excel or WPS: a sheet of lines, and one of their figures. Equal lines give equal bytes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, tzinfo
from io import BytesIO

from models.store import Store
from planning.wording import day_name
from planning.workdays import Workdays
from reports.conditions import STATE_WORDS, Filters
from reports.figures import STATE_OF, Figures
from reports.ledger import Ledger, open_ledger
from reports.ledger_columns import Column, Value, columns, state, written
from reports.ledger_sums import LedgerSums
from reports.sheet import HEADINGS, OPTIONS, Heads, Looks, Sheet

SCHEMA = "suishi-ledger/1"
"""In the file's properties, so that whoever takes the file in knows its columns."""

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_KEPT_IN_VIEW = 3  # columns: number, kind and title
_READING = "“现时限”为准，“逾期工作日”按放假安排计算；红色为逾期，黄色为今日到期、临近到期（5个工作日内）、延期待批或逾期办结。"

_TONE_OF = {
    "overdue": "red",
    "today": "amber",
    "soon": "amber",
    "late": "amber",
    "extension-pending": "amber",
    "done": "green",
    "reviewed": "green",
    "waived": "grey",
    "withdrawn": "grey",
    "silent": "grey",
}
_COUNTED = (
    *("total", "due", "done", "on_time", "late", "overdue", "pending", "stagnant", "silent", "waived"),
    *("extended", "unproved", "unsigned"),
)
_FIGURES = {
    **{name: STATE_WORDS.get(STATE_OF[name], "总数") for name in _COUNTED},
    "on_time_rate": "按时办结率",
    "done_rate": "办结率",
}
"""Called as the lists call them, so that whoever looks for the lines behind a figure knows by what word."""

_NUMBER_WIDTH, _NAME_WIDTH, _FIGURE_WIDTH = 5.0, 22.0, 10.5
_MEANINGS = (
    "总数＝已办结＋逾期＋未逾期待办＋启用前到期＋免办，不含已撤回的；应完成＝已办结＋逾期；已办结＝按时办结＋逾期办结；"
    "停滞的也在未逾期待办里；"
    "按时办结率＝按时办结÷应完成，办结率＝已办结÷应完成，没有应完成的写“无”。单位按名册顺序排列，不作排名。"
)


def export_xlsx(
    store: Store,
    filters: Filters,
    *,
    as_of: date,
    workdays: Workdays,
    tz: tzinfo,
    title: str,
    filters_words: str,
    office: str,
) -> bytes:
    """The occurrences that pass the filters, as a file. Raises ValueError as ``open_ledger`` does.

    2,000 lines take half a second of CPU, 100,000 some twenty and 60 MB.
    """
    with open_ledger(store, filters, as_of=as_of, workdays=workdays, tz=tz) as ledger:
        return write_ledger(ledger, title=title, filters_words=filters_words, as_of=as_of, office=office)


def write_ledger(ledger: Ledger, *, title: str, filters_words: str, as_of: date, office: str) -> bytes:
    """``filters_words`` says in Chinese what was asked for; empty: everything."""
    from xlsxwriter import Workbook  # type: ignore[import-untyped]  # ships no types; read only where something is exported

    on = f"截至{day_name(as_of, with_year=True)}"
    scope = f"{office}　{on}　范围：{filters_words or '全部'}　共{ledger.total}项。"
    file = BytesIO()
    with Workbook(file, OPTIONS) as book:
        # The day, as XlsxWriter would write the clock's time.
        described = {"title": written(title) or "", "author": written(office) or ""}
        book.set_properties({**described, "created": datetime.combine(as_of, time())})
        book.set_custom_property("schema", SCHEMA)
        book.set_custom_property("as_of", as_of.isoformat())
        looks = Looks(book)
        sums = _write_lines(Sheet(book.add_worksheet("台账"), looks), ledger, Heads(title, scope + _READING, office, on), as_of)
        _write_figures(Sheet(book.add_worksheet("汇总"), looks), sums, ledger.units, Heads(f"{title}汇总", scope, office, on))
    return file.getvalue()


def _write_lines(sheet: Sheet, ledger: Ledger, heads: Heads, as_of: date) -> LedgerSums:
    listed = columns(as_of, ledger.measures)
    printed = 1 + sum(column.printed for column in listed)
    widths = [column.width for column in listed]
    sheet.lay_out(heads, ["序号", *(column.heading for column in listed)], [_NUMBER_WIDTH, *widths], printed=printed)
    sheet.handle.freeze_panes(HEADINGS + 1, _KEPT_IN_VIEW)
    sums = LedgerSums()
    row = HEADINGS
    for row, line in enumerate(ledger.lines, start=HEADINGS + 1):
        values = [column.value(line) for column in listed]
        sheet.row(row, values, widths)
        sheet.write(row, 0, row - HEADINGS)
        tone = _TONE_OF.get(state(line.line, as_of), "")
        for place, (column, value) in enumerate(zip(listed, values, strict=True), start=1):
            sheet.write(row, place, value, centred=column.centred, tone=_tone(column, value, tone))
        sums.add(line.line)
    if row == HEADINGS:
        row += 1
        sheet.remark(row, printed, "没有符合条件的办理项。", width=100)
    sheet.handle.autofilter(HEADINGS, 0, row, len(listed))
    sheet.handle.print_area(0, 0, row, printed - 1)
    sheet.handle.ignore_errors({"number_stored_as_text": f"A1:XFD{row + 1}"})
    return sums


def _tone(column: Column, value: Value, of_state: str) -> str:
    if column.toned:
        return "" if value is None else of_state
    return "" if column.printed else "grey"


def _write_figures(sheet: Sheet, sums: LedgerSums, units: Sequence[str], heads: Heads) -> None:
    widths = [_NAME_WIDTH, *(_FIGURE_WIDTH for _ in _FIGURES)]
    sheet.lay_out(heads, ["类别", *_FIGURES.values()], widths, printed=len(widths))
    row = HEADINGS + 1
    for name, figures in sums.kinds():
        _write_figures_row(sheet, row, name, figures)
        row += 1
    _write_figures_row(sheet, row, "合计", sums.whole(), tone="total")
    row += 2
    sheet.headings(row, ["责任单位", *_FIGURES.values()])
    for name, figures in sums.units(units):
        row += 1
        _write_figures_row(sheet, row, name, figures)
    sheet.remark(row + 2, len(widths), _MEANINGS, width=sum(widths))


def _write_figures_row(sheet: Sheet, row: int, name: str, figures: Figures, *, tone: str = "") -> None:
    sheet.row(row, [name], [_NAME_WIDTH])
    sheet.write(row, 0, name, tone=tone)
    for place, attribute in enumerate(_FIGURES, start=1):
        owed = attribute == "overdue" and figures.overdue > 0
        sheet.write(row, place, getattr(figures, attribute), centred=True, tone="red" if owed else tone)
