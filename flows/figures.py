"""The leaders' figures and overdue list as Prefect's pages show them."""

from __future__ import annotations

from collections.abc import Iterable

from flows.words import KINDS
from reports.figures import Figures
from reports.occurrences import OccurrenceLine
from reports.overview import Overview

_HEADINGS = ("共", "已办结", "其中逾期办结", "逾期未办", "待办", "免办", "按时办结率")


def figures_text(overview: Overview) -> str:
    """A markdown table: one row for each kind, and the whole."""
    head = f"| {overview.year}年 | {' | '.join(_HEADINGS)} |\n|---|{'---:|' * len(_HEADINGS)}\n"
    rows = [_row(name, overview.by_kind[kind.value]) for kind, name in KINDS.items() if kind.value in overview.by_kind]
    return head + "".join((*rows, _row("合计", overview.whole)))


def overdue_rows(lines: Iterable[OccurrenceLine]) -> list[dict[str, str]]:
    return [
        {
            "到期日": line.due_on.isoformat(),
            "逾期": f"{-line.workdays_left}个工作日",
            "事项": line.title,
            "责任人": "、".join(line.owners) or line.unit_name,
        }
        for line in lines
    ]


def _row(name: str, of: Figures) -> str:
    counts = (of.total, of.done, of.late, of.overdue, of.pending, of.waived)
    return f"| {name} | {' | '.join(str(count) for count in counts)} | {of.on_time_rate} |\n"
