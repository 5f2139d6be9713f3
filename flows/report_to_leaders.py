"""Once a week: how the year stands, and what is overdue."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows.figures import figures_text, overdue_rows
from flows.publish import done, markdown, table
from flows.rim import named, opened
from reports.overview import overview

WHAT = "领导周报"


@flow(name="report-to-leaders", flow_run_name=named(WHAT))
def report_to_leaders() -> State[Any]:
    """Publish the figures of the year and the list of what is overdue."""
    with opened(WHAT) as app:
        today = app.today()
        found = overview(app.store, today.year, as_of=today, workdays=app.workdays)
    markdown("figures", figures_text(found), about=f"{today.isoformat()} 全年办理情况")
    rows = overdue_rows(found.overdue.lines) or [{"事项": "没有逾期未办的事项"}]
    table("overdue", rows, about=f"逾期未办：{found.overdue.total}项")
    return done(f"逾期未办{found.overdue.total}项")
