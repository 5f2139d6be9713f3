"""The completion log as a file: every entry in its order, with the code that later codes depend on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo

from models.store import Store
from planning.acts import VIAS, act_name
from reports.ledger_columns import Value
from reports.log import LogLine, every_entry
from reports.planned_words import subject_words
from reports.table_file import TableColumn, TableHead, table_xlsx

_COLUMNS = (
    TableColumn("条号", 7, centred=True),
    TableColumn("时间", 19, centred=True),
    TableColumn("登记人", 9, centred=True),
    TableColumn("方式", 10, centred=True),
    TableColumn("动作", 12, centred=True),
    TableColumn("事项", 34),
    TableColumn("编号", 24),
    TableColumn("校验码", 22, centred=True),
)


def log_xlsx(store: Store, head: TableHead, *, tz: tzinfo, names: Mapping[str, str]) -> bytes:
    """``names``: of people by key. Raises ValueError for too many entries, as :func:`table_xlsx` does."""
    with every_entry(store) as (total, lines):
        return table_xlsx(head, _COLUMNS, (_row(line, tz, names) for line in lines), total=total)


def _row(line: LogLine, tz: tzinfo, names: Mapping[str, str]) -> tuple[Value, ...]:
    return (
        line.seq,
        f"{line.at.astimezone(tz):%Y-%m-%d %H:%M:%S}",
        names.get(line.actor, {"system": "系统"}.get(line.actor, line.actor)),
        VIAS.get(line.via, line.via),
        act_name(line.kind),
        "，".join(subject_words(line)),
        line.subject,
        line.code,
    )
