"""The year of the rectification items and their deadlines (整改)."""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import State, flow

from flows.publish import done
from flows.rim import named
from flows.yearly import hold_year
from planning.duty import Kind


@flow(name="rectifications", flow_run_name=named("整改全年编排"))
def rectifications(year: int | None = None, day: date | None = None) -> State[Any]:
    """Hold the year of this kind; give a ``year`` to plan and show another one.

    A run with a ``day`` belongs to the calendar: it sends what is due and unsent, like the tick.
    """
    return done(hold_year(Kind.RECTIFICATION, year=year, day=day))
