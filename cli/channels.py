"""``channels test``: a real message, and the provider's own words."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from cli.say import as_json, say, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from services.trial import try_channel

app = App(name="channels")


@app.command
def test(
    name: Annotated[str, Parameter(help="channels.yaml 里的渠道代号")],
    /,
    *,
    to: Annotated[str, Parameter(help="收件地址")],
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """发一条真实的测试消息，显示渠道自己的回答。不计入提醒。"""
    with opened(clock) as opened_app, opened_app.open_channels() as channels:
        if name not in channels:
            known = "、".join(channels) or "（一个也没有）"
            raise Wrong(f"channels.yaml 里没有可用的渠道 {name}：现有 {known}；用 suishi check 看有没有写错")
        outcome = try_channel(channels[name], opened_app.delivery_policy(), address=to, now=opened_app.now())
    if json:
        as_json(outcome)
        return DONE if outcome.verdict == "accepted" else NO
    if outcome.verdict == "accepted":
        say(f"✓ 渠道接受了测试消息：{outcome.code} {outcome.words}".rstrip())
        return DONE
    warn(f"✗ 渠道没有接受：{outcome.code} {outcome.words}".rstrip())
    return NO
