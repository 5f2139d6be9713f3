"""The schedules follow the office's settings: whoever moves the windows to the evening gets ticks in the evening."""

from __future__ import annotations

import asyncio
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.logging import get_logger

from config.app import HomeUnusable
from flows.deployments import deploy_all, deployed_at
from flows.rim import Hours, home_hours

LOOKS_EVERY = 60
"""Seconds: well within one tick, so that windows changed in the morning hold for the same day."""

log = get_logger("suishi")


async def deploy_for(client: PrefectClient, hours: Hours) -> dict[str, UUID]:
    """Make the server's deployments equal to what these settings ask for: flow name -> id."""
    return await deploy_all(client, zone=hours.zone, deployed=deployed_at(hours.minute, hours.windows))


async def follow_settings(client: PrefectClient, applied: Hours) -> None:
    """Until cancelled. A server or a database that does not answer now is asked again at the next look."""
    while True:
        await asyncio.sleep(LOOKS_EVERY)
        try:
            applied = await apply_if_changed(client, applied)
        except Exception:  # reminders go on in the hours that are in force
            log.exception("the schedules could not follow the settings")


async def apply_if_changed(client: PrefectClient, applied: Hours) -> Hours:
    """What is in force afterwards. Settings with a fault change nothing: those before them stay."""
    try:
        wanted = await asyncio.to_thread(home_hours)
    except HomeUnusable:
        return applied
    if wanted == applied:
        return applied
    await deploy_for(client, wanted)
    log.info("schedules follow the settings: ticks in the windows %s", ", ".join(map(str, wanted.windows)))
    return wanted
