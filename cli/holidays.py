"""``holidays show`` and ``holidays import``: the workday table and the notice it comes from."""

from __future__ import annotations

import json as json_text
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from cli.say import as_json, say, table, warn
from cli.surroundings import DONE, NO, Clock, Wrong, home, opened
from cli.words import day
from config.holidays import write_table
from planning.notice import NoticeError, ReadNotice, check_table, parse_notice, preview
from planning.tables import TableError, YearTable

app = App(name="holidays")

LARGEST = 512 * 1024
"""A notice is two pages; more than this is the wrong file."""


@app.command
def show(
    year: Annotated[int, Parameter(help="年份")],
    /,
    *,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """一年的放假和调休上班，以及它出自哪个通知。"""
    with opened(clock) as opened_app:
        found = opened_app.office.holidays.tables.get(year)
        provisional = opened_app.workdays.is_provisional(year)
    if json:
        as_json({"year": year, "provisional": provisional, "table": None if found is None else found.to_json()})
        return DONE
    if found is None:
        say(f"{year} 年的放假通知还没有导入：这一年的日期都是暂定，按周一至周五算工作日。")
        say("通知发布后，运行 suishi holidays import 文件.txt（把通知的文字粘贴进去）。")
        return DONE
    say(f"{year} 年 · 出处：{'、'.join(found.papers) or found.source}")
    rows = ((day(one), note.name, "放假" if note.off else "上班") for one, note in sorted(found.days.items()))
    table(("日期", "节日", ""), rows)
    return DONE


@app.command(name="import")
def import_table(
    file: Annotated[Path, Parameter(help="粘贴了通知文字的 .txt，或 holiday-cn 格式的 .json；写 - 从标准输入读")],
    /,
    *,
    year: Annotated[int | None, Parameter(help="应当是哪一年；写了就核对")] = None,
    yes: Annotated[bool, Parameter(negative="", help="不问，直接写入")] = False,
    clock: Clock = Clock(),
) -> int:
    """导入一年的放假安排：先预览，核对“共N天”、星期和法定天数，确认后写入。写入后请运行 suishi plan。"""
    text = _read(file)
    try:
        notice = _table_of(text, year) if text.lstrip().startswith("{") else parse_notice(text, year=year)
    except TableError as error:
        warn("没有导入，什么也没有改动：", *(f"  {problem}" for problem in error.problems))
        return NO
    say(*notice.lines)
    for warning in notice.warnings:
        warn(f"! {warning}")
    if not yes and not _confirmed():
        say("没有导入。")
        return NO
    with opened(clock):  # the home must be one before a file is put into it
        place = write_table(home(), notice.table)
    say(f"✓ 已写入 {place.name}。接着运行 suishi plan：暂定的日期会重算，改了期的会列出来并通知已被告知的人。")
    return DONE


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read(LARGEST + 1) if str(file) == "-" else file.read_bytes()[: LARGEST + 1]
    except OSError as error:
        raise Wrong(f"«{file}»读不出来：{error.strerror}") from None
    if len(raw) > LARGEST:
        raise Wrong(f"«{file}»超过 512 KB，不像一份放假通知", exit_code=NO)
    for encoding in ("utf-8-sig", "gb18030"):  # a text saved by an old Notepad is GBK
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Wrong(f"«{file}»不是文本：请把通知的文字粘贴进一个 .txt 文件", exit_code=NO)


def _table_of(text: str, year: int | None) -> ReadNotice:
    """A table in holiday-cn's schema, held to the same checks as a pasted notice."""
    try:
        found = YearTable.from_json(json_text.loads(text))
    except TableError:
        raise
    except ValueError as error:
        raise NoticeError((f"JSON 读不懂：{error}",)) from None
    problems, warnings = check_table(found)
    if year is not None and found.year != year:
        problems = (f"表里是 {found.year} 年，要导入的是 {year} 年", *problems)
    if problems:
        raise NoticeError(tuple(problems))
    return ReadNotice(found, tuple(warnings), tuple(preview(found)))


def _confirmed() -> bool:
    if not sys.stdin.isatty():
        warn("要写入，请加 --yes（预览如上）。")
        return False
    return input("写入吗？(y/N) ").strip().lower() in {"y", "yes", "是"}
