"""``release-hold`` and ``clock accept``: an admin's word lets go what was held for a stated reason."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from cli.say import say
from cli.surroundings import DONE, Wrong, opened
from config.machine_clock import machine_beat
from services.clock_guard import accept_clock
from services.holding import release_hold as release

clock_app = App(name="clock", help="服务器时钟跳变以后：确认时间正确，继续发送")


def release_hold(*, by: Annotated[str, Parameter(help="放行人的代号；不写就是管理员")] = "") -> int:
    """放行停机后积压的消息：下一次派发时补发，每人一条汇总。"""
    with opened() as app:
        count = release(app.store, by=by or app.settings.admin, now=app.now())
    say(f"已放行 {count} 条积压的消息，下一次派发时补发。" if count else "现在没有积压等待放行的消息。")
    return DONE


@clock_app.command
def accept() -> int:
    """确认服务器现在的时间正确：因时钟跳变暂停的发送继续进行。"""
    with opened() as app:
        beat = machine_beat()
        if beat is None:
            raise Wrong("这台机器没有可对照的计时器，不会因时钟跳变而暂停")
        now = app.now()
        held = accept_clock(app.store, beat, now=now)
        local = now.astimezone(app.tz)
    say(f"已确认现在是 {local:%Y年%m月%d日 %H:%M}，{'恢复发送' if held else '本来就没有暂停'}。")
    return DONE
