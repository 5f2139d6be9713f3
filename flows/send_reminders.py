"""The tick: everything due and unsent, so that whatever was lost, doubled or late elsewhere is caught here."""

from __future__ import annotations

from typing import Any

from prefect import State, flow

from flows.publish import done
from flows.reminding import REMINDING, remind
from flows.rim import named, opened


@flow(name="send-reminders", flow_run_name=named(REMINDING))
def send_reminders() -> State[Any]:
    """Send what is due now. Safe at any time and as often as you like: nothing is sent twice."""
    with opened(REMINDING) as app:
        return done(remind(app))
