"""The auditor: what should have moved on and has not becomes an open problem."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows.outside import tell_outside
from flows.publish import done, table
from flows.rim import named, opened
from services.backup import newest
from services.watch import watch as look

WHAT = "巡查"


@flow(name="watch", flow_run_name=named(WHAT))
def watch() -> State[Any]:
    """Look for late reminders, stuck messages, unplanned files, a missing holiday notice, an old backup."""
    with opened(WHAT) as app:
        found = look(
            app.store, app.plan_basis(), app.delivery_policy(), now=app.now(), newest_backup=newest(app.home / "backups")
        )
        tell_outside(app)
    if found:
        rows = [{"问题": finding.text} for finding in found]
        table("watch", rows, about="巡查发现的问题：解决后自动消除")
    return done(f"发现{len(found)}个问题" if found else "一切正常")
