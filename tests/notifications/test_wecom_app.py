from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications.envelope import Envelope, Outcome, Scope, Verdict
from notifications.registry import open_wecom_app
from notifications.wecom_app.answers import TABLE, TOKEN_TABLE, code_of
from notifications.wecom_app.sender import WeComApp
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.server import Provider, Reply, moved, page, refused_port, said, serving
from tests.notifications.providers.tables import rows_without_a_case
from tests.notifications.providers.wecom import AGENT_ID, CORP_ID, SECRET, WeCom
from tests.notifications.providers.wecom_cases import APP_CASES, TOKEN_CASES

STALE = Case("stale", said(errcode=42001, errmsg="access_token expired"), Verdict.DEFERRED, Scope.CHANNEL, "42001")


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


@pytest.fixture
def provider(wecom: WeCom) -> Iterator[Provider]:
    with serving(wecom) as running:
        yield running


@pytest.fixture
def personal(envelope: Envelope) -> Envelope:
    return replace(envelope, address="wangmin", text="王敏同志：\n**法治专题学习**还剩3个工作日。编号T2603-000142")


class Hours:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def app(
    provider: Provider,
    *,
    secret: str = SECRET,
    markup: str = "markdown",
    timeout_seconds: float = 3.0,
    hours: Hours | None = None,
) -> WeComApp:
    return WeComApp(
        "企业微信",
        corp_id=CORP_ID,
        secret=secret,
        agent_id=AGENT_ID,
        base_url=provider.url,
        markup=markup,
        timeout_seconds=timeout_seconds,
        monotonic=hours or Hours(),
    )


def hand_over(channel: WeComApp, envelope: Envelope) -> Outcome:
    outcome = channel.hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    return outcome


def paths(provider: Provider) -> list[str]:
    return [request.path.rpartition("/")[2] for request in provider.requests]


@pytest.mark.parametrize("markup", ["markdown", "text"])
def test_a_message_reaches_one_member_and_its_id_is_the_receipt(
    provider: Provider, wecom: WeCom, personal: Envelope, markup: str
) -> None:
    outcome = hand_over(app(provider, markup=markup), personal)
    assert (outcome.verdict, outcome.code, outcome.provider_id) == (Verdict.ACCEPTED, "0", "msg-1")
    assert wecom.taken == [
        {
            "touser": "wangmin",
            "msgtype": markup,
            "agentid": AGENT_ID,
            markup: {"content": personal.text},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 14_400,
        }
    ]
    token, send = provider.requests
    assert (token.method, token.query) == ("GET", {"corpid": CORP_ID, "corpsecret": SECRET})
    assert (send.method, send.query) == ("POST", {"access_token": wecom.tokens[0]})


def test_a_second_try_has_the_same_bytes_and_the_provider_delivers_it_once(
    provider: Provider, wecom: WeCom, personal: Envelope
) -> None:
    channel = app(provider, timeout_seconds=0.3)
    hand_over(channel, replace(personal, text="先取凭证"))
    provider.answers = lambda request: replace(wecom(request), delay=5)  # it is taken, but nobody hears of it
    assert hand_over(channel, personal).verdict is Verdict.UNKNOWN
    provider.answers = wecom
    assert hand_over(channel, replace(personal)).provider_id == "msg-2"
    assert provider.requests[-1].body == provider.requests[-2].body
    assert [message["markdown"]["content"] for message in wecom.taken] == ["先取凭证", personal.text]


@pytest.mark.parametrize(("asked", "sent"), [(1800, 1800), (14_400, 14_400), (86_400, 14_400), (0, 1)])
def test_the_check_against_doubles_lasts_four_hours_at_most(
    provider: Provider, wecom: WeCom, personal: Envelope, asked: int, sent: int
) -> None:
    channel = open_wecom_app(
        "企业微信",
        corp_id=CORP_ID,
        secret=SECRET,
        agent_id=AGENT_ID,
        base_url=provider.url,
        duplicate_check_seconds=asked,
        with_apprise=False,
    )
    outcome = channel.hand_over(personal, marker=lambda: True)
    channel.close()
    assert outcome is not None
    assert outcome.verdict is Verdict.ACCEPTED
    assert wecom.taken[0]["duplicate_check_interval"] == sent


