"""``send``: one tick."""

from __future__ import annotations

import os
from datetime import tzinfo
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.words import moment
from services import failpoints
from services.rehearse import rehearse
from services.tick import TickOutcome, tick


def send(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="只说此刻会发什么，不发")] = False,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """发送到时的提醒，并记下渠道的回答。可随时运行，重复运行不会重发。"""
    with opened(clock) as app:
        point = os.environ.get("FAILPOINT")
        if point:
            if app.production:
                raise Wrong("正式环境(production: true)不接受 FAILPOINT")
            failpoints.arm(point)
        policy = app.delivery_policy()
        now = app.now()
        if dry_run:
            told = rehearse(app.store, policy, now=now, until=now)
            if json:
                as_json({"messages": told})
            else:
                say(f"此刻会发出 {len(told)} 条消息", *(f"  {one.name}  {one.channel}  {one.subject}" for one in told))
            return DONE
        clock_fixed = clock.now is not None
        with app.open_channels() as channels:
            outcome = tick(app.store, channels, policy, now=now, clock=None if clock_fixed else app.now)
        zone = app.tz
    if json:
        as_json(outcome)
    else:
        _tell(outcome, zone)
    return NO if outcome.failed else DONE


def _tell(outcome: TickOutcome, zone: tzinfo) -> None:
    if outcome.busy:
        say("另一个发送正在进行，这一次不重复发送。")
        return
    if outcome.held_until is not None:
        say(f"现在不在发送时段，到时的提醒等到 {moment(outcome.held_until, zone)} 再发。")
        return
    parts = [f"发出 {outcome.sent} 条"]
    for count, word in (
        (outcome.folded, "并入较新提醒"),
        (outcome.cancelled, "已无需发送"),
        (outcome.expired, "过时未发"),
        (outcome.deferred, "稍后再试"),
        (outcome.unknown, "结果不明"),
        (outcome.recovered, "接续上次中断"),
    ):
        if count:
            parts.append(f"{word} {count}")
    say("，".join(parts) + "。")
    if outcome.failed:
        warn(f"! {outcome.failed} 条没有送达，原因见 suishi outbox --state failed")
