"""``channels``: how each one stands, and a real message through one of them with the provider's own words."""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from cli.say import as_json, say, table, warn
from cli.surroundings import DONE, NO, Clock, Wrong, opened
from cli.words import moment
from notifications.envelope import Channel, Outcome, Scope, Verdict
from planning.delivery_rules import ChannelRule
from reports.channels import Condition, Standing, standings
from services.trial import try_channel

if TYPE_CHECKING:
    from config.app import App as Opened
    from config.channels import ChannelConfig

app = App(name="channels")

FAULTY = "有错误，没有启用"
_WHAT_NOW = {
    (Verdict.DEFERRED, Scope.CHANNEL): "是渠道本身的问题（密钥、签名、网络或限速）：提醒会等它恢复，不会丢",
    (Verdict.REJECTED, Scope.CHANNEL): "是渠道本身的问题（密钥、签名或机器人被停用）：提醒会等它恢复，不会丢",
    (Verdict.DEFERRED, Scope.PERSON): "这个地址现在收不了，以后可能可以",
    (Verdict.REJECTED, Scope.PERSON): "这个地址收不了：核对 people.yaml 里的地址",
    (Verdict.DEFERRED, Scope.MESSAGE): "这一条现在没收，过一会儿再试",
    (Verdict.REJECTED, Scope.MESSAGE): "这一条的内容或写法对方不收",
}


