"""Whatever the provider or the network does, a message counts as accepted only when the provider itself said yes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from notifications.dingtalk.sender import DingTalkRobot
from notifications.envelope import Channel, Envelope, Outcome, Scope, Verdict
from notifications.feishu.sender import FeishuRobot
from notifications.webhook.sender import Webhook
from tests.notifications.providers.server import Provider, Reply, gzip_bomb, moved, page, refused_port, said, serving


@dataclass(frozen=True)
class Kind:
    """A channel, and its provider's way to say yes."""

    open: Callable[..., Any]
    yes: Reply

    def opened(self, url: str, *, timeout_seconds: float = 3) -> Any:
        return self.open(url, timeout_seconds)


KINDS = {
    "dingtalk": Kind(
        lambda url, seconds: DingTalkRobot("c", token="0a1b2c3d", base_url=url, timeout_seconds=seconds),
        said(errcode=0, errmsg="ok"),
    ),
    "feishu": Kind(
        lambda url, seconds: FeishuRobot("c", token="5f1d2e3c", base_url=url, timeout_seconds=seconds),
        said(code=0, msg="success"),
    ),
    "webhook": Kind(lambda url, seconds: Webhook("c", url=f"{url}/notice", timeout_seconds=seconds), said(id="R-1")),
    "webhook-verified": Kind(
        lambda url, seconds: Webhook("c", url=f"{url}/notice", timeout_seconds=seconds, accepted_when=("status", "ok")),
        Reply(body=b'{"status":"ok","id":"R-1"}'),
    ),
}


@pytest.fixture(params=list(KINDS))
def kind(request: pytest.FixtureRequest) -> Kind:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def _running() -> Iterator[Provider]:
    with serving() as provider:
        yield provider


@pytest.fixture
def provider(_running: Provider) -> Provider:
    _running.reset()
    return _running


def hand_over(channel: Channel, envelope: Envelope) -> Outcome:
    outcome = channel.hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    return outcome


def tried(kind: Kind, provider: Provider, envelope: Envelope, *replies: Reply, timeout_seconds: float = 3) -> Outcome:
    """What comes of the first reply; the channel must serve the next message whatever that was."""
    provider.will_say(*replies, kind.yes)
    channel = kind.opened(provider.url, timeout_seconds=timeout_seconds)
    outcome = hand_over(channel, envelope)
    assert hand_over(channel, envelope).verdict is Verdict.ACCEPTED
    channel.close()
    return outcome


def test_a_yes_is_a_yes(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    assert tried(kind, provider, envelope, kind.yes).verdict is Verdict.ACCEPTED


def test_a_login_page_in_place_of_the_provider_is_no_yes(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    outcome = tried(kind, provider, envelope, page())
    assert outcome.verdict is Verdict.UNKNOWN
    assert "上网认证" in outcome.words


def test_an_empty_answer_is_no_yes_of_a_provider_that_can_speak(provider: Provider, envelope: Envelope) -> None:
    for name in ("dingtalk", "feishu", "webhook-verified"):
        assert tried(KINDS[name], provider, envelope, Reply()).verdict is Verdict.UNKNOWN


def test_too_many_requests_rest_the_channel(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    outcome = tried(kind, provider, envelope, Reply(429, {"Retry-After": "90"}))
    assert (outcome.verdict, outcome.scope, outcome.retry_after) == (Verdict.DEFERRED, Scope.CHANNEL, 90.0)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_in_trouble_defers(kind: Kind, provider: Provider, envelope: Envelope, status: int) -> None:
    outcome = tried(kind, provider, envelope, page(status))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.MESSAGE, str(status))


def test_a_redirect_is_not_followed(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    outcome = tried(kind, provider, envelope, moved(f"{provider.url}/elsewhere"))
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert all("elsewhere" not in request.path for request in provider.requests)


def test_an_answer_that_drips_is_cut_off_in_time_and_leaves_the_outcome_unknown(
    kind: Kind, provider: Provider, envelope: Envelope
) -> None:
    provider.will_say(Reply(200, kind.yes.headers, kind.yes.body, drip=0.05))
    channel = kind.opened(provider.url, timeout_seconds=0.4)
    began = time.monotonic()
    assert hand_over(channel, envelope).verdict is Verdict.UNKNOWN
    assert time.monotonic() - began < 1.5
    channel.close()


def test_an_answer_that_never_comes_leaves_the_outcome_unknown(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    provider.will_say(Reply(200, kind.yes.headers, kind.yes.body, delay=5))
    channel = kind.opened(provider.url, timeout_seconds=0.3)
    assert hand_over(channel, envelope).verdict is Verdict.UNKNOWN
    channel.close()


def test_a_line_that_goes_dead_after_the_message_leaves_the_outcome_unknown(
    kind: Kind, provider: Provider, envelope: Envelope
) -> None:
    outcome = tried(kind, provider, envelope, Reply(drop="after"))
    assert (outcome.verdict, outcome.code) == (Verdict.UNKNOWN, "cut-off")


def test_a_provider_that_is_not_there_is_a_fault_of_the_channel(kind: Kind, envelope: Envelope) -> None:
    channel = kind.opened(f"http://127.0.0.1:{refused_port()}")
    outcome = hand_over(channel, envelope)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "no-answer")
    channel.close()


def test_an_answer_said_twice_counts_for_one_message(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    outcome = tried(kind, provider, envelope, Reply(200, kind.yes.headers, kind.yes.body, copies=2))
    assert outcome.verdict is Verdict.ACCEPTED


def test_a_bomb_of_an_answer_does_no_harm(kind: Kind, provider: Provider, envelope: Envelope) -> None:
    tried(kind, provider, envelope, gzip_bomb(8))
    assert len(provider.requests) == 2


def test_a_refusal_within_200_is_never_accepted(provider: Provider, envelope: Envelope) -> None:
    refusals = {
        "dingtalk": said(errcode=310000, errmsg="sign not match"),
        "feishu": said(code=9499, msg="Bad Request"),
        "webhook-verified": Reply(body='{"status":"error","message":"没有权限"}'.encode()),
    }
    for name, refusal in refusals.items():
        assert tried(KINDS[name], provider, envelope, refusal).verdict in {Verdict.DEFERRED, Verdict.REJECTED}


def test_what_the_marker_raises_is_not_taken_for_a_fault_of_the_network(
    kind: Kind, provider: Provider, envelope: Envelope
) -> None:
    def broken() -> bool:
        raise ConnectionError("the database went away")

    channel = kind.opened(provider.url)
    with pytest.raises(ConnectionError):
        channel.hand_over(envelope, marker=broken)
    channel.close()
