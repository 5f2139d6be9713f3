"""Apprise's own addresses, through our senders. Upstream's classes fail here: they call a refusal within 200 a success."""

from __future__ import annotations

import time
from collections.abc import Iterator

import apprise
import pytest
from apprise.plugins.dingtalk import NotifyDingTalk
from apprise.plugins.feishu import NotifyFeishu

from notifications.dingtalk import plugin as dingtalk
from notifications.feishu import plugin as feishu
from tests.notifications.providers.dingtalk import FakeDingTalk
from tests.notifications.providers.feishu import FakeFeishu
from tests.notifications.providers.server import Provider, page, said, serving

SECRET = "SEC0f9e8d7c6b5a49382716059483726150"


@pytest.fixture(autouse=True)
def registered() -> None:
    for plugin in (dingtalk, feishu, dingtalk, feishu):
        plugin.register()


@pytest.fixture
def ding() -> FakeDingTalk:
    return FakeDingTalk(secret=SECRET, now=time.time())


@pytest.fixture
def ding_provider(ding: FakeDingTalk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with serving(ding) as running:
        monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{running.url}/robot/send?access_token={{token}}")
        yield running


@pytest.fixture
def fei() -> FakeFeishu:
    return FakeFeishu(secret=SECRET, now=time.time())


@pytest.fixture
def fei_provider(fei: FakeFeishu, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with serving(fei) as running:
        monkeypatch.setattr(NotifyFeishu, "notify_url", f"{running.url}/open-apis/bot/v2/hook/{{token}}/")
        yield running


def opened(url: str) -> apprise.Apprise:
    service = apprise.Apprise()
    assert service.add(url)
    return service


def test_apprise_signs_for_dingtalk_as_dingtalk_wants_it(ding: FakeDingTalk, ding_provider: Provider) -> None:
    service = opened(f"dingtalk://{SECRET}@{ding.token}/13800000000/?format=markdown")
    assert isinstance(service[0], dingtalk.HonestDingTalk)
    assert service.notify(title="法治建设工作提醒", body="**渠道测试**")
    (message,) = ding.taken
    assert message["msgtype"] == "markdown"
    assert message["markdown"] == {"title": "法治建设工作提醒", "text": "**渠道测试**\n\n@13800000000"}
    assert message["at"]["atMobiles"] == ["13800000000"]


def test_apprise_sends_dingtalk_plain_text_with_its_title_in_it(ding: FakeDingTalk, ding_provider: Provider) -> None:
    assert opened(f"dingtalk://{SECRET}@{ding.token}").notify(title="提醒", body="渠道测试")
    assert ding.taken[0]["text"]["content"].split() == ["提醒", "渠道测试"]


def test_apprise_hears_of_a_refusal_by_dingtalk(ding: FakeDingTalk, ding_provider: Provider) -> None:
    service = opened(f"dingtalk://SECwrongwrong@{ding.token}")
    assert not service.notify(title="提醒", body="内容")
    assert service[0].outcome.code == "310000"
    ding_provider.will_say(said(errcode=130101, errmsg="send too fast"), page())
    assert not service.notify(title="提醒", body="内容")
    assert not service.notify(title="提醒", body="内容")


def test_apprise_signs_for_feishu(fei: FakeFeishu, fei_provider: Provider) -> None:
    for url in (f"feishu://{SECRET}@{fei.token}/?format=markdown", f"feishu://{fei.token}/?secret={SECRET}&format=markdown"):
        service = opened(url)
        assert isinstance(service[0], feishu.HonestFeishu)
        assert service.notify(title="法治建设工作提醒", body="**渠道测试**")
    assert [message["msg_type"] for message in fei.taken] == ["interactive", "interactive"]


def test_apprise_hears_of_a_refusal_by_feishu(fei: FakeFeishu, fei_provider: Provider) -> None:
    assert not opened(f"feishu://{fei.token}").notify(title="提醒", body="内容")
    fei.secret = ""
    service = opened(f"feishu://{fei.token}")
    fei_provider.will_say(said(code=19024, msg="Key Words Not Found"), page())
    assert not service.notify(title="提醒", body="内容")
    assert service[0].outcome.code == "19024"
    assert not service.notify(title="提醒", body="内容")
    assert service.notify(title="提醒", body="内容")


def test_a_feishu_address_is_written_out_and_read_again_with_its_secret(fei: FakeFeishu, fei_provider: Provider) -> None:
    service = opened(f"feishu://{SECRET}@{fei.token}")
    assert opened(service[0].url()).notify(title="提醒", body="内容")
    assert SECRET not in service[0].url(privacy=True)
    assert fei.token not in service[0].url(privacy=True)
    assert service[0].url_identifier == ("feishu", SECRET, fei.token)


def test_upstreams_own_classes_would_fail_here(ding: FakeDingTalk, ding_provider: Provider) -> None:
    """The contract: the day upstream reads the answers and signs rightly, this test says that our classes may go."""
    upstream = NotifyDingTalk(**NotifyDingTalk.parse_url(f"dingtalk://{SECRET}@{ding.token}"))
    assert upstream.send(title="提醒", body="内容") is True
    assert ding.taken == []
