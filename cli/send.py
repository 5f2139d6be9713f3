"""``send``: one tick."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from cyclopts import Parameter

from cli.say import as_json, say, warn
from cli.surroundings import DONE, NO, Clock, opened
from cli.words import moment
from config.machine_clock import machine_beat, wait
from services.problem_file import keep_problem_file
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
            outcome = tick(
                app.store,
                channels,
                policy,
                now=now,
                clock=None if clock_fixed else app.now,
                wait=None if clock_fixed else wait,
                beat=None if clock_fixed else machine_beat(),
            )
        zone = app.tz
        told_to = (app.settings.admin, app.settings.second_admin)
        keep_problem_file(app.store, app.home, admins=told_to, now=now.astimezone(zone))
    if json:
        as_json(outcome)
    else:
        _tell(outcome, zone)
    return NO if outcome.failed else DONE


def _tell(outcome: TickOutcome, zone: tzinfo) -> None:
    if outcome.busy:
        say("另一个发送正在进行，这一次不重复发送。")
        return
    if outcome.clock_doubt:
        warn(f"! {outcome.clock_doubt}")
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
        (outcome.held, "暂缓"),
        (outcome.unknown, "结果不明"),
        (outcome.recovered, "接续上次中断"),
    ):
        if count:
            parts.append(f"{word} {count}")
    say("，".join(parts) + "。")
    if outcome.again_at is not None:
        say(f"渠道的频率限制已到，其余的从 {moment(outcome.again_at, zone)} 起接着发。")
    if outcome.failed:
        warn(f"! {outcome.failed} 条没有送达，原因见 suishi outbox --state failed")
