"""Keeps a few programs running, and ends them all when it is asked to.

Plain asyncio and the standard library: the supervisor must be light, and must not fall with what it watches over.
Each child stands in a session of its own, so that Ctrl-C reaches only the supervisor, which then ends the children in
order: the last started first, because it leans on the others.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from cli.child_log import ChildLog

PAUSES = (1, 2, 5, 15, 30)
"""Seconds before a dead child is started again; the last one is repeated."""

SETTLED_AFTER = 60
"""A child that lived this many seconds starts again from the shortest pause."""

STAND_IN_EVERY = 600
"""Seconds between two runs of what stands in for a child that is not running."""

PATIENCE = 10
"""Seconds a child has to end by itself after SIGTERM."""

_LOUD = re.compile(rb"\b(ERROR|CRITICAL)\b|^\w*(Error|Exception): ")
_LONGEST_LINE = 1 << 20
_SHOWN = 300

Ready = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Child:
    """A program to be kept running."""

    name: str  # names its log: page.log
    label: str  # for the terminal: 网页
    command: tuple[str, ...]
    environ: Mapping[str, str]
    after: Ready | None = None  # started once this says yes
    is_up: Ready | None = None  # asked after each start, until yes
    greeting: str = ""  # said when it is up for the first time
    herald: tuple[str, ...] = ()  # run once when it is up for the first time; what it prints is said and kept in no log
    stand_in: tuple[str, ...] = ()  # run once in a while for as long as the child cannot
    loud: bool = True  # its errors are shown in the terminal, not only in the log


@dataclass(slots=True)
class _Running:
    child: Child
    log: ChildLog
    task: asyncio.Task[None] | None = None
    process: asyncio.subprocess.Process | None = None
    greeted: bool = field(default=False)


class Supervisor:
    """``say`` writes one line to the terminal; ``pauses`` and ``patience`` are shorter in tests."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        logs: Path,
        say: Callable[[str], None],
        pauses: Sequence[float] = PAUSES,
        patience: float = PATIENCE,
        stand_in_every: float = STAND_IN_EVERY,
    ) -> None:
        self._logs = logs
        self._say = say
        self._pauses = pauses
        self._patience = patience
        self._stand_in_every = stand_in_every
        self._running = [_Running(child, ChildLog(logs / f"{child.name}.log")) for child in children]
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Until SIGTERM, SIGINT or SIGHUP. A second signal kills at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self.stop)
        for one in self._running:
            one.task = asyncio.create_task(self._keep(one))
        standing_in = [asyncio.create_task(self._stand_in(one)) for one in self._running if one.child.stand_in]
        await self._stopping.wait()
        for task in standing_in:
            task.cancel()
        await asyncio.gather(*standing_in, return_exceptions=True)
        for one in reversed(self._running):
            await self._end(one)

    def stop(self) -> None:
        """End the children in order; asked a second time, kill them."""
        if self._stopping.is_set():
            for one in self._running:
                _signal(one.process, signal.SIGKILL)
        self._stopping.set()

    async def _keep(self, one: _Running) -> None:
        """Start the child, again and again, with growing pauses while it keeps dying."""
        deaths = 0
        while True:
            await self._until(one.child.after)
            started = monotonic()
            try:
                code: object = await self._one_life(one)
            except OSError as error:  # no memory, no process to be had: tried again like any death
                code = error
            if self._stopping.is_set():
                return
            deaths = 1 if monotonic() - started >= SETTLED_AFTER else deaths + 1
            pause = self._pauses[min(deaths, len(self._pauses)) - 1]
            place = one.log.place.relative_to(self._logs.parent)
            self._say(f"{one.child.label} 意外停止（退出码 {code}），{pause:g} 秒后重新启动，经过见 {place}")
            await asyncio.sleep(pause)

    async def _stand_in(self, one: _Running) -> None:
        while True:
            await asyncio.sleep(self._stand_in_every)
            if one.process is not None and one.process.returncode is None:
                continue
            self._say(f"{one.child.label} 没有运行，已临时代为执行一次")
            process = await _start(one.child.stand_in, one.child.environ)
            try:
                await self._keep_log(one, process)
            finally:
                await self._ask_to_end(process)

    async def _one_life(self, one: _Running) -> int:
        process = await _start(one.child.command, one.child.environ)
        one.process = process
        listening = asyncio.create_task(self._keep_log(one, process))
        greeting = asyncio.create_task(self._greet(one))
        try:
            code = await process.wait()
            _signal(process, signal.SIGKILL)  # what it left in its group would keep our end of the pipe waiting
            await listening
        finally:
            greeting.cancel()
            listening.cancel()
            await _ended(greeting, listening)
        return code

    async def _greet(self, one: _Running) -> None:
        await self._until(one.child.is_up)
        if one.greeted:
            return
        one.greeted = True
        if one.child.greeting:
            self._say(one.child.greeting)
        if one.child.herald:
            await self._let_tell(one.child)

    async def _let_tell(self, child: Child) -> None:
        """Say what the child's herald prints, if it comes to a good end."""
        process = await _start(child.herald, child.environ)
        try:
            said, _ = await process.communicate()
            if process.returncode == 0 and said:
                self._say(said.decode(errors="replace").strip())
        finally:
            await self._ask_to_end(process)

    async def _until(self, ready: Ready | None) -> None:
        while ready is not None and not await ready():  # noqa: ASYNC110 - another process is asked: it sets no event of ours
            await asyncio.sleep(0.3)

    async def _keep_log(self, one: _Running, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            raise AssertionError("the child's output is a pipe")
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:  # a line longer than the buffer: what was read of it is dropped, the child goes on
                continue
            if not line:
                return
            one.log.write(line)
            if one.child.loud and _LOUD.search(line):
                self._say(f"[{one.child.label}] {line.decode(errors='replace').strip()[:_SHOWN]}")

    async def _end(self, one: _Running) -> None:
        """End the child for good."""
        if one.process is not None:
            await self._ask_to_end(one.process)
        if one.task is not None:
            one.task.cancel()
            with suppress(asyncio.CancelledError):
                await one.task
        one.log.close()

    async def _ask_to_end(self, process: asyncio.subprocess.Process) -> None:
        """Ask, insist after a while, and leave nothing of its group behind."""
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self._patience)
        _signal(process, signal.SIGKILL)
        await process.wait()


async def _ended(*tasks: asyncio.Task[None]) -> None:
    """Until they have ended, and with them whatever they started, even when we are told meanwhile to stop ourselves."""
    ending = asyncio.gather(*tasks, return_exceptions=True)
    try:
        await asyncio.shield(ending)
    except asyncio.CancelledError:
        await ending
        raise


async def _start(command: Sequence[str], environ: Mapping[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.child",
        str(os.getpid()),
        *command,
        env=dict(environ),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=_LONGEST_LINE,
    )


def _signal(process: asyncio.subprocess.Process | None, number: signal.Signals) -> None:
    """To the whole group of the child; a group that is gone is what we want."""
    if process is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)


async def answers(host: str, port: int, path: str) -> bool:
    """Whether an HTTP server there says anything but an error of its own."""
    try:
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
                await writer.drain()
                status = await reader.readline()
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError):
        return False
    return status[9:10] in (b"2", b"3", b"4")
