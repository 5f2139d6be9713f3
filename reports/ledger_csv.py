"""The ledger as comma-separated values, for programs and for Excel that opens them by a double click."""

from __future__ import annotations

import csv
import re
from datetime import date, tzinfo
from io import BytesIO, TextIOWrapper

from models.store import Store
from planning.workdays import Workdays
from reports.conditions import Filters
from reports.ledger import Ledger, open_ledger
from reports.ledger_columns import Value, columns, written

MEDIA_TYPE = "text/csv; charset=utf-8"

_LOOKS_LIKE_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
"""What Excel would reckon, or hand to a program, at the beginning of a value (OWASP, CSV injection)."""


def export_csv(store: Store, filters: Filters, *, as_of: date, workdays: Workdays, tz: tzinfo) -> bytes:
    """The occurrences that pass the filters. Raises ValueError as ``open_ledger`` does."""
    with open_ledger(store, filters, as_of=as_of, workdays=workdays, tz=tz) as ledger:
        return write_csv(ledger, as_of=as_of)


def write_csv(ledger: Ledger, *, as_of: date) -> bytes:
    """Headings and lines, UTF-8 with the mark without which Excel takes it for GBK; days as 2026-03-05."""
    listed = columns(as_of, ledger.measures)
    file = BytesIO()
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(["序号", *(_safe(column.heading) for column in listed)])
    for number, line in enumerate(ledger.lines, start=1):
        writer.writerow([number, *(_safe(column.value(line)) for column in listed)])
    text.flush()
    return file.getvalue()


def _safe(value: Value) -> str:
    """A text that could be taken for a formula begins with an apostrophe; a reader sees it, a computer reckons nothing."""
    kept = written(value)
    if isinstance(kept, str):
        return f"'{kept}" if _LOOKS_LIKE_FORMULA.match(kept) else kept
    return "" if kept is None else str(kept)