@pytest.mark.parametrize("markup", ["markdown", "text"])
def test_the_limit_is_kept_to_the_byte(provider: Provider, wecom: WeCom, personal: Envelope, markup: str) -> None:
    full = "提" * 682 + "xx"
    assert hand_over(app(provider, markup=markup), replace(personal, text=full)).verdict is Verdict.ACCEPTED
    assert len(wecom.taken[0][markup]["content"].encode()) == 2048
    asked = len(provider.requests)
    outcome = hand_over(app(provider, markup=markup), replace(personal, text=full + "x"))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.MESSAGE, "too-long")
    assert len(provider.requests) == asked


@pytest.mark.parametrize("address", ["", "@all", "wangmin|lisi", "wangmin,lisi", "王敏", "a" * 65, "_x", "wang min"])
def test_what_is_no_single_member_never_reaches_the_provider(provider: Provider, personal: Envelope, address: str) -> None:
    outcome = hand_over(app(provider), replace(personal, address=address))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.PERSON, "address")
    assert provider.connections == 0


def test_a_member_whom_nobody_knows_is_the_persons_matter(provider: Provider, wecom: WeCom, personal: Envelope) -> None:
    outcome = hand_over(app(provider), replace(personal, address="zhaoliu"))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.PERSON, "81013")
    assert "invaliduser=zhaoliu" in outcome.words
    assert wecom.taken == []


@pytest.mark.parametrize("case", [*APP_CASES, *COMMON_CASES], ids=lambda case: case.name)
def test_each_answer_is_known_for_what_it_is(provider: Provider, wecom: WeCom, personal: Envelope, case: Case) -> None:
    channel = app(provider)
    hand_over(channel, replace(personal, text="先取凭证"))
    provider.will_say(case.reply)
    outcome = hand_over(channel, personal)
    assert (outcome.verdict, outcome.scope, outcome.code) == (case.verdict, case.scope, case.code)
    assert outcome.retry_after == case.retry_after
    assert len(wecom.tokens) == 1
    assert hand_over(channel, personal).verdict is Verdict.ACCEPTED  # the next one is not harmed
    channel.close()


@pytest.mark.parametrize("case", TOKEN_CASES, ids=lambda case: case.name)
def test_without_a_token_no_message_leaves_and_the_marker_is_not_asked(
    provider: Provider, wecom: WeCom, personal: Envelope, case: Case
) -> None:
    def marker() -> bool:
        raise AssertionError

    channel = app(provider)
    provider.will_say(case.reply)
    outcome = channel.hand_over(personal, marker=marker)
    assert outcome is not None
    assert (outcome.verdict, outcome.scope, outcome.code) == (case.verdict, case.scope, case.code)
    assert outcome.retry_after == case.retry_after
    assert paths(provider) == ["gettoken"]
    assert hand_over(channel, personal).verdict is Verdict.ACCEPTED
    channel.close()


def test_every_row_of_both_tables_has_a_case() -> None:
    assert rows_without_a_case(TABLE, [*APP_CASES, *COMMON_CASES, STALE], code_of) == []
    assert rows_without_a_case(TOKEN_TABLE, TOKEN_CASES, code_of) == []


def test_only_the_providers_plain_zero_accepts() -> None:
    assert [row.codes for row in TABLE if row.verdict is Verdict.ACCEPTED] == ["0"]
    assert [row for row in TOKEN_TABLE if row.verdict is Verdict.ACCEPTED] == []


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_that_died_before_its_time_is_fetched_anew_once(
    provider: Provider, wecom: WeCom, personal: Envelope, errcode: int
) -> None:
    channel = app(provider)
    hand_over(channel, replace(personal, text="先取凭证"))
    provider.will_say(said(errcode=errcode, errmsg="token"))
    asked: list[int] = []

    def marker() -> bool:
        asked.append(len(provider.requests))
        return True

    outcome = channel.hand_over(personal, marker=marker)
    assert outcome is not None
    assert outcome.verdict is Verdict.ACCEPTED
    assert paths(provider)[2:] == ["send", "gettoken", "send"]
    assert asked == [2, 4]  # right before each send, not before the token
    assert provider.requests[-1].query == {"access_token": wecom.tokens[1]}


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_refused_twice_is_the_channels_fault(provider: Provider, personal: Envelope, errcode: int) -> None:
    channel = app(provider)
    hand_over(channel, replace(personal, text="先取凭证"))
    refusal = said(errcode=errcode, errmsg="token")
    provider.will_say(refusal, said(errcode=0, access_token="again", expires_in=7200), refusal)
    outcome = hand_over(channel, personal)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, str(errcode))
    assert outcome.retry_after is None
    assert paths(provider)[2:] == ["send", "gettoken", "send"]
    assert hand_over(channel, personal).verdict is Verdict.ACCEPTED  # with a token of its own