@app.command(name="list")
def listing(
    *,
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """列出渠道：类型、群、限速，现在能不能用，等着发的有几条。"""
    with opened(clock) as home:
        office, now, zone = home.office, home.now(), home.tz
        rules = home.delivery_policy().channel_rules
        declared = {**(office.declared_channels or {}), **{key: one.type for key, one in office.channels.items()}}
        stand = {one.channel: one for one in standings(home.store, list(declared), now=now)}
    if json:
        as_json({"channels": [_row(key, office.channels.get(key), rules.get(key), stand[key]) for key in declared]})
        return DONE
    rows = [
        (
            key,
            _type_words(kind, office.channels.get(key)),
            rules[key].group_name if key in rules and key in office.channels else "",
            rate_words(rules[key]) if key in office.channels else "",
            condition_words(stand[key], zone) if key in office.channels else FAULTY,
            str(stand[key].waiting or ""),
            last_words(stand[key], zone),
        )
        for key, kind in declared.items()
    ]
    table(("代号", "类型", "群", "限速", "现在", "等着发", "最近一次"), rows)
    if set(declared) - set(office.channels):
        warn("! 有渠道写错了，运行 suishi check 看是哪一行。")
    return DONE


@app.command
def test(
    name: Annotated[str, Parameter(help="channels.yaml 里的渠道代号")],
    /,
    *,
    to: Annotated[str, Parameter(help="收件地址；群机器人可以不写，写了就在群里提醒到这些人，用半角逗号隔开")] = "",
    json: Annotated[bool, Parameter(negative="", help="只输出一个 JSON 文档")] = False,
    clock: Clock = Clock(),
) -> int:
    """发一条真实的测试消息，显示渠道自己的回答。不计入提醒。"""
    with opened(clock) as home:
        config = home.office.channels.get(name)
        if config is None:
            known = "、".join(home.office.channels) or "（一个也没有）"
            raise Wrong(f"channels.yaml 里没有可用的渠道 {name}：现有 {known}；用 suishi check 看有没有写错")
        policy = home.delivery_policy()
        rule = policy.rule(name)
        if not to and not rule.group and config.type not in _NAME_THEIR_OWN_READERS:
            raise Wrong(f"渠道 {name} 是发给个人的，要写明发给谁：suishi channels test {name} --to 地址")
        channel = _open(config, home)
        try:
            outcome = try_channel(channel, policy, address=to, now=home.now())
        finally:
            channel.close()
    taken = outcome.verdict is Verdict.ACCEPTED
    if json:
        as_json(outcome)
    else:
        _tell(outcome, rule)
    return DONE if taken else NO


_NAME_THEIR_OWN_READERS = frozenset({"apprise", "webhook", "outbox"})


def _open(config: ChannelConfig, home: Opened) -> Channel:
    from config.wiring import build_channel  # Apprise is imported only where something is sent

    try:
        return build_channel(config, home.home)
    except (ValueError, OSError) as fault:
        raise Wrong(f"渠道 {config.key} 用不了：{fault}") from None


def _tell(outcome: Outcome, rule: ChannelRule) -> None:
    said = f"{outcome.code} {outcome.words}".strip()
    if outcome.verdict is Verdict.ACCEPTED:
        if rule.verified:
            say(f"✓ 渠道接受了测试消息：{said}".rstrip("："))
        else:
            say(f"✓ 发出去了，但对方的回答不能证明已收下（以后都记为“未核实”），请到那一头看看：{said}".rstrip("："))
        return
    if outcome.verdict is Verdict.UNKNOWN:
        warn(f"? 发出去了，但不知道对方收没收到：{said}".rstrip("："), "  到那一头看看；提醒遇到这种情况会再发一次")
        return
    warn(
        f"✗ 渠道没有接受：{said}".rstrip("："),
        f"  {_WHAT_NOW[outcome.verdict, outcome.scope]}。各种回答的意思见 docs/channels.md",
    )


def _row(key: str, config: ChannelConfig | None, rule: ChannelRule | None, standing: Standing) -> dict[str, object]:
    known = config is not None and rule is not None
    return {
        "name": key,
        "type": config.type if config else "",
        "usable": known,
        "group": rule.group_name if rule and known else "",
        "links": rule.links if rule and known else None,
        "detail": rule.detail if rule and known else "",
        "markup": rule.markup if rule and known else "",
        "verified": rule.verified if rule and known else None,
        "rates": [{"count": rate.count, "seconds": rate.seconds} for rate in rule.rates] if rule and known else [],
        "server": _server(config) if config else "",
        "state": standing.condition.value,
        "until": standing.until,
        "since": standing.since,
        "faults": standing.faults,
        "reason": standing.reason,
        "waiting": standing.waiting,
        "last": standing.last,
    }


def _type_words(kind: str, config: ChannelConfig | None) -> str:
    from config.channels import TYPE_NAMES

    named = TYPE_NAMES.get(kind, kind)
    return f"{named}（{_server(config)}）" if config and _server(config) else named


def _server(config: ChannelConfig | None) -> str:
    """The server of the office's own; empty where it is the provider's, or where the address itself may be a secret."""
    from config.channel_kinds.wire import Wire, host_of

    wire = getattr(config, "wire", None)
    return host_of(wire.base_url) if isinstance(wire, Wire) and not wire.official else ""


def rate_words(rule: ChannelRule) -> str:
    units = {1: "秒", 60: "分钟", 3600: "小时", 86400: "天"}
    return "，".join(f"每{units.get(rate.seconds, f'{rate.seconds}秒')} {rate.count} 条" for rate in rule.rates)


def condition_words(standing: Standing, zone: tzinfo) -> str:
    until = f"，{moment(standing.until, zone)} 再试" if standing.until else "，下次发送时再试"
    match standing.condition:
        case Condition.OPEN:
            return "可用"
        case Condition.RESTING:
            return f"对方要求稍后{until}"
        case Condition.AT_FAULT:
            return f"故障 {standing.faults} 次{until}：{standing.reason}".rstrip("：")


def last_words(standing: Standing, zone: tzinfo) -> str:
    last = standing.last
    if last is None:
        return "还没有用过"
    outcomes = {"accepted": "已接受", "deferred": "未收，再试", "rejected": "拒收", "unknown": "结果不明"}
    return f"{moment(last.at, zone)} {outcomes.get(last.outcome or '', '发送中')} {last.code}".rstrip()
