"""A test message from a page: one real message through one channel, and the provider's own words."""

from __future__ import annotations

from config.app import App
from config.wiring import build_channel
from notifications.envelope import Outcome, Verdict
from services.errors import Refused
from services.trial import try_channel

OWN_READERS = frozenset({"apprise", "webhook"})
"""Channels that need no address: they name their readers themselves."""


def send_trial(app: App, name: str, address: str) -> str:
    """Send one and say what was answered. Raises Refused: unknown_channel, address_missing, channel_unusable."""
    config = app.office.channels.get(name)
    if config is None:
        raise Refused("channels.yaml 里没有这个可用的渠道。", code="unknown_channel")
    policy = app.delivery_policy()
    if not address and not policy.rule(name).group and config.type not in OWN_READERS:
        raise Refused("这个渠道是发给个人的，请填写收件地址再测试。", code="address_missing")
    try:
        channel = build_channel(config, app.home)
    except (ValueError, OSError) as fault:
        raise Refused(f"渠道“{name}”用不了：{fault}。请改 channels.yaml。", code="channel_unusable") from None
    try:
        outcome = try_channel(channel, policy, address=address, now=app.now())
    finally:
        channel.close()
    if outcome.verdict is Verdict.REJECTED and outcome.code == "address":
        raise Refused(f"“{address[:60]}”不是这个渠道能用的收件地址，没有发送。请改正“收件地址”一栏再试。", code="address_bad")
    return f"渠道“{name}”：{_answered(outcome)}"


def _answered(outcome: Outcome) -> str:
    """The provider's own words, with what they mean."""
    said = f"{outcome.code} {outcome.words}".strip()
    if outcome.verdict is Verdict.ACCEPTED:
        return f"接受了测试消息。{said}".strip()
    if outcome.verdict is Verdict.UNKNOWN:
        return f"发出去了，但不知道对方收没收到，请到那一头看看。{said}".strip()
    return f"没有接受。{said}".strip()
