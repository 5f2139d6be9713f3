"""What a person sees who presses 办结 while another process holds the database's write lock."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from cli.page import PATIENCE
from config.app import App, open_app
from services.plan import plan
from tests.crash.troubles import holding_the_lock
from tests.web.conftest import Clock, Town, write_home
from web.app import create_app

_WEDNESDAY = datetime(2026, 4, 8, 1, 30, tzinfo=UTC)
_STUDY, _OWNER = "study-law:2026-Q2", "chenxia"


@dataclass(frozen=True, slots=True)
class Answered:
    code: int
    seconds: float
    ok: bool  # a friendly page in time, nothing recorded; and a moment later the same press succeeds


def page_while_locked(folder: Path) -> Answered:
    app = open_app(write_home(folder / "home"), environ={}, clock=Clock(_WEDNESDAY))
    app.patience = PATIENCE
    logging.disable(logging.CRITICAL)  # the fault is noted as it should be; here it would only fill the terminal
    try:
        plan(app.store, app.plan_basis((2026,)), now=datetime(2026, 1, 4, 1, 0, tzinfo=UTC))
        return asyncio.run(_press(app))
    finally:
        logging.disable(logging.NOTSET)
        app.close()


async def _press(app: App) -> Answered:
    transport = httpx.ASGITransport(create_app(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://town.example", timeout=60) as client:
        token = Town(app, Clock(_WEDNESDAY), client, asyncio.get_running_loop()).link(_STUDY, _OWNER)
        address = (await client.get(f"/t/{token}")).headers["location"]
        found = re.search(r'name="code" value="([0-9a-f]+)"', (await client.get(address)).text)
        typed = {"code": found[1] if found else "", "done_on": "2026-04-07", "note": "留住这句话", "m-0": "7"}
        with holding_the_lock(str(app.store.engine.url)):
            began = time.monotonic()
            refused = await client.post(f"{address}/done", data=typed)
            took = time.monotonic() - began
        again = await client.post(f"{address}/done", data=typed)
    friendly = refused.status_code == 503 and "数据库正忙" in refused.text and typed["note"] in refused.text
    return Answered(refused.status_code, took, friendly and took <= 5 and again.status_code in {200, 303})
