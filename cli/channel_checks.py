"""What ``doctor`` says of the channels: whether each can be opened, works, and really sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from reports.channels import Condition, standings

if TYPE_CHECKING:
    from config.app import App

OUTBOX = "outbox"


def channel_faults(app: App) -> Iterator[tuple[str, str]]:
    """What is wrong and what to do, one pair for each fault. Nothing is sent and nobody is connected to."""
    from config.wiring import build_channel  # Apprise is imported only where a channel is opened

    for key, config in app.office.channels.items():
        try:
            build_channel(config, app.home).close()
        except (ValueError, OSError) as fault:
            yield f"渠道 {key} 打不开：{fault}", "改正 channels.yaml 里的这一段，或它指向的文件"
    known = app.delivery_policy().rules.tell_after_faults  # from there on it is an open problem, and told as such
    for one in standings(app.store, list(app.office.channels), now=app.now()):
        if one.condition is Condition.AT_FAULT and one.faults < known:
            yield f"渠道 {one.channel} 出了故障：{one.reason}", f"suishi channels test {one.channel} 看对方怎么说"
    if app.production:
        yield from _never_sent(app)


def _never_sent(app: App) -> Iterator[tuple[str, str]]:
    """In production, whoever has only the outbox is told nothing."""
    kinds = {key: config.type for key, config in app.office.channels.items()}
    silent = [
        person.name
        for person in app.roster.people.values()
        if person.destinations and all(kinds.get(one.channel) == OUTBOX for one in person.destinations)
    ]
    if silent:
        named = "、".join(silent[:5]) + (f" 等 {len(silent)} 人" if len(silent) > len(silent[:5]) else "")
        yield f"已正式启用，但 {named}的提醒只写进发件箱，不会真的发出", "在 people.yaml 里给他们加上真的地址"
