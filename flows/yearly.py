"""What the five yearly flows have in common: they hold the year of one kind."""

from __future__ import annotations

from datetime import date

from config.app import App
from flows.publish import table
from flows.reminding import REMINDING, remind
from flows.rim import PLANNING, opened
from flows.upcoming import hold_upcoming
from flows.words import KINDS, state_of
from planning.duty import Kind
from reports.occurrences import Filters, listing
from services.plan import plan

_MOST_ROWS = 1000


def hold_year(kind: Kind, *, year: int | None, day: date | None) -> str:
    """Without a day: plan, show the year, hold the calendar. With one: remind of what is due; a day late is as good."""
    if day is not None:
        with opened(REMINDING) as app:
            return remind(app)
    with opened(PLANNING) as app:
        basis = app.plan_basis(None if year is None else (year,))
        outcome = plan(app.store, basis, now=app.now())
        for shown in basis.years:
            _show_year(app, kind, shown)
        calendar = hold_upcoming(app, kind)
    said = f"新增{outcome.added}项，改期{len(outcome.moved)}项，撤回{len(outcome.withdrawn)}项，未变{outcome.unchanged}项"
    if calendar is not None:
        said += f"；日程新建{len(calendar.create)}个，删除{len(calendar.delete)}个，保留{calendar.kept}个"
    return said


def _show_year(app: App, kind: Kind, year: int) -> None:
    span = Filters(kinds=(kind.value,), due_from=date(year, 1, 1), due_to=date(year, 12, 31))
    found = listing(app.store, span, as_of=app.today(), workdays=app.workdays, limit=_MOST_ROWS)
    rows = [
        {
            "日期": line.due_on.isoformat() + (" 暂定" if line.provisional else ""),
            "事项": line.title,
            "责任人": "、".join(line.owners) or line.unit_name,
            "状态": state_of(line),
        }
        for line in found.lines
    ]
    rest = "" if found.total <= len(rows) else f"，此表只列前{len(rows)}项"
    table(f"year-{kind.value}-{year}", rows, about=f"{year}年{KINDS[kind]}：共{found.total}项{rest}")
