"""Every deployment and every schedule, in one list; nothing else names a cron."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions
from prefect.client.schemas.schedules import CronSchedule
from prefect.utilities.callables import parameter_schema

from flows.back_up import back_up
from flows.check_record import check_record
from flows.hours import awake_hours
from flows.inspections import inspections
from flows.publicity_themes import publicity_themes
from flows.rectifications import rectifications
from flows.report_to_leaders import report_to_leaders
from flows.routine_duties import routine_duties
from flows.send_reminders import send_reminders
from flows.study_sessions import study_sessions
from flows.watch import watch
from planning.windows import Window

TAG = "岁时"
"""On every deployment of ours: what bears it and is not in the list is stale."""

WORK_POOL = "suishi"
TICK = "send-reminders"
WATCH = "watch"
BACK_UP = "back-up"

AnyFlow = Flow[Any, Any]


@dataclass(frozen=True, slots=True)
class Deployed:
    """One flow with its schedule. ``slug`` names the schedule for ever, so that an upgrade replaces it."""

    flow: AnyFlow
    name: str
    cron: str  # in the office's time zone
    slug: str
    alone: bool = False  # one run at a time; a run that comes meanwhile is cancelled, the next one catches up


TICK_MINUTE = 3
"""Off minutes 0 and 30, for which WeCom and Feishu ask; an installation of its own has a minute of its own."""


def tick_cron(minute: int, windows: Iterable[Window] = ()) -> str:
    """Every ten minutes of the day, at ``minute`` (1 to 9) after each full ten."""
    return f"{','.join(str(full + minute) for full in range(0, 60, 10))} {awake_hours(windows)} * * *"


def watch_cron(windows: Iterable[Window] = ()) -> str:
    return f"5,20,35,50 {awake_hours(windows)} * * *"


DEPLOYED = (
    Deployed(send_reminders, "派发提醒", tick_cron(TICK_MINUTE), "every-10-minutes", alone=True),
    Deployed(study_sessions, "学习", "30 6 * * *", "daily"),
    Deployed(inspections, "检查", "32 6 * * *", "daily"),
    Deployed(publicity_themes, "普法", "34 6 * * *", "daily"),
    Deployed(rectifications, "整改", "36 6 * * *", "daily"),
    Deployed(routine_duties, "常规", "38 6 * * *", "daily"),
    Deployed(report_to_leaders, "领导周报", "0 8 * * 1", "weekly"),
    Deployed(watch, "巡查", watch_cron(), "every-15-minutes"),
    Deployed(back_up, "备份", "10 2 * * *", "nightly"),
    Deployed(check_record, "核对记录", "20 3 * * 6", "weekly"),
)


def deployed_at(minute: int, windows: Iterable[Window] = ()) -> tuple[Deployed, ...]:
    """The list for an installation whose ticks come at this minute, in the hours in which its messages may leave."""
    windows = tuple(windows)
    crons = {TICK: tick_cron(minute, windows), WATCH: watch_cron(windows)}
    return tuple(replace(one, cron=crons.get(one.flow.name, one.cron)) for one in DEPLOYED)


def schedule_of(one: Deployed, zone: str) -> DeploymentScheduleCreate:
    return DeploymentScheduleCreate(schedule=CronSchedule(cron=one.cron, timezone=zone), slug=one.slug, active=True)


async def deploy_all(client: PrefectClient, *, zone: str, deployed: Sequence[Deployed] = DEPLOYED) -> dict[str, UUID]:
    """Make the server's deployments equal to the list: flow name -> id. What waits in the calendar is kept."""
    ids = {one.flow.name: await _deploy(client, one, zone) for one in deployed}
    for one in deployed:
        await _delete_stale_schedules(client, ids[one.flow.name], {one.slug})
    for known in await client.read_deployments(deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG]))):
        if known.id not in ids.values():
            await client.delete_deployment(known.id)
    return ids


async def _deploy(client: PrefectClient, one: Deployed, zone: str) -> UUID:
    flow_id = await client.create_flow_from_name(one.flow.name)
    return await client.create_deployment(
        flow_id,
        one.name,
        schedules=[schedule_of(one, zone)],
        concurrency_limit=1 if one.alone else None,
        concurrency_options=ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW) if one.alone else None,
        description=one.flow.description,
        work_pool_name=WORK_POOL,
        tags=[TAG],
        entrypoint=f"{one.flow.fn.__module__}.{one.flow.fn.__name__}",
        parameter_openapi_schema=parameter_schema(one.flow).model_dump_for_openapi(),
        enforce_parameter_schema=True,
        paused=False,
        pull_steps=[],
    )


async def _delete_stale_schedules(client: PrefectClient, deployment_id: UUID, slugs: set[str]) -> None:
    """A schedule that left the list would stay active for ever."""
    for schedule in await client.read_deployment_schedules(deployment_id):
        if schedule.slug not in slugs:
            await client.delete_deployment_schedule(deployment_id, schedule.id)
