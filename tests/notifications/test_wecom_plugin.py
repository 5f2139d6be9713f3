from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import apprise
import pytest
from apprise.plugins.wechat import NotifyWeChat
from apprise.plugins.wecombot import NotifyWeComBot

from notifications.envelope import Verdict
from notifications.wecom_app import plugin as app_plugin
from notifications.wecom_robot import plugin as robot_plugin
from tests.notifications.providers.server import Provider, page, said, serving
from tests.notifications.providers.wecom import AGENT_ID, CORP_ID, KEY, SECRET, WeCom


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


@pytest.fixture
def provider(wecom: WeCom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """The provider under the addresses that Apprise's own classes would use, too."""
    robot_plugin.register()
    robot_plugin.register()
    app_plugin.register()
    app_plugin.register()
    with serving(wecom) as running:
        monkeypatch.setattr(NotifyWeComBot, "notify_url", f"{running.url}/cgi-bin/webhook/send?key={{key}}")
        monkeypatch.setattr(NotifyWeChat, "token_url", f"{running.url}/cgi-bin/gettoken")
        monkeypatch.setattr(NotifyWeChat, "notify_url", f"{running.url}/cgi-bin/message/send")
        yield running


def opened(url: str) -> Any:
    service = apprise.Apprise()
    assert service.add(url)
    return service


ROBOT = f"wecombot://{KEY}"
APP = f"wechat://{CORP_ID}:{SECRET}@{AGENT_ID}"


def test_apprise_speaks_to_the_robot_through_our_sender(provider: Provider, wecom: WeCom) -> None:
    service = opened(f"{ROBOT}/?format=markdown")
    assert type(service[0]) is robot_plugin.HonestWeComBot
    assert service.notify(title="法治建设工作提醒", body="**渠道测试**")
    (message,) = wecom.taken
    assert message["msgtype"] == "markdown"  # Apprise's own class knows text alone
    assert "**渠道测试**" in message["markdown"]["content"]
    assert "法治建设工作提醒" in message["markdown"]["content"]


def test_wecoms_own_address_comes_to_our_sender_too(provider: Provider, wecom: WeCom) -> None:
    service = opened(f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}")
    assert type(service[0]) is robot_plugin.HonestWeComBot
    assert service.notify(body="渠道测试")
    assert wecom.taken[0]["text"]["content"] == "渠道测试"


@pytest.mark.parametrize(
    "reply", [said(errcode=45009, errmsg="api freq out of limit"), said(errcode=93000, errmsg="invalid webhook url"), page()]
)
def test_a_refusal_in_a_200_answer_is_false_where_apprises_own_class_says_true(provider: Provider, reply: Any) -> None:
    provider.will_say(reply, reply)
    assert opened(ROBOT).notify(body="渠道测试") is False
    upstream: Any = NotifyWeComBot(key=KEY)  # type: ignore[no-untyped-call]  # Apprise's
    assert upstream.notify(body="渠道测试") is True  # were it ever used, this file would tell


def test_what_exceeds_the_robots_limit_is_refused_and_not_cut(provider: Provider, wecom: WeCom) -> None:
    service = opened(ROBOT)
    assert service.notify(body="提" * 683) is False
    assert service[0].outcome.code == "too-long"
    assert wecom.taken == []


def test_apprise_speaks_to_the_application_through_our_sender(provider: Provider, wecom: WeCom) -> None:
    service = opened(f"{APP}/@wangmin/@lisi")
    assert type(service[0]) is app_plugin.HonestWeChat
    assert service.notify(title="法治建设工作提醒", body="渠道测试")
    assert service.notify(title="法治建设工作提醒", body="第二次")
    assert sorted(message["touser"] for message in wecom.taken) == ["lisi", "lisi", "wangmin", "wangmin"]
    assert all(message["enable_duplicate_check"] == 1 for message in wecom.taken)
    assert len(wecom.tokens) == 1


def test_a_success_that_reached_nobody_is_false_where_apprises_own_class_says_true(provider: Provider, wecom: WeCom) -> None:
    nobody = said(errcode=0, errmsg="ok", invaliduser="wangmin", msgid="m")
    service = opened(f"{APP}/@wangmin")
    assert service.notify(body="渠道测试")
    provider.will_say(nobody)
    assert service.notify(body="渠道测试") is False
    assert service[0].outcomes[0].verdict is Verdict.REJECTED
    upstream: Any = NotifyWeChat(CORP_ID, SECRET, AGENT_ID, "wangmin")  # type: ignore[no-untyped-call]  # Apprise's
    upstream.request_rate_per_sec = 0
    upstream.store.set("access_token", wecom.tokens[0], expires=60)
    provider.will_say(nobody)
    assert upstream.notify(body="渠道测试") is True


@pytest.mark.parametrize("target", ["@all", "%232", "+3"])
def test_departments_tags_and_everybody_are_refused(provider: Provider, wecom: WeCom, target: str) -> None:
    service = opened(f"{APP}/@wangmin/{target}")
    assert service.notify(body="渠道测试") is False
    assert sorted(outcome.verdict for outcome in service[0].outcomes) == [Verdict.ACCEPTED, Verdict.REJECTED]
    assert [message["touser"] for message in wecom.taken] == ["wangmin"]
