from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from notifications.dingtalk.build import MOST_BYTES, address, broken_lines, sign
from notifications.dingtalk.sender import DingTalkRobot
from notifications.envelope import Envelope, Outcome, Scope, Verdict
from tests.notifications.providers.dingtalk import FakeDingTalk
from tests.notifications.providers.server import Provider, Reply, moved, serving

NOW = 1_772_500_000.123
SECRET = "SEC0f9e8d7c6b5a49382716059483726150"


@pytest.fixture
def fake() -> FakeDingTalk:
    return FakeDingTalk(secret=SECRET, now=NOW)


@pytest.fixture
def provider(fake: FakeDingTalk) -> Iterator[Provider]:
    with serving(fake) as running:
        yield running


def opened(
    provider: Provider, fake: FakeDingTalk, *, markup: str = "markdown", secret: str = SECRET, now: float = NOW
) -> DingTalkRobot:
    return DingTalkRobot(
        "ding", token=fake.token, secret=secret, base_url=provider.url, markup=markup, timeout_seconds=3, wall=lambda: now
    )


def hand_over(robot: DingTalkRobot, envelope: Envelope) -> Outcome:
    outcome = robot.hand_over(envelope, marker=lambda: True)
    robot.close()
    assert outcome is not None
    return outcome


def test_the_signature_is_the_documented_one_and_stands_in_the_address_once() -> None:
    drawn = hmac.new(SECRET.encode(), f"1772500000123\n{SECRET}".encode(), hashlib.sha256).digest()
    expected = base64.b64encode(drawn).decode()
    assert sign(SECRET, 1_772_500_000_123) == expected
    asked = parse_qs(urlsplit(address("https://oapi.dingtalk.com/", "t", secret=SECRET, timestamp_ms=1_772_500_000_123)).query)
    assert asked["sign"] == [expected]  # decoded once
    assert asked["timestamp"] == ["1772500000123"]
    assert "sign" not in address("https://oapi.dingtalk.com", "t", secret="", timestamp_ms=0)


