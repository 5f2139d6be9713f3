"""``up`` and ``demo``: everything in one command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from cli.bars import bars
from cli.demo_accounts import open_demo_accounts
from cli.demo_year import play_year
from cli.home import PLACE
from cli.plan import tell
from cli.say import say, table, warn
from cli.surroundings import DONE, NO, Clock, home, opened, stand_in
from cli.words import ACCOUNT_ROLES, KINDS, day
from config.init import InitRefused, write_home
from reports.occurrences import Filters, listing
from services.rehearse import rehearse

DEMO_HOME = Path("demo-home")
DEMO_PACK = "township-law"
COMING_WORKDAYS = 5

Port = Annotated[int | None, Parameter(help="网页的端口，不写时用 suishi.yaml 的")]
PrefectPort = Annotated[int | None, Parameter(help="流程页面的端口")]


def up(
    *,
    port: Port = None,
    prefect_port: PrefectPort = None,
    no_prefect: Annotated[bool, Parameter(help="只开网页，不启动流程和发送")] = False,
) -> int:
    """启动网页、流程和发送；按 Ctrl-C 停止，不留下进程。"""
    from cli.up import up as start  # the supervisor is needed only here

    return start(home(), demo=False, port=port, prefect_port=prefect_port, prefect=not no_prefect)


def demo(
    *,
    fresh: Annotated[bool, Parameter(negative="", help="删去上次的演示，重新开始")] = False,
    prepare_only: Annotated[bool, Parameter(negative="", help="只准备数据，不启动")] = False,
    port: Port = None,
    prefect_port: PrefectPort = None,
    clock: Clock = Clock(),
) -> int:
    """演示：示范乡镇的今年和明年。不发真实消息，消息都在“发件箱”页面里。"""
    from cli.up import up as start  # the supervisor is needed only here

    place = home() if home().name != "suishi-home" else DEMO_HOME
    stand_in(place)
    if fresh and (place / "demo").exists():
        shutil.rmtree(place)
    if not (place / "suishi.yaml").exists():
        _prepare(place, clock)
    _tell_what_comes(clock)
    if prepare_only:
        return DONE
    os.environ["SUISHI_DEMO"] = "1"
    return start(place, demo=True, port=port, prefect_port=prefect_port, prefect=True)


def _prepare(place: Path, clock: Clock) -> None:
    today = clock.read().astimezone(PLACE).date()
    try:
        write_home(place, pack=DEMO_PACK, as_of=today.replace(month=1, day=1))
    except InitRefused as refused:
        warn(str(refused))
        raise SystemExit(NO) from None
    (place / "demo").write_text("suishi demo --fresh 会删去整个目录重新开始\n", encoding="utf-8")
    with opened(clock, demo=True) as app, bars() as progress:
        tell(play_year(app, progress=progress), app.planned_years())


def _tell_what_comes(clock: Clock) -> None:
    with opened(clock, demo=True) as app:
        today = app.today()
        last = app.workdays.add(today, COMING_WORKDAYS)
        coming = listing(app.store, Filters(states=("open",), due_from=today, due_to=last), as_of=today, workdays=app.workdays)
        table(
            ("到期", "类别", "事项", "承办"),
            ((day(line.due_on), KINDS[line.kind], line.title, "、".join(line.owners)) for line in coming.lines),
            title=f"今后 {COMING_WORKDAYS} 个工作日到期 {coming.total} 项",
        )
        end = app.now().replace(hour=23, minute=59) + (last - today)
        messages = rehearse(app.store, app.delivery_policy(), now=app.now(), until=end)
        say(f"同期会发出 {len(messages)} 条消息，正文见网页“发件箱”里的“将要发出”。", "")
        people = "、".join(f"{name}（{ACCOUNT_ROLES[role]}）" for name, role in open_demo_accounts(app))
        say(f"登录页上选一个身份就能进入，不用密码（只有演示是这样）：{people}", "")
        say(
            "打开网页后可以看看：", "  总览：每个数字都点得开，一直点到一件事的全部经过", "  年历：休和班、每月主题、哪天有几件事"
        )
        say("  发件箱：任选一封，用“演示”栏里的链接，像工作人员那样登记办结", "  流程页面的 Runs：全年的安排，一天一条", "")
