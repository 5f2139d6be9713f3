"""The supervisor with small stand-in programs: it starts again what dies, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest

from cli.child_log import ChildLog
from cli.supervisor import Child, Supervisor

LIVES_ON = "import os, sys, threading; print('here', os.getpid(), flush=True); threading.Event().wait()"
DIES = "import os, sys; print('here', os.getpid(), flush=True); print('ERROR 坏了', flush=True); sys.exit(7)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + LIVES_ON
HAS_A_CHILD = (
    "import subprocess, sys, os; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); "
    "print('here', os.getpid(), flush=True); import threading; threading.Event().wait()"
)

WATCHES = """
import asyncio, os, sys
from pathlib import Path
from cli.supervisor import Child, Supervisor

logs = Path(sys.argv[1])
programs = [(program, sys.argv[-1]) for program in sys.argv[2:-1]]
children = [
    Child(name=f"part{n}", label=f"部分{n}", command=(sys.executable, "-c", *one), environ=dict(os.environ))
    for n, one in enumerate(programs)
]
say = lambda line: print(line, flush=True)
asyncio.run(Supervisor(children, logs=logs, say=say, pauses=(0.05,), patience=0.5).run())
print("ended", flush=True)
"""


class Watched:
    """A supervisor in a process of its own, and the pids its children wrote down."""

    def __init__(self, folder: Path, programs: tuple[str, ...]) -> None:
        self.logs = folder / "logs"
        self.process = subprocess.Popen(
            [sys.executable, "-c", WATCHES, str(self.logs), *programs, LIVES_ON], stdout=subprocess.PIPE, text=True
        )

    def pids(self, part: int = 0) -> list[int]:
        place = self.logs / f"part{part}.log"
        lines = place.read_text(encoding="utf-8").splitlines() if place.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith("here ")]

    def end(self, number: signal.Signals) -> str:
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=20)
        return said


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watched]]:
    started: list[Watched] = []

    def start(*programs: str) -> Watched:
        started.append(Watched(tmp_path, programs))
        return started[-1]

    yield start
    for one in started:
        with suppress(ProcessLookupError):
            one.process.kill()
        one.process.communicate()


def eventually(happens: Callable[[], bool], *, within: float = 15) -> bool:
    until = monotonic() + within
    while not happens():
        if monotonic() > until:
            return False
        Event().wait(0.02)
    return True


def gone(pid: int) -> bool:
    """Whether the process is no more; a dead one that nobody has collected yet is no more."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def test_a_child_that_dies_is_started_again(watch: Callable[..., Watched]) -> None:
    watched = watch(DIES)
    assert eventually(lambda: len(watched.pids()) >= 3)
    said = watched.end(signal.SIGTERM)
    assert "部分0 意外停止（退出码 7）" in said
    assert "[部分0] ERROR 坏了" in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_polite_end_leaves_nothing_behind(watch: Callable[..., Watched], number: signal.Signals) -> None:
    watched = watch(LIVES_ON, LIVES_ON)
    assert eventually(lambda: bool(watched.pids(0) and watched.pids(1)))
    assert watched.end(number).strip() == "ended"
    assert watched.process.returncode == 0
    assert all(gone(pid) for pid in watched.pids(0) + watched.pids(1))


def test_a_deaf_child_is_ended_after_a_while(watch: Callable[..., Watched]) -> None:
    watched = watch(DEAF)
    assert eventually(lambda: bool(watched.pids()))
    watched.end(signal.SIGTERM)
    assert watched.process.returncode == 0
    assert all(gone(pid) for pid in watched.pids())


def test_what_a_child_started_ends_with_it(watch: Callable[..., Watched]) -> None:
    watched = watch(HAS_A_CHILD)
    assert eventually(lambda: len(watched.pids()) == 2)
    watched.end(signal.SIGTERM)
    assert eventually(lambda: all(gone(pid) for pid in watched.pids()))


