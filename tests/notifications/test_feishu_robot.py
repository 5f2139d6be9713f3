from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications.envelope import Envelope, Outcome, Scope, Verdict
from notifications.feishu.build import MOST_BYTES, sign
from notifications.feishu.sender import FeishuRobot
from tests.notifications.providers.feishu import FakeFeishu
from tests.notifications.providers.server import Provider, serving

NOW = 1_772_500_000.9
SECRET = "Zq3vT8mB1nY6kWc0"


@pytest.fixture
def fake() -> FakeFeishu:
    return FakeFeishu(secret=SECRET, now=NOW)


@pytest.fixture
def provider(fake: FakeFeishu) -> Iterator[Provider]:
    with serving(fake) as running:
        yield running


def opened(
    provider: Provider, fake: FakeFeishu, *, markup: str = "markdown", secret: str = SECRET, now: float = NOW
) -> FeishuRobot:
    return FeishuRobot(
        "feishu", token=fake.token, secret=secret, base_url=provider.url, markup=markup, timeout_seconds=3, wall=lambda: now
    )


def hand_over(robot: FeishuRobot, envelope: Envelope) -> Outcome:
    outcome = robot.hand_over(envelope, marker=lambda: True)
    robot.close()
    assert outcome is not None
    return outcome


def test_the_signature_is_keyed_with_time_and_secret_over_nothing() -> None:
    drawn = hmac.new(f"1772500000\n{SECRET}".encode(), b"", hashlib.sha256).digest()
    assert sign(SECRET, 1_772_500_000) == base64.b64encode(drawn).decode()


def test_a_signed_card_reaches_the_group(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    outcome = hand_over(opened(provider, fake), replace(envelope, address=""))
    assert (outcome.verdict, outcome.code, outcome.words) == (Verdict.ACCEPTED, "0", "success")
    (message,) = fake.taken
    assert message["msg_type"] == "interactive"
    assert message["timestamp"] == "1772500000"
    assert message["card"]["header"]["title"]["content"].startswith("【法治建设工作提醒】")
    assert message["card"]["elements"][0]["content"].startswith("王敏同志：以下事项请按时限办理。")


def test_an_answer_in_the_old_form_is_understood(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    fake.old_form = True
    assert hand_over(opened(provider, fake), envelope).verdict is Verdict.ACCEPTED


def test_without_a_secret_nothing_is_signed(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    fake.secret = ""
    assert hand_over(opened(provider, fake, secret=""), envelope).verdict is Verdict.ACCEPTED
    assert "sign" not in fake.taken[0]


@pytest.mark.parametrize(
    ("markup", "called"),
    [
        ("markdown", "<at id=ou_1a2b></at> <at id=9f8e7d></at> @王敏"),
        ("text", '<at user_id="ou_1a2b"></at> <at user_id="9f8e7d"></at> @王敏'),
    ],
)
def test_those_concerned_are_mentioned_and_what_is_no_id_is_written_out(
    provider: Provider, fake: FakeFeishu, envelope: Envelope, markup: str, called: str
) -> None:
    message = replace(envelope, address="ou_1a2b, 9f8e7d,<王敏>,ou_1a2b")
    assert hand_over(opened(provider, fake, markup=markup), message).verdict is Verdict.ACCEPTED
    said = fake.taken[0]
    words = said["card"]["elements"][0]["content"] if markup == "markdown" else said["content"]["text"]
    assert words.endswith(f"\n\n{called}")


def test_a_dutys_own_words_call_nobody(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    message = replace(envelope, address="", text='请办理<at user_id="all">所有人</at>')
    assert hand_over(opened(provider, fake, markup="text"), message).verdict is Verdict.ACCEPTED
    assert "<at" not in fake.taken[0]["content"]["text"]


def test_mentions_without_room_are_left_out_and_the_message_goes_all_the_same(
    provider: Provider, fake: FakeFeishu, envelope: Envelope
) -> None:
    crowded = replace(envelope, text="办" * 6_500, address=",".join(f"ou_{n:032x}" for n in range(60)))
    assert hand_over(opened(provider, fake), crowded).verdict is Verdict.ACCEPTED
    assert 0 < fake.taken[0]["card"]["elements"][0]["content"].count("<at id=") < 60


def test_a_message_beyond_the_limit_of_bytes_is_refused_before_it_leaves(
    provider: Provider, fake: FakeFeishu, envelope: Envelope
) -> None:
    outcome = hand_over(opened(provider, fake), replace(envelope, text="办" * 6_800))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.MESSAGE, "too-long")
    assert str(MOST_BYTES) in outcome.words
    assert provider.requests == []


def test_a_wrong_secret_or_a_wrong_clock_is_a_fault_of_the_channel(
    provider: Provider, fake: FakeFeishu, envelope: Envelope
) -> None:
    for robot in (opened(provider, fake, secret="wrong-secret"), opened(provider, fake, now=NOW + 3700)):
        outcome = hand_over(robot, envelope)
        assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "19021")
    assert fake.taken == []


def test_a_dead_robot_is_a_fault_of_the_channel(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    robot = FeishuRobot("feishu", token="gone-gone-gone", base_url=provider.url, timeout_seconds=3)
    outcome = hand_over(robot, envelope)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "19001")


def test_the_keyword_of_the_group_is_missing(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    fake.keyword = "值班"
    outcome = hand_over(opened(provider, fake), envelope)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "19024")


def test_beyond_a_hundred_in_a_minute_the_channel_rests(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    fake.taken = [None] * 100
    outcome = hand_over(opened(provider, fake), envelope)
    assert (outcome.verdict, outcome.scope, outcome.retry_after) == (Verdict.DEFERRED, Scope.CHANNEL, 60.0)


def test_equal_messages_at_equal_times_have_equal_bytes(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    robot = opened(provider, fake)
    robot.hand_over(envelope, marker=lambda: True)
    robot.hand_over(replace(envelope), marker=lambda: True)
    robot.close()
    first, second = provider.requests
    assert first.body == second.body


def test_nothing_is_sent_when_the_marker_says_no(provider: Provider, fake: FakeFeishu, envelope: Envelope) -> None:
    robot = opened(provider, fake)
    assert robot.hand_over(envelope, marker=lambda: False) is None
    robot.close()
    assert fake.taken == []
