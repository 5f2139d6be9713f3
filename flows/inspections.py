"""The year of the inspections under 信用+执法 （检查）."""

from __future__ import annotations

from datetime import date
from typing import Any

from prefect import State, flow

from flows.publish import done
from flows.rim import named
from flows.yearly import hold_year
from planning.duty import Kind


@flow(name="inspections", flow_run_name=named("检查全年编排"))
def inspections(year: int | None = None, day: date | None = None) -> State[Any]:
    """Hold the year of this kind; give a ``year`` to plan and show another one.

    A run with a ``day`` belongs to the calendar: it sends what is due and unsent, like the tick.
    """
    return done(hold_year(Kind.INSPECTION, year=year, day=day))
