"""A session's sign-in sheet as a file, to be printed and kept with the papers."""

from __future__ import annotations

from datetime import tzinfo

from reports.attendance import SignInSheet
from reports.table_file import TableColumn, TableHead, table_xlsx

_COLUMNS = (
    TableColumn("姓名", 12, centred=True),
    TableColumn("单位", 30),
    TableColumn("签到时间", 20, centred=True),
    TableColumn("方式", 12, centred=True),
    TableColumn("备注", 20),
)


def sign_in_sheet_xlsx(sheet: SignInSheet, head: TableHead, *, tz: tzinfo) -> bytes:
    rows = (
        (one.name, one.unit_name, f"{one.at.astimezone(tz):%Y-%m-%d %H:%M}", "扫码" if one.by_code else "代为登记", "")
        for one in sheet.lines
    )
    return table_xlsx(head, _COLUMNS, rows, total=len(sheet.lines))
