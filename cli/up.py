"""``suishi up``: the page, Prefect and the worker in one command, watched over until somebody says stop."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.children import LOOPBACK, Places, children, free_port
from cli.supervisor import Supervisor
from config.app import HomeUnusable, open_app
from config.clock import system_time
from config.settings import Settings

DONE, BAD_SURROUNDINGS = 0, 3


class AlreadyUp(Exception):  # noqa: N818 - it is an answer, not a fault
    """Another ``up`` holds the home; ``pid`` as it wrote it down, empty when unreadable."""

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


def up(home: Path, *, demo: bool = False, port: int | None = None, prefect_port: int | None = None, prefect: bool = True) -> int:
    """Run everything until SIGTERM or Ctrl-C. Ports: the given one, else the settings'; a taken port gives way."""
    home = home.expanduser().resolve()
    try:
        app = open_app(home, environ=os.environ, clock=system_time, demo=demo)
    except HomeUnusable as unusable:
        say(str(unusable))
        return BAD_SURROUNDINGS
    try:
        with only_one(home):
            places = _places(app.settings, port=port, prefect_port=prefect_port, prefect=prefect)
            say(f"岁时  {app.settings.office or home}")
            parts = children(home, places, environ=os.environ, demo=demo)
            if prefect:
                say("正在启动：网页几秒即可打开，流程约需半分钟")
            say(f"日志  {home / 'logs'}", "按 Ctrl-C 停止")
            asyncio.run(Supervisor(parts, logs=home / "logs", say=say).run())
    except AlreadyUp as other:
        say(f"这个主目录已经有一个岁时在运行（进程 {other.pid or '未知'}）：请先停止它，或换一个 --home。")
        return BAD_SURROUNDINGS
    say("已停止")
    return DONE


def say(*lines: str) -> None:
    """To the terminal; nobody need be there to read."""
    try:
        sys.stdout.write("".join(f"{line}\n" for line in lines))
        sys.stdout.flush()
    except OSError:  # the terminal is gone, the work goes on
        return


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the home for this process. The kernel lets go when the process ends, however it ends."""
    place = home / "data" / "up.lock"
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with place.open("a+", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.seek(0)
            raise AlreadyUp(held.read().strip()) from None
        held.truncate(0)
        held.write(f"{os.getpid()}\n")
        held.flush()
        yield


def _places(settings: Settings, *, port: int | None, prefect_port: int | None, prefect: bool) -> Places:
    host = settings.listen.host
    page_wanted = settings.listen.port if port is None else port
    page = free_port(host, page_wanted)
    if page != page_wanted and page_wanted:
        say(f"端口 {page_wanted} 已被占用，网页改用 {page}")
    if page != settings.listen.port:
        say(f"注意：消息、日历、签到码里的链接仍指向 {settings.base_url}；长期改用这个端口的话，请改 suishi.yaml 的 base_url")
    if not prefect:
        return Places(host, page, None)
    flows_wanted = settings.prefect_port if prefect_port is None else prefect_port
    flows = free_port(LOOPBACK, flows_wanted)
    if flows != flows_wanted and flows_wanted:
        say(f"端口 {flows_wanted} 已被占用，流程改用 {flows}")
    return Places(host, page, flows)
