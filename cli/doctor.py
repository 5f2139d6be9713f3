"""``doctor``: every part looked at, each fault with its remedy."""

from __future__ import annotations

import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from cli.account_checks import account_findings
from cli.channel_checks import channel_faults
from cli.say import as_json, say
from cli.surroundings import DONE, NO, Clock, opened
from config.clock import how_long_ago
from config.readiness import unready
from reports.health import health
from reports.log import verify
from reports.problems import open_problems
from reports.record_check import last_check

if TYPE_CHECKING:
    from config.app import App

Mark = Literal["ok", "note", "bad"]
SIGNS: dict[Mark, str] = {"ok": "✓", "note": "!", "bad": "✗"}

LEAST_FREE = 500 * 1024 * 1024
"""Bytes: a year of a township with evidence stays well below this."""

NOTICE_MONTH = 11
"""The State Council publishes next year's arrangement in early November: from then on its absence is told."""

QUIET_TICKS = timedelta(hours=26)
"""A tick runs every ten minutes of a working day; longer silence than a night and a day means that nothing sends."""

PREFECT_STARTS = "from prefect.server.api.server import create_app; create_app()"


@dataclass(frozen=True, slots=True)
class Finding:
    mark: Mark
    what: str
    remedy: str = ""


def doctor(
    *,
    quick: Annotated[bool, Parameter(negative="", help="不试启动 Prefect（省去约 10 秒）")] = False,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """逐项检查：文件、数据库、记录、工作日表、密钥、渠道、磁盘、账号、流程。有毛病时退出码为 1。"""
    checks: list[Callable[[App], Iterator[Finding]]] = [
        _files,
        _database,
        _record,
        _workdays,
        _key,
        _channels,
        _disk,
        _ticks,
        _accounts,
        _told,
    ]
    if not quick:
        checks.append(_prefect)
    findings: list[Finding] = []
    with opened(clock) as app:
        for one in checks:
            findings += one(app)
    bad = any(finding.mark == "bad" for finding in findings)
    if json:
        as_json({"ok": not bad, "findings": findings})
        return NO if bad else DONE
    for finding in findings:
        say(f"{SIGNS[finding.mark]} {finding.what}" + (f"。怎么办：{finding.remedy}" if finding.remedy else ""))
    return NO if bad else DONE


def _files(app: App) -> Iterator[Finding]:
    errors = app.office.errors
    if errors:
        yield Finding("bad", f"文件里有 {len(errors)} 处错误", "运行 suishi check 看是哪一行")
    else:
        yield Finding("ok", f"文件：事项 {len(app.office.calendar.duties)} 项，没有错误")
    if not app.demo:  # a demonstration is made of samples
        for one in unready(app.office):
            yield Finding("note", f"{one.file} 第{one.line or 1}行：{one.message}", one.hint)


def _database(app: App) -> Iterator[Finding]:
    found = health(app.store)
    for fault in found.faults:
        yield Finding("bad", fault, "先备份 data 目录，再从最近的备份恢复或联系维护人员")
    if not found.faults:
        yield Finding(
            "ok",
            f"数据库（{found.dialect}，结构 {found.schema}）：待提醒 {found.planned_reminders}，待发 {found.waiting_messages}",
        )


def _record(app: App) -> Iterator[Finding]:
    result = verify(app.store)
    if result.ok:
        yield Finding("ok", f"完成记录：{result.entries} 条，校验链完整")
    else:
        yield Finding("bad", "完成记录的校验链不完整", "运行 suishi log verify 看第一条不符的记录")
    last = last_check(app.store)
    if last is None:
        yield Finding("note", "佐证文件还没有逐个核对过", "每周六凌晨自动核对，也可以现在运行 suishi log verify")
    elif not last.file_faults:
        yield Finding("ok", f"佐证文件：{how_long_ago(last.at, now=app.now())}核对过 {last.files} 个，与提交时相同")


def _workdays(app: App) -> Iterator[Finding]:
    year = app.today().year
    for one in (year, year + 1):
        if not app.workdays.is_provisional(one):
            yield Finding("ok", f"工作日表：{one} 年已有")
        elif one == year or app.today().month >= NOTICE_MONTH:
            remedy = "国务院办公厅的通知发布后，suishi holidays import 粘贴的通知.txt"
            yield Finding("note", f"工作日表：{one} 年没有，日期都是暂定", remedy)


def _key(app: App) -> Iterator[Finding]:
    key = app.home / "secrets" / "app.key"
    if not key.is_file():
        yield Finding("bad", "缺少密钥 secrets/app.key，提醒里的链接无法生成", "从备份恢复这个文件；重新生成会使已发的链接失效")
    elif key.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Finding("bad", "密钥 secrets/app.key 别人也能读", "chmod 600 secrets/app.key")
    else:
        yield Finding("ok", "密钥只有本账号能读")


def _channels(app: App) -> Iterator[Finding]:
    faults = list(channel_faults(app))
    for what, remedy in faults:
        yield Finding("bad", what, remedy)
    if not faults:
        only_files = "（只写成文件）" if app.nobody_receives else ""
        yield Finding("note" if only_files else "ok", f"渠道：{'、'.join(app.office.channels) or '一个也没有'}{only_files}")


def _disk(app: App) -> Iterator[Finding]:
    free = shutil.disk_usage(app.home).free
    if free < LEAST_FREE:
        yield Finding("bad", f"磁盘只剩 {free // 1024 // 1024} MB", "腾出空间：满了以后什么也记不下")
    else:
        yield Finding("ok", f"磁盘剩余 {free // 1024 // 1024 // 1024} GB")


def _ticks(app: App) -> Iterator[Finding]:
    last = health(app.store).last_tick
    if last is None:
        yield Finding("note", "还没有发送过", "运行 suishi up，或先 suishi send")
    elif app.now() - last > QUIET_TICKS:
        ago = how_long_ago(last, now=app.now())
        yield Finding("note", f"上次发送是 {last.astimezone(app.tz):%Y-%m-%d %H:%M}（{ago}）", "看 suishi up 是否在运行")
    else:
        yield Finding("ok", f"上次发送 {last.astimezone(app.tz):%Y-%m-%d %H:%M}")


def _accounts(app: App) -> Iterator[Finding]:
    for mark, what, remedy in account_findings(app):
        yield Finding(mark, what, remedy)


def _told(app: App) -> Iterator[Finding]:
    for problem in open_problems(app.store):
        yield Finding("note" if problem.advice else "bad", problem.text)


def _prefect(app: App) -> Iterator[Finding]:
    """By behaviour, not by number: some versions that Prefect itself allows cannot start its server."""
    tried = subprocess.run(  # noqa: S603 - our own interpreter and our own text
        [sys.executable, "-W", "ignore", "-c", PREFECT_STARTS], check=False, capture_output=True, text=True, timeout=180
    )
    if tried.returncode != 0:
        last = tried.stderr.strip().splitlines()[-1:] or ["没有说明"]
        yield Finding("bad", f"Prefect 启动不了：{last[0]}", "按 requirements.lock 重新安装(make setup)")
        return
    port = app.settings.prefect_port
    with socket.socket() as probe:
        probe.settimeout(1)
        running = probe.connect_ex(("127.0.0.1", port)) == 0
    yield Finding("ok", f"Prefect 可以启动；{'流程页面在' if running else '现在没有运行，suishi up 会启动它，端口'} {port}")
