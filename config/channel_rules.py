"""What delivery must know of each channel, from what channels.yaml says of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256

from config.channel_kinds import apprise, dingtalk, feishu, mail, outbox, webhook, wecom_app, wecom_robot
from config.channel_kinds.usage import DETAIL_NAMES, Habits, Usage, default_usage
from config.channel_kinds.wire import host_of
from config.channels import ChannelConfig
from planning.delivery_rules import ChannelRule

GROUP_DETAIL = "title"
"""A group reads of a duty no more than its title, unless the admin says otherwise: names and reasons are personal."""

MOST_BYTES: Mapping[tuple[str, str], int] = {
    # UTF-8 of the text, by type and markup. Below the providers' own figures where something else counts with it.
    ("wecom-robot", "markdown"): 4096,  # the members to mention count as well: whoever words a message leaves room
    ("wecom-robot", "text"): 2048,
    ("wecom-app", "markdown"): 2048,
    ("wecom-app", "text"): 2048,
    ("dingtalk", "markdown"): 16_000,  # of 20,000 for the whole request: title, mentions (twice), escaped line ends
    ("dingtalk", "text"): 16_000,
    ("feishu", "markdown"): 16_000,  # of 20 KiB for the whole request: title, mentions, escaped line ends
    ("feishu", "text"): 16_000,
    ("webhook", "markdown"): 30_000,
    ("webhook", "text"): 30_000,
    ("apprise", "text"): 2000,  # what most of its services take
}
HABITS: Mapping[str, Habits] = {
    "mail": mail.HABITS,
    "outbox": outbox.HABITS,
    "wecom-robot": wecom_robot.HABITS,
    "wecom-app": wecom_app.HABITS,
    "dingtalk": dingtalk.HABITS,
    "feishu": feishu.HABITS,
    "webhook": webhook.HABITS,
    "apprise": apprise.HABITS,
}
_NOTHING_KNOWN = ChannelRule(links=False)
_OFF_THE_HOUR = frozenset({"wecom-robot", "wecom-app", "feishu"})
_ATTACHES = frozenset({"mail", "outbox"})


def channel_rules(
    configs: Mapping[str, ChannelConfig],
    declared: Mapping[str, str] | None,
    *,
    detail: str,
    named: Iterable[str] = (),
) -> dict[str, ChannelRule]:
    """A rule for every channel, also for one that is left out because of a fault: messages may be built for it.

    ``detail`` is the office's own choice; a group never tells more than that unless its entry says so. ``named`` are
    the channels of people's addresses: one of which nothing is known may be a group, so that no link travels on it.
    """
    found = dict.fromkeys(named, _NOTHING_KNOWN)
    found |= {key: _of_type(kind, key, detail) for key, kind in (declared or {}).items() if kind in HABITS}
    found |= {key: channel_rule(config, detail=detail) for key, config in configs.items()}
    return found


def channel_rule(config: ChannelConfig, *, detail: str = "full") -> ChannelRule:
    rule = _rule(config.type, config.usage, detail)
    return replace(rule, account=_account(config), verified=_verified(config))


def _of_type(kind: str, key: str, detail: str) -> ChannelRule:
    """The careful rule for a channel of which only the type is known: a group, where it may be one."""
    rule = _rule(kind, default_usage(HABITS[kind], group=key), detail)
    return replace(rule, verified=kind not in {"webhook", "apprise"})


def _rule(kind: str, usage: Usage, detail: str) -> ChannelRule:
    return ChannelRule(
        markup=usage.markup,
        most_bytes=MOST_BYTES.get((kind, usage.markup)),
        group=bool(usage.group),
        group_name=usage.group,
        links=usage.links,
        detail=usage.detail or (_stricter(GROUP_DETAIL, detail) if usage.group else ""),
        rates=usage.rates,
        off_the_hour=kind in _OFF_THE_HOUR,
        attaches=kind in _ATTACHES,
        ask_when_unknown=usage.ask_when_unknown,
    )


def _stricter(one: str, other: str) -> str:
    order = list(DETAIL_NAMES)
    return max(one, other, key=order.index)


def _verified(config: ChannelConfig) -> bool:
    """Whether the provider's answer proves that it took the message."""
    match config:
        case webhook.WebhookConfig():
            return config.accepted_when is not None
        case apprise.AppriseConfig():
            return False
        case _:
            return True


def _account(config: ChannelConfig) -> str:
    """A digest of the account behind the channel, never the key itself: two channels of one robot share its limit."""
    parts = _account_parts(config)
    return sha256("\0".join((config.type, *parts)).encode()).hexdigest()[:16] if parts else ""


def _account_parts(config: ChannelConfig) -> tuple[str, ...]:
    match config:
        case mail.MailConfig():
            return (config.host, config.user or config.sender)
        case wecom_robot.WeComRobotConfig():
            return (host_of(config.wire.base_url), config.robot_key.reveal())
        case wecom_app.WeComAppConfig():
            return (host_of(config.wire.base_url), config.corp_id, str(config.agent_id))
        case dingtalk.DingTalkConfig() | feishu.FeishuConfig():
            return (host_of(config.wire.base_url), config.token.reveal())
        case webhook.WebhookConfig() | apprise.AppriseConfig():
            return (config.url.reveal(),)
        case outbox.OutboxConfig():
            return ()
