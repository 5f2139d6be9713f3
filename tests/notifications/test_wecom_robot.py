from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from notifications.envelope import Envelope, Outcome, Scope, Verdict
from notifications.registry import open_wecom_robot
from notifications.wecom_robot.answers import TABLE, code_of
from notifications.wecom_robot.build import LIMITS, build_message, members
from notifications.wecom_robot.sender import WeComRobot
from tests.notifications.providers.cases import COMMON_CASES, Case
from tests.notifications.providers.server import Provider, Reply, gzip_bomb, moved, page, refused_port, said, serving
from tests.notifications.providers.tables import rows_without_a_case
from tests.notifications.providers.wecom import KEY, WeCom
from tests.notifications.providers.wecom_cases import ROBOT_CASES


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


@pytest.fixture
def provider(wecom: WeCom) -> Iterator[Provider]:
    with serving(wecom) as running:
        yield running


@pytest.fixture
def group(envelope: Envelope) -> Envelope:
    text = "【法治建设工作提醒】\n**党委理论学习中心组法治专题学习**：还剩3个工作日\n请王敏、李四按时办理。"
    return replace(envelope, address="wangmin,13800001111,lisi", name="法治建设工作群", text=text)


def robot(provider: Provider, *, key: str = KEY, markup: str = "markdown", timeout_seconds: float = 3.0) -> WeComRobot:
    return WeComRobot("群", key=key, base_url=provider.url, markup=markup, timeout_seconds=timeout_seconds)


def hand_over(channel: WeComRobot, envelope: Envelope) -> Outcome:
    outcome = channel.hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    return outcome


def test_a_markdown_message_reaches_the_group_and_mentions_the_members(provider: Provider, wecom: WeCom, group: Envelope) -> None:
    outcome = hand_over(robot(provider), group)
    assert (outcome.verdict, outcome.code, outcome.words) == (Verdict.ACCEPTED, "0", "ok")
    (message,) = wecom.taken
    assert message == {"msgtype": "markdown", "markdown": {"content": f"{group.text}\n<@wangmin><@lisi>"}}
    (request,) = provider.requests
    assert (request.path, request.query) == ("/cgi-bin/webhook/send", {"key": KEY})


def test_a_text_message_mentions_by_account_and_by_mobile(provider: Provider, wecom: WeCom, group: Envelope) -> None:
    assert hand_over(robot(provider, markup="text"), group).verdict is Verdict.ACCEPTED
    assert wecom.taken[0]["text"] == {
        "content": group.text,
        "mentioned_list": ["wangmin", "lisi"],
        "mentioned_mobile_list": ["13800001111"],
    }


@pytest.mark.parametrize("markup", ["text", "markdown"])
@pytest.mark.parametrize("address", ["", "@all", " , ,", "王敏", "wang min", "@wangmin", "a" * 65, "-x"])
def test_whoever_cannot_be_mentioned_does_not_keep_the_message_back(
    provider: Provider, wecom: WeCom, group: Envelope, address: str, markup: str
) -> None:
    assert hand_over(robot(provider, markup=markup), replace(group, address=address)).verdict is Verdict.ACCEPTED
    (message,) = wecom.taken
    assert message[markup] == {"content": group.text}


def test_members_are_mentioned_once_in_their_order() -> None:
    assert members("lisi, wangmin,13800001111,lisi,13800001111,1380000111,@all") == (
        ["lisi", "wangmin", "1380000111"],
        ["13800001111"],
    )


@pytest.mark.parametrize(("markup", "limit"), [("text", 2048), ("markdown", 4096)])
def test_the_limit_is_kept_to_the_byte(provider: Provider, wecom: WeCom, group: Envelope, markup: str, limit: int) -> None:
    assert LIMITS[markup] == limit
    full = "提" * (limit // 3) + "x" * (limit % 3)
    assert hand_over(robot(provider, markup=markup), replace(group, text=full)).verdict is Verdict.ACCEPTED
    assert len(wecom.taken[0][markup]["content"].encode()) == limit
    outcome = hand_over(robot(provider, markup=markup), replace(group, text=full + "x"))
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.MESSAGE, "too-long")
    assert f"{limit + 1} 字节" in outcome.words
    assert len(provider.requests) == 1


@pytest.mark.parametrize(("size", "line"), [(4085, "<@wangmin>"), (4086, "<@li>"), (4090, "<@li>"), (4091, "")])
def test_mentions_fill_only_the_room_that_the_text_leaves(group: Envelope, size: int, line: str) -> None:
    crowded = replace(group, text="x" * size, address="wangmin,li")
    content = json.loads(build_message(crowded, form="markdown"))["markdown"]["content"]
    assert content == (f"{crowded.text}\n{line}" if line else crowded.text)
    assert len(content) <= 4096


def test_what_is_too_long_or_empty_never_reaches_the_marker(provider: Provider, group: Envelope) -> None:
    def marker() -> bool:
        raise AssertionError

    channel = robot(provider)
    for text, code in (("x" * 4097, "too-long"), ("", "empty"), ("\ud83d", "build")):
        outcome = channel.hand_over(replace(group, text=text), marker=marker)
        assert outcome is not None
        assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.REJECTED, Scope.MESSAGE, code)
    assert provider.connections == 0


