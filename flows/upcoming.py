"""The calendar in Prefect's Upcoming page: one named run for each day on which a kind has something due or to remind.

A run may be lost, doubled or late without harm: it calls the same idempotent service as the tick.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.runtime import deployment
from prefect.states import Scheduled

from config.app import App
from flows.calendar_runs import Differences, Held, Wanted, compare, wanted_runs
from flows.words import KINDS
from planning.duty import Kind
from reports.agenda import agenda

PAGE = 200
"""The server hands over no more at once."""


def hold_upcoming(app: App, kind: Kind) -> Differences | None:
    """Make the calendar of a kind equal to the plan, to the end of next year. None outside a deployment's run."""
    if deployment.id is None:
        return None
    today = app.today()
    days = agenda(app.store, since=today, until=date(today.year + 1, 12, 31), tz=app.tz)
    wanted = wanted_runs((day for day in days if day.kind is kind), remind_at=app.settings.remind_at, tz=app.tz)
    return asyncio.run(reconcile(UUID(deployment.id), wanted, now=app.now(), daily=f"{KINDS[kind]}全年编排", tz=app.tz))


async def reconcile(deployment_id: UUID, wanted: Sequence[Wanted], *, now: datetime, daily: str, tz: tzinfo) -> Differences:
    """Only the difference goes over the wire, one request after the other: SQLite writes no faster side by side."""
    async with get_client() as client:
        held = await _held(client, deployment_id)
        differences = compare(wanted, held, now=now, daily=daily, tz=tz)
        for run_id in differences.delete:
            await client.delete_flow_run(run_id)
        for run_id, name in differences.rename:
            await client.set_flow_run_name(run_id, name)
        for one in differences.create:
            await client.create_flow_run_from_deployment(
                deployment_id,
                parameters={"day": one.day},
                state=Scheduled(scheduled_time=one.at),
                name=one.name,
                tags=one.tags,
                idempotency_key=one.key,
            )
    return differences


async def _held(client: PrefectClient, deployment_id: UUID) -> list[Held]:
    """The runs that wait; not those that somebody asked for by hand."""
    held: list[Held] = []
    offset = 0
    while True:
        runs = await client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[deployment_id]),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            ),
            sort=FlowRunSort.EXPECTED_START_TIME_ASC,
            limit=PAGE,
            offset=offset,
        )
        held += [
            Held(run.id, _key(run), run.name, run.next_scheduled_start_time)
            for run in runs
            if run.next_scheduled_start_time is not None and (run.auto_scheduled or _is_ours(run))
        ]
        if len(runs) < PAGE:
            return held
        offset += PAGE


def _is_ours(run: FlowRun) -> bool:
    return bool(run.idempotency_key and run.parameters.get("day"))


def _key(run: FlowRun) -> str:
    """Ours; the server gives its schedule's runs keys of its own."""
    return "" if run.auto_scheduled else str(run.idempotency_key)