def test_killing_the_supervisor_outright_leaves_nothing_behind(watch: Callable[..., Watched]) -> None:
    watched = watch(LIVES_ON, DEAF)
    assert eventually(lambda: bool(watched.pids(0) and watched.pids(1)))
    watched.end(signal.SIGKILL)
    assert eventually(lambda: all(gone(pid) for pid in watched.pids(0) + watched.pids(1)))


async def never() -> bool:
    return False


def worker(**more: Any) -> Child:
    program = (sys.executable, "-c", LIVES_ON)
    stand_in = (sys.executable, "-c", "print('in its place')")
    return Child(name="worker", label="派发", command=program, environ=dict(os.environ), stand_in=stand_in, **more)


async def reads(place: Path, word: str) -> None:
    while word not in place.read_text(encoding="utf-8"):  # noqa: ASYNC110, ASYNC240 - another process writes it
        await asyncio.sleep(0.02)


def test_while_a_child_cannot_start_something_stands_in_for_it(tmp_path: Path) -> None:
    """The worker waits for a server that never comes: reminders go out all the same."""
    said: list[str] = []

    async def story() -> None:
        supervisor = Supervisor([worker(after=never)], logs=tmp_path, say=said.append, stand_in_every=0.05)
        running = asyncio.create_task(supervisor.run())
        await reads(tmp_path / "worker.log", "in its place")
        supervisor.stop()
        await running

    asyncio.run(asyncio.wait_for(story(), 20))
    assert said[0] == "派发 没有运行，已临时代为执行一次"


def test_nothing_stands_in_for_a_child_that_runs(tmp_path: Path) -> None:
    said: list[str] = []

    async def story() -> None:
        supervisor = Supervisor([worker()], logs=tmp_path, say=said.append, stand_in_every=0.1)
        running = asyncio.create_task(supervisor.run())
        await reads(tmp_path / "worker.log", "here")
        said.clear()  # it may have stood in until now
        await asyncio.sleep(0.5)
        supervisor.stop()
        await running

    asyncio.run(asyncio.wait_for(story(), 20))
    assert said == []


def test_what_a_herald_prints_is_said_once_and_kept_in_no_log(tmp_path: Path) -> None:
    said: list[str] = []
    herald = (sys.executable, "-c", "print('第一次启用'); print('k7dm')")
    fails = (sys.executable, "-c", "print('nothing of this'); raise SystemExit(3)")

    async def up() -> bool:
        return True

    async def story() -> None:
        page = Child(name="page", label="网页", command=(sys.executable, "-c", LIVES_ON), environ=dict(os.environ))
        children = [replace(page, is_up=up, greeting="网页", herald=herald), replace(page, name="other", is_up=up, herald=fails)]
        supervisor = Supervisor(children, logs=tmp_path, say=said.append)
        running = asyncio.create_task(supervisor.run())
        while len(said) < 2:  # noqa: ASYNC110 - another process says it
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.3)
        supervisor.stop()
        await running

    asyncio.run(asyncio.wait_for(story(), 20))
    assert said == ["网页", "第一次启用\nk7dm"]
    assert "k7dm" not in (tmp_path / "page.log").read_text(encoding="utf-8")


def test_a_full_log_is_turned_over_and_the_oldest_goes(tmp_path: Path) -> None:
    log = ChildLog(tmp_path / "logs" / "page.log", largest=100, kept=2)
    for number in range(40):
        log.write(f"line {number:04}\n".encode())
    log.close()
    names = sorted(place.name for place in (tmp_path / "logs").iterdir())
    assert names == ["page.log", "page.log.1", "page.log.2"]
    assert (tmp_path / "logs" / "page.log").read_text(encoding="ascii").endswith("line 0039\n")
    assert all(place.stat().st_size <= 100 for place in (tmp_path / "logs").iterdir())


def test_the_supervisor_is_light() -> None:
    """It must stay up when Prefect or the database cannot even be imported."""
    looked = "import cli.up, sys; print(sorted({'prefect', 'sqlalchemy', 'fastapi', 'apprise'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", looked], check=True, capture_output=True, text=True, env=dict(os.environ))
    assert said.stdout.strip() == "[]"