def test_equal_envelopes_give_equal_bytes(provider: Provider, group: Envelope) -> None:
    for _ in range(2):
        hand_over(robot(provider), replace(group))
    first, second = provider.requests
    assert first.body == second.body


def test_a_wrong_key_is_the_channels_fault_and_is_not_written_down(provider: Provider, wecom: WeCom, group: Envelope) -> None:
    outcome = hand_over(robot(provider, key="dead-key-000"), group)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "93000")
    assert outcome.retry_after is None
    assert wecom.taken == []
    provider.will_say(said(errcode=93000, errmsg="no robot dead-key-000"))
    assert "dead-key-000" not in hand_over(robot(provider, key="dead-key-000"), group).words


@pytest.mark.parametrize("case", [*ROBOT_CASES, *COMMON_CASES], ids=lambda case: case.name)
def test_each_answer_is_known_for_what_it_is(provider: Provider, group: Envelope, case: Case) -> None:
    provider.will_say(case.reply)
    channel = robot(provider)
    outcome = hand_over(channel, group)
    assert (outcome.verdict, outcome.scope, outcome.code) == (case.verdict, case.scope, case.code)
    assert outcome.retry_after == case.retry_after
    assert hand_over(channel, group).verdict is Verdict.ACCEPTED  # the next one is not harmed
    channel.close()


def test_every_row_of_the_table_has_a_case() -> None:
    assert rows_without_a_case(TABLE, [*ROBOT_CASES, *COMMON_CASES], code_of) == []


def test_only_the_first_row_accepts() -> None:
    assert [row for row in TABLE if row.verdict is Verdict.ACCEPTED] == [TABLE[0]]


@pytest.mark.parametrize(
    "reply",
    [
        replace(said(errcode=0, errmsg="ok"), drip=0.02),
        replace(said(errcode=0, errmsg="ok"), delay=5),
        Reply(drop="after"),
        Reply(drop="before"),
        gzip_bomb(8),
        Reply(),
        page(),
    ],
    ids=["drips", "late", "dropped after reading", "dropped before", "gzip bomb", "nothing", "a page"],
)
def test_what_may_have_arrived_is_unknown(provider: Provider, group: Envelope, reply: Reply) -> None:
    provider.will_say(reply)
    began = time.monotonic()
    outcome = hand_over(robot(provider, timeout_seconds=0.3), group)
    assert (outcome.verdict, outcome.scope) == (Verdict.UNKNOWN, Scope.MESSAGE)
    assert time.monotonic() - began < 2


def test_a_second_answer_is_not_taken_for_the_next_messages(provider: Provider, group: Envelope) -> None:
    provider.will_say(replace(said(errcode=0, errmsg="ok"), copies=2), said(errcode=45009, errmsg="api freq out of limit"))
    channel = robot(provider)
    assert [hand_over(channel, group).verdict for _ in range(2)] == [Verdict.ACCEPTED, Verdict.DEFERRED]


def test_a_redirect_to_another_host_gets_neither_key_nor_message(provider: Provider, group: Envelope) -> None:
    with serving() as elsewhere:
        provider.will_say(moved(f"{elsewhere.url}/cgi-bin/webhook/send?key={KEY}", 307))
        outcome = hand_over(robot(provider), group)
        assert elsewhere.connections == 0
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "307")
    assert "不跟随" in outcome.words
    assert KEY not in outcome.words


def test_a_refused_connection_is_the_channels_fault(group: Envelope) -> None:
    channel = WeComRobot("群", key=KEY, base_url=f"http://127.0.0.1:{refused_port()}")
    outcome = hand_over(channel, group)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "no-answer")


def test_when_the_marker_says_no_nothing_reaches_the_group(provider: Provider, wecom: WeCom, group: Envelope) -> None:
    channel = robot(provider)
    assert channel.hand_over(group, marker=lambda: False) is None
    assert hand_over(channel, group).verdict is Verdict.ACCEPTED
    assert len(wecom.taken) == 1


def test_the_key_is_in_no_words_and_no_log(provider: Provider, group: Envelope, caplog: pytest.LogCaptureFixture) -> None:
    channel = robot(provider, timeout_seconds=0.3)
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    told = []
    for reply in (
        said(errcode=93000, errmsg=f"key={KEY}"),
        Reply(drop="after"),
        moved(f"/?key={KEY}"),
        Reply(502, {}, KEY.encode()),
    ):
        provider.will_say(reply)
        told.append(hand_over(channel, group).words)
    told.extend(f"{record.getMessage()} {record.args} {record.exc_text}" for record in caplog.records)
    assert KEY not in "\n".join(told)


def test_the_registry_opens_a_robot_on_a_private_address(provider: Provider, wecom: WeCom, group: Envelope) -> None:
    channel = open_wecom_robot("群", key=KEY, base_url=f"{provider.url}/", markup="text", with_apprise=False)
    outcome = channel.hand_over(group, marker=lambda: True)
    channel.close()
    assert channel.name == "群"
    assert outcome is not None
    assert outcome.verdict is Verdict.ACCEPTED
    assert wecom.taken[0]["msgtype"] == "text"
