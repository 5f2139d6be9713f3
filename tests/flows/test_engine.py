"""The whole, for real: ``suishi up`` with Prefect's own server, killed, restarted, and robbed of Prefect's database."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from sqlite3 import connect
from threading import Event
from time import monotonic
from typing import Any

import pytest

pytestmark = pytest.mark.engine

BUDGET = 180
"""Seconds for any one thing to happen; on a quiet machine each takes less than 30."""

SUISHI = Path(sys.executable).with_name("suishi")
FAR_AHEAD = datetime.now(UTC) + timedelta(days=200)


class Up:
    """One ``suishi up`` and what can be seen of it from outside."""

    def __init__(self, home: Path, said: Path, *options: str) -> None:
        self.home = home
        self._said = said
        with said.open("wb") as output:
            command = [SUISHI, "--home", home, "up", "--port", "0", "--prefect-port", "0", *options]
            environ = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT")}
            self.process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=environ)

    def said(self) -> str:
        return self._said.read_text(encoding="utf-8")

    def address(self, label: str) -> str:
        found = self.until(lambda: re.search(rf"^{label}  (http://\S+)", self.said(), re.MULTILINE))
        return str(found[1])

    def until(self, happens: Callable[[], Any]) -> Any:
        end = monotonic() + BUDGET
        while not (found := happens()):
            assert monotonic() < end, self.said() + self._tail("worker") + self._tail("prefect")
            assert self.process.poll() is None, self.said()
            Event().wait(0.3)
        return found

    def ask(self, path: str, body: object = None) -> Any:
        """Prefect's own API."""
        request = urllib.request.Request(
            f"{self.address('流程')}api{path}",
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        return json.loads(self.until(lambda: self._answered(request)))

    def _answered(self, request: urllib.request.Request) -> bytes:
        """Empty when Prefect says «not now» (503): its own database has one writer, and the worker is at it as well."""
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as refusal:
            if refusal.code == HTTPStatus.SERVICE_UNAVAILABLE:
                return b""
            raise

    def runs(self, **filters: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = self.ask("/flow_runs/filter", {"flow_runs": filters or None, "limit": 200, "offset": len(found)})
            found += page
            if len(page) < 200:
                return found

    def run(self, name: str) -> dict[str, Any]:
        """The newest run of that name."""
        return max(self.runs(name={"any_": [name]}), key=lambda run: run["created"], default={})

    def ended(self, name: str) -> dict[str, Any]:
        def look() -> dict[str, Any]:
            run = self.run(name)
            return run if run and run["state_type"] in {"COMPLETED", "FAILED", "CRASHED"} else {}

        return dict(self.until(look))

    def deployment(self, name: str) -> dict[str, Any]:
        return next((one for one in self.ask("/deployments/filter", {}) if one["name"] == name), {})

    def slugs(self, name: str) -> set[str]:
        return {schedule["slug"] for schedule in self.deployment(name)["schedules"]}

    def crons(self, name: str) -> str:
        (schedule,) = self.deployment(name)["schedules"]
        return str(schedule["schedule"]["cron"])

    def processes(self) -> dict[str, int]:
        """Module -> pid of every living process that was started for this home, the supervisor aside."""
        return {name: pid for pid, name in living(self.home).items() if pid != self.process.pid}

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def _tail(self, name: str) -> str:
        place = self.home / "logs" / f"{name}.log"
        return place.read_text(encoding="utf-8", errors="replace")[-3000:] if place.exists() else ""


def follow(up: Up, home: Path) -> list[str]:
    """What the worker does at each look, done at once; the windows that are in force afterwards."""
    from prefect.client.orchestration import PrefectClient

    from flows.following import apply_if_changed
    from flows.rim import Hours

    async def once() -> Hours:
        async with PrefectClient(f"{up.address('流程')}api") as client:
            return await apply_if_changed(client, Hours("Asia/Shanghai", 1, ()))

    with pytest.MonkeyPatch.context() as environ:
        environ.setenv("SUISHI_HOME", str(home))
        return [str(window) for window in asyncio.run(once()).windows]


def living(home: Path) -> dict[int, str]:
    """Processes whose environment or command names the home."""
    found: dict[int, str] = {}
    for place in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (place / "cmdline").read_bytes()
            if str(home).encode() in command + (place / "environ").read_bytes() and command:
                parts = command.decode().split("\0")
                found[int(place.name)] = parts[parts.index("-m") + 1] if "-m" in parts else parts[0]
    return found


def sent(home: Path) -> list[tuple[str, str]]:
    """Without the day's line to the admin, which is there from 08:30 on."""
    reminding = "SELECT ref, sent_at FROM message WHERE state = 'sent' AND kind = 'reminders' ORDER BY ref"
    with closing(connect(home / "data" / "suishi.db")) as db:
        return db.execute(reminding).fetchall()


def mails(home: Path) -> int:
    refs = [ref for ref, _ in sent(home)]
    return sum(any(ref in mail.name for ref in refs) for mail in (home / "outbox").glob("*.eml"))


@pytest.fixture
def start(home: Path, tmp_path: Path) -> Iterator[Callable[[], Up]]:
    started: list[Up] = []

    def go() -> Up:
        started.append(Up(home, tmp_path / f"said-{len(started)}"))
        return started[-1]

    yield go
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


def test_the_year_stands_in_prefect_and_survives_whatever_happens_to_it(start: Callable[[], Up], home: Path) -> None:
    up = start()

    # The page is there before the flows are.
    page = up.address("网页")
    assert "流程  http" not in up.said()
    with urllib.request.urlopen(page, timeout=30) as answer:
        assert answer.status == 200

    # The first tick sends, by itself, and says how many.
    tick = up.ended("启动：派发提醒")
    assert tick["state_type"] == "COMPLETED"
    assert tick["state"]["message"] in {"发出 2 条", "发出 3 条"}  # from 08:30 on with the day's line to the admin
    first_sent = sent(home)
    assert len(first_sent) == 2
    assert mails(home) == 2

    # Each kind shows its year, and has its days in the calendar, far ahead and by name.
    for kind in ("学习", "检查", "普法", "整改", "常规"):
        assert up.ended(f"启动：{kind}")["state_type"] == "COMPLETED"
    year = datetime.now(UTC).year
    keys = {artifact["key"] for artifact in up.ask("/artifacts/filter", {"limit": 100})}
    assert {f"year-study-{year}", f"year-study-{year + 1}", f"year-rectification-{year}", "sent"} <= keys
    calendar = [run for run in up.runs(state={"type": {"any_": ["SCHEDULED"]}}) if run["idempotency_key"] and run["parameters"]]
    far = [run for run in calendar if datetime.fromisoformat(run["expected_start_time"]) > FAR_AHEAD]
    assert any(re.fullmatch(r"\d+月\d+日 学习：中心组法治专题学习（第.季度）到期", run["name"]) for run in far)
    assert any(run["name"] == "12月4日 普法：国家宪法日宣传到期" for run in far)
    assert {"岁时", "学习", "到期"} in [set(run["tags"]) for run in far]

    # The rest was done as well, lest a machine that is off at night never does it.
    assert up.ended("启动：备份")["state_type"] == "COMPLETED"
    assert {"backup", "figures", "overdue"} <= {artifact["key"] for artifact in up.ask("/artifacts/filter", {"limit": 100})}

    # No run begins before its time: what falls due at 08:45:00 would not be found at 08:44:50.
    begun = [run for run in up.runs() if run["start_time"]]
    assert len(begun) >= 9
    assert [run["name"] for run in begun if run["start_time"] < run["expected_start_time"]] == []

    # Prefect's scheduler itself plans the tick's runs.
    tick_id = up.deployment("派发提醒")["id"]
    assert [run for run in up.runs(deployment_id={"any_": [tick_id]}) if run["auto_scheduled"]]

    # The office sends later in the evening from now on: the schedule that the server keeps follows the settings.
    assert up.crons("派发提醒").split()[1] == "0-23"
    settings = home / "suishi.yaml"
    as_before = settings.read_text(encoding="utf-8")
    settings.write_text(as_before.replace("00:00-23:59", "08:00-22:30"), encoding="utf-8")
    assert follow(up, home) == ["08:00-22:30"]
    assert up.crons("派发提醒").split()[1] == "7-22"
    assert up.crons("巡查").split()[1] == "7-22"
    assert up.slugs("派发提醒") == {"every-10-minutes"}
    settings.write_text(as_before, encoding="utf-8")
    assert follow(up, home) == ["00:00-23:59"]

    # A power cut for the worker, with a run under way, a schedule of yesterday's program and a stale deployment.
    study = up.deployment("学习")
    old = {"active": True, "slug": "old", "schedule": {"cron": "0 3 * * *", "timezone": "Asia/Shanghai"}}
    up.ask(f"/deployments/{study['id']}/schedules", [old])
    up.ask("/deployments/", {"name": "去年的", "flow_id": study["flow_id"], "tags": ["岁时"]})
    stuck = up.ask(f"/deployments/{tick_id}/create_flow_run", {"name": "卡住的", "state": {"type": "PENDING"}})
    up.ask(f"/flow_runs/{stuck['id']}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    assert up.slugs("学习") == {"daily", "old"}
    os.kill(up.processes()["flows.worker"], signal.SIGKILL)
    assert up.ended("卡住的")["state_type"] == "CRASHED"
    up.until(lambda: up.slugs("学习") == {"daily"} and not up.deployment("去年的"))
    assert "派发 意外停止" in up.said()

    # The calendar was kept, not made anew: deploying again must not cost a year of runs.
    up.until(lambda: len(up.runs(name={"any_": ["启动：学习"]})) == 2)
    up.until(lambda: "日程新建0个，删除0个" in (up.ended("启动：学习")["state"]["message"] or ""))

    # A polite end leaves nobody behind.
    assert up.stop() == 0
    assert living(home) == {}
    assert sent(home) == first_sent

    # Prefect's whole memory is lost. Nothing of ours is, and nothing is said twice.
    shutil.rmtree(home / "prefect")
    again = start()
    tick = again.ended("启动：派发提醒")
    assert (tick["state_type"], tick["state"]["message"]) == ("COMPLETED", "没有要发的提醒")
    again.ended("启动：学习")
    assert sent(home) == first_sent
    assert mails(home) == 2

    # Not even killing the supervisor outright leaves anybody behind.
    again.stop(signal.SIGKILL)
    end = monotonic() + 10
    while living(home) and monotonic() < end:
        Event().wait(0.1)
    assert living(home) == {}


def test_the_page_alone_needs_no_prefect(home: Path, tmp_path: Path) -> None:
    up = Up(home, tmp_path / "said", "--no-prefect")
    with urllib.request.urlopen(up.address("网页"), timeout=30) as answer:
        assert answer.status == 200
    up.until(lambda: set(up.processes()) == {"cli.page"})  # who says what to do first is soon gone
    assert up.stop(signal.SIGINT) == 0
    assert living(home) == {}
