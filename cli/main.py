"""``suishi``: the front door. A command's module is imported when it is called, so the door opens at once."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Group, Parameter

from cli.surroundings import run, stand_in

VERSION = "0.1.0"

_FILES = Group("准备", sort_key=1)
_YEAR = Group("全年", sort_key=2)
_DAILY = Group("办理", sort_key=3)
_PROOF = Group("查证", sort_key=4)
_RUNNING = Group("运行", sort_key=5)

app = App(
    name="suishi",
    help="岁时：把一年的事项排好、按时提醒、办了有据。每个命令后加 --help 看用法。",
    version=VERSION,
    usage="suishi [--home 主目录] 命令 [选项]",
    result_action="return_value",
    group_parameters=Group("选项", sort_key=8),
    group_commands=Group("其他", sort_key=9),
    group_arguments=Group("参数", sort_key=7),
    default_parameter=Parameter(negative=(), show_default=False),
)

_COMMANDS = (
    (_FILES, "init", "cli.home:init", "建立主目录：设置、人员、渠道、事项日历"),
    (_FILES, "check", "cli.home:check", "检查所有文件，一次列出全部问题和所在行"),
    (_FILES, "holidays", "cli.holidays:app", "工作日表：查看、导入放假通知"),
    (_FILES, "channels", "cli.channels:app", "渠道：列出，发一条测试消息"),
    (_YEAR, "plan", "cli.plan:plan", "按文件编排全年，只改动有差别的地方"),
    (_YEAR, "rehearse", "cli.plan:rehearse", "预演：到某日为止会发出的每一条消息，什么也不写入"),
    (_YEAR, "list", "cli.look:listing", "列出办理项"),
    (_YEAR, "show", "cli.look:show", "一个办理项的全部经过"),
    (_DAILY, "done", "cli.done:done", "登记办结"),
    (_DAILY, "prove", "cli.done:prove", "办结以后补交佐证"),
    (_DAILY, "review", "cli.record:review", "登记复核（长期坚持的事项）"),
    (_DAILY, "reopen", "cli.record:reopen", "撤回办结或免办"),
    (_DAILY, "waive", "cli.record:waive", "免办"),
    (_DAILY, "extend", "cli.record:extend", "延期，或提交延期申请"),
    (_DAILY, "extension", "cli.extension:app", "延期申请：查看、批准、不批准、撤回"),
    (_DAILY, "snooze", "cli.record:snooze", "稍后提醒：本人的提醒推迟到某个工作日"),
    (_DAILY, "hand-over", "cli.record:hand_over", "移交他人承办"),
    (_DAILY, "sign-off", "cli.record:sign_off", "销号：由另一个人验收"),
    (_PROOF, "log", "cli.log:app", "完成记录，以及核对它是否被改动过"),
    (_PROOF, "outbox", "cli.look:outbox", "消息，以及渠道的回答"),
    (_PROOF, "why", "cli.look:why", "某人某日为什么收到或没有收到"),
    (_RUNNING, "send", "cli.send:send", "发送到时的提醒（一次）"),
    (_RUNNING, "release-hold", "cli.holds:release_hold", "放行：停机后积压的消息不再等待"),
    (_RUNNING, "clock", "cli.holds:clock_app", "服务器时钟跳变以后：确认时间正确，继续发送"),
    (_RUNNING, "account", "cli.account:app", "账号：列出、开设、解锁、停用，取启用码"),
    (_RUNNING, "up", "cli.running:up", "一条命令启动全部：网页、流程、发送"),
    (_RUNNING, "demo", "cli.running:demo", "演示：示范乡镇的一年，发件箱代替真实渠道"),
    (_RUNNING, "backup", "cli.upkeep:backup", "复制数据库，并核对副本"),
    (_RUNNING, "upgrade", "cli.upkeep:upgrade", "升级数据库的结构（先备份）"),
    (_RUNNING, "doctor", "cli.doctor:doctor", "逐项检查，有问题就给出办法"),
)
for group, name, path, summary in _COMMANDS:
    app.command(path, name=name, help=summary, group=group)


@app.meta.default
def launch(
    *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
    home: Annotated[Path | None, Parameter(help="主目录；不写时用环境变量 SUISHI_HOME，再不然用 ./suishi-home")] = None,
) -> int:
    """Take the options that stand before every command, then hand over to it."""
    stand_in(home)
    answer = app(tokens, exit_on_error=False, print_error=False)
    return answer if isinstance(answer, int) else 0


def main() -> None:
    """The console script: exit 0 done, 1 the answer is no, 2 wrong usage, 3 the surroundings are at fault."""
    gc.disable()  # importing makes many objects and no garbage: a tenth of a short command's time
    sys.exit(run(lambda: app.meta(sys.argv[1:], exit_on_error=False, print_error=False)))


if __name__ == "__main__":
    main()
