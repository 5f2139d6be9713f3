"""The process that runs the flows: ``python -m flows.worker --home H``, started and watched over by ``suishi up``."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from prefect.client.orchestration import get_client

from flows.deployments import DEPLOYED, WORK_POOL
from flows.following import deploy_for, follow_settings
from flows.in_process import InProcessWorker
from flows.rim import home_hours
from flows.start_up import backup_is_due, check_runs_are_planned, have_work_pool, log, plan_once, reap, start_runs, until_healthy


async def work() -> None:
    """Until cancelled. One run at a time: a second sender would only wait for the first."""
    async with get_client() as client:
        await until_healthy(client)
        await have_work_pool(client)
        hours = await asyncio.to_thread(home_hours)
        deployments = await deploy_for(client, hours)
        reaped = await reap(client, deployments)
        await asyncio.to_thread(plan_once)
        await start_runs(client, deployments, backup_due=backup_is_due())
        log.info("deployed %s flows, ended %s dead runs", len(deployments), reaped)
        # Prefect hands runs over ten seconds early, for processes that start slowly: here what falls due at 08:45:00
        # would be looked for at 08:44:50, and found ten minutes later.
        worker = InProcessWorker(work_pool_name=WORK_POOL, name="岁时", limit=1, prefetch_seconds=0)
        worker.flows = {await client.create_flow_from_name(one.flow.name): one.flow for one in DEPLOYED}
        beside = [
            asyncio.create_task(check_runs_are_planned(client, deployments)),
            asyncio.create_task(follow_settings(client, hours)),
        ]
        try:
            await worker.start(printer=log.info)
        finally:
            for one in beside:
                one.cancel()


async def main() -> None:
    loop = asyncio.get_running_loop()
    working = asyncio.create_task(work())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, working.cancel)
    with suppress(asyncio.CancelledError):
        await working


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="flows.worker")
    parser.add_argument("--home", type=Path, required=True)
    os.environ["SUISHI_HOME"] = str(parser.parse_args().home.expanduser().resolve())
    sys.exit(asyncio.run(main()))