def test_when_the_lease_is_lost_during_the_refresh_nothing_more_is_sent(provider: Provider, personal: Envelope) -> None:
    channel = app(provider)
    hand_over(channel, replace(personal, text="先取凭证"))
    provider.will_say(STALE.reply)
    answers = [True, False]
    assert channel.hand_over(personal, marker=lambda: answers.pop(0)) is None
    assert paths(provider)[2:] == ["send", "gettoken"]


def test_a_token_is_kept_until_shortly_before_its_end(provider: Provider, wecom: WeCom, personal: Envelope) -> None:
    hours = Hours()
    channel = app(provider, hours=hours)
    for seconds, tokens in ((0, 1), (6800, 1), (200, 2), (10, 2)):
        hours.seconds += seconds
        assert hand_over(channel, replace(personal, text=f"第{hours.seconds}秒")).verdict is Verdict.ACCEPTED
        assert len(wecom.tokens) == tokens


@pytest.mark.parametrize("lives", ["7200", None, -5, 0, True])
def test_a_token_that_does_not_say_how_long_it_lives_is_used_once(
    provider: Provider, wecom: WeCom, personal: Envelope, lives: object
) -> None:
    wecom.tokens.append("t1")
    provider.will_say(said(errcode=0, access_token="t1", expires_in=lives))
    channel = app(provider)
    assert hand_over(channel, personal).verdict is Verdict.ACCEPTED
    assert hand_over(channel, personal).verdict is Verdict.ACCEPTED
    assert paths(provider) == ["gettoken", "send", "gettoken", "send"]


def test_a_wrong_secret_is_the_channels_fault_and_is_not_written_down(provider: Provider, personal: Envelope) -> None:
    outcome = hand_over(app(provider, secret="wrong-secret-9"), personal)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "40001")
    assert "wrong-secret-9" not in outcome.words


@pytest.mark.parametrize(
    "reply",
    [
        replace(said(errcode=0, errmsg="ok"), drip=0.02),
        replace(said(errcode=0, errmsg="ok"), delay=5),
        Reply(drop="after"),
        Reply(drop="before"),
        Reply(),
        page(),
    ],
    ids=["drips", "late", "dropped after reading", "dropped before", "nothing", "a page"],
)
def test_what_may_have_arrived_is_unknown(provider: Provider, personal: Envelope, reply: Reply) -> None:
    channel = app(provider, timeout_seconds=0.3)
    hand_over(channel, replace(personal, text="先取凭证"))
    provider.will_say(reply)
    began = time.monotonic()
    outcome = hand_over(channel, personal)
    assert (outcome.verdict, outcome.scope) == (Verdict.UNKNOWN, Scope.MESSAGE)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("reply", [replace(said(errcode=0), drip=0.02), Reply(drop="after"), moved("http://127.0.0.1:9/")])
def test_what_happens_to_the_request_for_a_token_leaves_the_message_untouched(
    provider: Provider, personal: Envelope, reply: Reply
) -> None:
    provider.will_say(reply)
    outcome = hand_over(app(provider, timeout_seconds=0.3), personal)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert paths(provider) == ["gettoken"]


def test_a_refused_connection_is_the_channels_fault(personal: Envelope) -> None:
    base = f"http://127.0.0.1:{refused_port()}"
    channel = WeComApp("企业微信", corp_id=CORP_ID, secret=SECRET, agent_id=AGENT_ID, base_url=base)
    outcome = hand_over(channel, personal)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "no-answer")


def test_secret_and_token_are_in_no_words_and_no_log(
    provider: Provider, wecom: WeCom, personal: Envelope, caplog: pytest.LogCaptureFixture
) -> None:
    channel = app(provider, timeout_seconds=0.3)
    wecom.tokens.append("dying-token-7781")
    provider.will_say(said(errcode=0, access_token="dying-token-7781", expires_in=7200))
    hand_over(channel, personal)
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    told = []
    for reply in (
        said(errcode=48002, errmsg="no right: dying-token-7781"),
        moved("https://login.example/?access_token=dying-token-7781"),
        Reply(502, {}, f"{SECRET} dying-token-7781".encode()),
        said(errcode=0, msgid=f"m-{SECRET}"),
    ):
        provider.will_say(reply)
        outcome = hand_over(channel, personal)
        told += [outcome.words, outcome.provider_id]
    told += [f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records]
    for secret in (SECRET, "dying-token-7781"):
        assert secret not in "\n".join(told)
