"""What the worker does before it works: clear what a power cut left, plan, catch up, look whether the server plans runs."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.logging import get_logger
from prefect.states import Crashed, Scheduled

from config.clock import system_time
from flows.deployments import BACK_UP, DEPLOYED, TICK, WORK_POOL
from flows.in_process import TYPE, InProcessWorker
from flows.rim import PLANNING, open_home, opened
from services.backup import newest
from services.plan import plan
from services.problems import close_problem, report_problem

PLANS_RUNS_WITHIN = timedelta(seconds=30)
BACKUP_EVERY = timedelta(hours=24)
NO_RUNS = "prefect:no-runs"
_DEAD = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)

log = get_logger("suishi")


async def until_healthy(client: PrefectClient) -> None:
    while (fault := await client.api_healthcheck()) is not None:
        log.info("waiting for the server: %s", fault)
        await asyncio.sleep(1)


async def have_work_pool(client: PrefectClient) -> None:
    try:
        await client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        template = InProcessWorker.get_default_base_job_template()
        await client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type=TYPE, base_job_template=template))


async def reap(client: PrefectClient, deployments: Mapping[str, UUID]) -> int:
    """End the runs that nobody carries out any more: this worker is the only one, and it is only starting.

    Left alone they would hold the tick's only place, and every later tick would be cancelled.
    """
    reaped = 0
    while runs := await _runs(client, list(deployments.values()), _DEAD):
        for run in runs:
            await client.set_flow_run_state(run.id, Crashed(message="岁时重新启动前没有跑完"), force=True)
        reaped += len(runs)
    return reaped


def plan_once() -> None:
    """So that the year is there before the first tick. A plan that fails is told as a problem and stops nothing."""
    try:
        with opened(PLANNING) as app:
            plan(app.store, app.plan_basis(), now=app.now())
    except Exception:  # the tick must run whatever the files say
        log.exception("planning at start failed")


async def start_runs(client: PrefectClient, deployments: Mapping[str, UUID], *, backup_due: bool) -> None:
    """Catch up first, then show each kind's year and all the rest.

    A machine that is off at night and over the weekend would otherwise never plan, report or back up.
    """
    now = system_time()
    wanted = [one for one in DEPLOYED if one.flow.name != BACK_UP or backup_due]
    for seconds, one in enumerate(wanted):
        await client.create_flow_run_from_deployment(
            deployments[one.flow.name],
            state=Scheduled(scheduled_time=now + timedelta(seconds=seconds)),
            name=f"启动：{one.name}",
        )


def backup_is_due() -> bool:
    app = open_home()
    made = newest(app.home / "backups")
    return made is None or app.now() - made > BACKUP_EVERY


async def check_runs_are_planned(client: PrefectClient, deployments: Mapping[str, UUID]) -> bool:
    """Whether the server plans the tick's runs. A broken pair of library versions looks healthy and plans none."""
    for _ in range(int(PLANS_RUNS_WITHIN.total_seconds())):
        runs = await _runs(client, [deployments[TICK]], (StateType.SCHEDULED,))
        if any(run.auto_scheduled for run in runs):
            await asyncio.to_thread(_tell, planned=True)
            return True
        await asyncio.sleep(1)
    log.error("the server plans no runs of %s: reminders will not go out by themselves", TICK)
    await asyncio.to_thread(_tell, planned=False)
    return False


def _tell(*, planned: bool) -> None:
    app = open_home()
    now = app.now()
    fault = "Prefect 没有按时间表排出派发任务，提醒不会自动发出。"
    text = f"{fault}多半是依赖的版本不合：请运行 suishi doctor，并按 requirements.lock 重装。"
    try:
        if planned:
            app.store.transact(lambda db: close_problem(db, key=NO_RUNS, now=now))
        else:
            app.store.transact(lambda db: report_problem(db, key=NO_RUNS, kind="prefect", text=text, now=now))
    finally:
        app.close()


async def _runs(client: PrefectClient, deployments: list[UUID], states: tuple[StateType, ...]) -> list[FlowRun]:
    return await client.read_flow_runs(
        flow_run_filter=FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=deployments),
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states))),
        )
    )
