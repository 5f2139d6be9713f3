"""``init`` and ``check``: the files, before anything is written to a database."""

from __future__ import annotations

import os
import shlex
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from cli.say import as_json, say, warn
from cli.surroundings import DONE, NO, Clock, home
from config.clock import system_time
from config.init import InitRefused, write_home
from config.office import read_office
from config.problems import line_text, to_json
from config.readiness import unready

PLACE = ZoneInfo("Asia/Shanghai")
"""Where the day begins before any settings exist."""


def init(
    *,
    pack: Annotated[str | None, Parameter(help="用一套现成的事项开始，如 township-law（乡镇法治建设）")] = None,
    clock: Clock = Clock(),
) -> int:
    """建立主目录。已有的文件一个也不动。"""
    today: date = clock.read().astimezone(PLACE).date()
    try:
        written = write_home(home(), pack=pack, as_of=today)
    except InitRefused as refused:
        warn(str(refused))
        return NO
    place = home().resolve()
    said = f"suishi --home {shlex.quote(str(place))}"
    say(f"主目录已建立：{place}（写了 {len(written)} 个文件）", "", "接下来：")
    say("  1. 按本单位的实际修改 people.yaml 和 calendar/ 下的事项")
    say(
        f"  2. {said} check     检查文件",
        f"  3. {said} plan      编排全年",
        f"  4. {said} up        启动；第一次会给出启用码，凭它设立管理员",
    )
    return DONE


def check(*, json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False) -> int:
    """检查主目录里的全部文件。有错误时退出码为 1。"""
    started = system_time().astimezone(PLACE).date()
    office = read_office(home(), environ=os.environ)
    problems = (*office.problems, *unready(office))
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity == "warning"]
    if json:
        as_json(
            {
                "ok": not errors,
                "duties": len(office.calendar.duties),
                "people": len(office.roster.people),
                "units": len(office.roster.units),
                "as_of": started,
                "problems": [to_json(problem) for problem in problems],
            }
        )
        return NO if errors else DONE
    for problem in (*errors, *warnings):
        mark = "✗" if problem.severity == "error" else "!"
        (warn if problem.severity == "error" else say)(f"{mark} {line_text(problem)}")
    counted = f"事项 {len(office.calendar.duties)} 项，人员 {len(office.roster.people)} 人，单位 {len(office.roster.units)} 个"
    if errors:
        warn("", f"{counted}；错误 {len(errors)} 处，提示 {len(warnings)} 处。有错的事项不编排，其余照常。")
        return NO
    say(f"✓ {counted}；没有错误" + (f"，提示 {len(warnings)} 处" if warnings else ""))
    return DONE
