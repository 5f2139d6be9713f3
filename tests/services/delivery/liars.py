"""Providers that do not tell the truth, on the loopback, and the real channels that must not believe them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from models.message import attempts, messages
from models.reminder import reminders
from notifications.dingtalk.sender import DingTalkRobot
from notifications.envelope import Channel
from notifications.feishu.sender import FeishuRobot
from notifications.mail.sender import MailSender
from notifications.webhook.sender import Webhook
from notifications.wecom_app.sender import WeComApp
from notifications.wecom_robot.sender import WeComRobot
from planning.basis import DeliveryPolicy, PlanBasis
from planning.delivery_rules import ChannelRule
from planning.roster import Destination, Roster
from services.watch import watch
from tests.notifications import mail_sink
from tests.notifications.providers import wecom
from tests.notifications.providers.dingtalk import FakeDingTalk
from tests.notifications.providers.feishu import FakeFeishu
from tests.notifications.providers.server import Provider, Reply, page, said, serving
from tests.notifications.providers.webhook import FakeReceiver
from tests.services.delivery.town import TZ, Town, at, policy

PATIENCE = 0.25
"""Seconds that the channels of these tests wait for an answer."""

TUESDAY = at("2026-03-03")


@dataclass(frozen=True)
class Lie:
    name: str
    reply: Reply


EVERYBODYS = (
    Lie("a login page", page()),
    Lie("nothing", Reply()),
    Lie("half an object", Reply(200, {}, b'{"errcode":0,"code":0,"errm')),
    Lie("a zero in words", said(errcode="0", code="0", errmsg="ok")),
    Lie("an object of somebody else", said(status="ok")),
    Lie("429", Reply(429, {"Retry-After": "40"})),
    Lie("500", page(500)),
    Lie("a redirect", Reply(302, {"Location": "http://127.0.0.1:9/"})),
    Lie("too late", Reply(200, {}, b'{"errcode":0,"code":0}', delay=PATIENCE * 3)),
    Lie("byte by byte", Reply(200, {}, b'{"errcode":0,"code":0}', drip=PATIENCE / 4)),
    Lie("the line goes dead", Reply(drop="after")),
    Lie("two different answers", Reply(200, {}, b'{"errcode":0,"code":0}{"errcode":45009,"code":11232}')),
)


def _codes(field_name: str, *codes: int, **more: Any) -> tuple[Lie, ...]:
    return tuple(
        Lie(f"200 with {field_name} {code}", said(**{field_name: code, "errmsg": "no", "msg": "no"}, **more)) for code in codes
    )


@dataclass(frozen=True)
class Kind:
    """A provider: how its channel is opened, what honestly takes a message, and with what it refuses in a 200."""

    name: str
    open: Callable[[Provider], Channel]
    honest: Callable[[], Any]
    refusals: tuple[Lie, ...]

    @property
    def lies(self) -> tuple[Lie, ...]:
        return (*self.refusals, *EVERYBODYS)


_HOW: dict[str, Any] = {"timeout_seconds": PATIENCE}

KINDS = (
    Kind(
        "wecom-robot",
        lambda provider: WeComRobot("im", key=wecom.KEY, base_url=provider.url, **_HOW),
        wecom.WeCom,
        _codes("errcode", 45009, 45033, 93000, 40058, 40001, -1),
    ),
    Kind(
        "wecom-app",
        lambda provider: WeComApp(
            "im", corp_id=wecom.CORP_ID, secret=wecom.SECRET, agent_id=wecom.AGENT_ID, base_url=provider.url, **_HOW
        ),
        wecom.WeCom,
        (
            *_codes("errcode", 45009, 81013, 60020, 40014),
            Lie("zero and nobody reached", said(errcode=0, errmsg="ok", invaliduser="wangmin", msgid="m1")),
            Lie("zero and no licence", said(errcode=0, errmsg="ok", unlicenseduser="wangmin", msgid="m2")),
        ),
    ),
    Kind(
        "dingtalk",
        lambda provider: DingTalkRobot("im", token=FakeDingTalk().token, base_url=provider.url, **_HOW),
        FakeDingTalk,
        _codes("errcode", 130101, 310000, 300005, 430101, -1),
    ),
    Kind(
        "feishu",
        lambda provider: FeishuRobot("im", token=FakeFeishu().token, base_url=provider.url, **_HOW),
        FakeFeishu,
        _codes("code", 9499, 19001, 19002, 11232, 19021),
    ),
    Kind(
        "webhook",
        lambda provider: Webhook("im", url=f"{provider.url}/hook", accepted_when=("result", "ok"), **_HOW),
        FakeReceiver,
        (Lie("200 that says no", said(result="no")), Lie("200 with success false", said(success=False))),
    ),
)


@dataclass
class Scene:
    """One person with one reminder; ``im`` is tried first, then mail."""

    town: Town
    kind: Kind
    provider: Provider
    sink: mail_sink.MailSink
    honest: Any
    channels: dict[str, Channel]
    now: datetime = TUESDAY
    policy: DeliveryPolicy = field(init=False)

    def __post_init__(self) -> None:
        self.policy = POLICY

    def lie(self, lie: Lie, *, times: int | None = None) -> None:
        """From now on, or so many times, the provider lies about messages; tokens are given as ever."""

        def answers(request: Any) -> Reply:
            nonlocal times
            told = request.path != "/cgi-bin/gettoken" and (times is None or times > 0)
            if told and times is not None:
                times -= 1
            return lie.reply if told else self.honest(request)

        self.provider.answers = answers

    def only_im(self) -> None:
        """The person has no other address."""
        self.policy = replace(POLICY, destinations={"wangmin": POLICY.destinations["wangmin"][:1]})

    def play(self) -> None:
        """The ticks of two working days; stops when nothing waits any more."""
        for minutes in (0, 2, 8, 25, 60, 100, 150, 24 * 60, 24 * 60 + 10, 24 * 60 + 60, 24 * 60 + 120):
            self.town.tick(self.now + timedelta(minutes=minutes), policy=self.policy, channels=self.channels)
            if not set(self.town.reminder_states) & {"planned", "queued"}:
                return

    def watched(self) -> set[str]:
        """What the auditor finds twenty minutes after the last tick."""
        basis = PlanBasis((), Roster(), POLICY.workdays, (2026,), TZ, time(8, 45), time(17, 30), "r1")
        found = watch(self.town.store, basis, self.policy, now=self.now + timedelta(minutes=24 * 60 + 140))
        return {finding.key for finding in found}

    @property
    def outcomes_on_im(self) -> list[str | None]:
        on_im = {row.id for row in self.town.rows(messages) if row.channel == "im"}
        return [row.outcome for row in self.town.rows(attempts) if row.message_id in on_im]

    @property
    def arrived_by_mail(self) -> int:
        return len(self.sink.mails)

    @property
    def reminder_state(self) -> str:
        return str(self.town.rows(reminders)[0].state)


POLICY = policy(
    destinations={"wangmin": (Destination("im", "wangmin"), Destination("mail", "wangmin@caohui.example"))},
    channel_rules={"im": ChannelRule(markup="markdown", most_bytes=2048)},
)


@contextmanager
def scene(town: Town, kind: Kind) -> Iterator[Scene]:
    honest = kind.honest()
    with ExitStack() as stack:
        provider = stack.enter_context(serving(honest))
        sink = stack.enter_context(mail_sink.serving(mail_sink.MailSink()))
        mail = MailSender(
            "mail", host="127.0.0.1", port=sink.port, security="none", sender="法治办 <fazhi@caohui.example>", timeout_seconds=3
        )
        im = kind.open(provider)
        stack.callback(mail.close)
        stack.callback(im.close)
        town.item()
        yield Scene(town, kind, provider, sink, honest, {"im": im, "mail": mail})