def test_a_signed_markdown_message_reaches_the_group(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    outcome = hand_over(opened(provider, fake), replace(envelope, address=""))
    assert (outcome.verdict, outcome.code, outcome.words) == (Verdict.ACCEPTED, "0", "ok")
    (message,) = fake.taken
    assert message["msgtype"] == "markdown"
    assert message["markdown"]["title"].startswith("【法治建设工作提醒】")
    assert "王敏同志：以下事项请按时限办理。  \n.一行以点开头" in message["markdown"]["text"]
    assert "text" not in message


def test_plain_text_keeps_its_line_breaks(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    assert hand_over(opened(provider, fake, markup="text"), replace(envelope, address="")).verdict is Verdict.ACCEPTED
    (message,) = fake.taken
    assert message["msgtype"] == "text"
    assert message["text"]["content"].splitlines() == envelope.text.splitlines()


@pytest.mark.parametrize("markup", ["markdown", "text"])
def test_those_concerned_are_mentioned_by_mobile_or_id_and_in_the_text(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope, markup: str
) -> None:
    asked = "13800000001, manager42,13800000002,13800000001,"
    assert hand_over(opened(provider, fake, markup=markup), replace(envelope, address=asked)).verdict is Verdict.ACCEPTED
    (message,) = fake.taken
    assert message["at"] == {"atMobiles": ["13800000001", "13800000002"], "atUserIds": ["manager42"], "isAtAll": False}
    words = message["markdown"]["text"] if markup == "markdown" else message["text"]["content"]
    assert words.endswith("@13800000001 @manager42 @13800000002")


def test_a_mention_that_the_text_has_already_is_not_repeated(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    message = replace(envelope, address="m1,m12", text="请@m12 同志办理")
    hand_over(opened(provider, fake), message)
    assert fake.taken[0]["markdown"]["text"] == "请@m12 同志办理\n\n@m1"


def test_mentions_without_room_are_left_out_and_the_message_goes_all_the_same(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope
) -> None:
    crowded = replace(envelope, text="办" * 6_400, address=",".join(f"138{n:08}" for n in range(60)))
    assert hand_over(opened(provider, fake), crowded).verdict is Verdict.ACCEPTED
    mentioned = fake.taken[0]["at"]["atMobiles"]
    assert 0 < len(mentioned) < 60
    assert mentioned == [f"138{n:08}" for n in range(len(mentioned))]


def test_a_message_beyond_the_limit_of_bytes_is_refused_before_it_leaves(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope
) -> None:
    outcome = hand_over(opened(provider, fake), replace(envelope, text="办" * 6_700))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.MESSAGE, "too-long")
    assert str(MOST_BYTES) in outcome.words
    assert provider.requests == []


@pytest.mark.parametrize("text", ["", "  \n", "\ud800"])
def test_a_message_that_cannot_be_written_is_refused_before_it_leaves(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope, text: str
) -> None:
    outcome = hand_over(opened(provider, fake), replace(envelope, text=text))
    assert outcome.verdict is Verdict.REJECTED
    assert provider.requests == []


def test_a_wrong_secret_or_a_wrong_clock_is_a_fault_of_the_channel(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope
) -> None:
    wrong = hand_over(opened(provider, fake, secret="SECwrongwrongwrong"), envelope)
    late = hand_over(opened(provider, fake, now=NOW - 3700), envelope)
    for outcome, words in ((wrong, "sign not match"), (late, "invalid timestamp")):
        assert (outcome.verdict, outcome.scope, outcome.retry_after) == (Verdict.DEFERRED, Scope.CHANNEL, None)
        assert words in outcome.words
    assert fake.taken == []


def test_the_time_is_taken_anew_at_each_try(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    times = iter([NOW, NOW + 60])
    robot = DingTalkRobot("ding", token=fake.token, secret=SECRET, base_url=provider.url, wall=lambda: next(times))
    robot.hand_over(envelope, marker=lambda: True)
    robot.hand_over(envelope, marker=lambda: True)
    robot.close()
    first, second = provider.requests
    assert int(second.query["timestamp"]) - int(first.query["timestamp"]) == 60_000
    assert first.body == second.body  # a second try says the very same


def test_the_keyword_of_the_group_is_missing(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    fake.keyword = "值班"
    outcome = hand_over(opened(provider, fake), envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert "keywords" in outcome.words


def test_the_twenty_first_message_of_a_minute_rests_the_channel(
    provider: Provider, fake: FakeDingTalk, envelope: Envelope
) -> None:
    fake.taken = [None] * 20
    outcome = hand_over(opened(provider, fake), envelope)
    assert (outcome.verdict, outcome.scope, outcome.retry_after) == (Verdict.DEFERRED, Scope.CHANNEL, 600.0)


def test_neither_key_nor_signature_shows_in_the_words(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    robot = opened(provider, fake)
    robot.hand_over(envelope, marker=lambda: True)
    asked = provider.requests[0].query
    again = quote(asked["sign"], safe="")
    provider.will_say(moved(f"https://login.example/?access_token={asked['access_token']}&sign={again}&x=1"))
    outcome = hand_over(robot, envelope)
    assert outcome.words == "HTTP 302 转到 https://login.example/?access_token=***&sign=***&x=1（不跟随）"
    provider.will_say(Reply(body=b"x" * 150 + fake.token.encode()))
    assert fake.token[:8] not in hand_over(opened(provider, fake), envelope).words  # not even half of it


def test_nothing_is_sent_when_the_marker_says_no(provider: Provider, fake: FakeDingTalk, envelope: Envelope) -> None:
    robot = opened(provider, fake)
    assert robot.hand_over(envelope, marker=lambda: False) is None
    robot.close()
    assert fake.taken == []


def test_line_breaks_within_a_paragraph_are_kept_and_paragraphs_stay_apart() -> None:
    assert broken_lines("一\n二\n\n三\n") == "一  \n二\n\n三\n"
    assert broken_lines(broken_lines("一\n二")) == broken_lines("一\n二")
