"""The channels as they are configured, at the providers' own addresses, through the proxy of the environment."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.envelope import Envelope, Verdict
from notifications.registry import open_wecom_app, open_wecom_robot
from tests.notifications.providers.server import Provider, said, serving
from tests.notifications.providers.tunnel import Tunnel, tunnelling
from tests.notifications.providers.wecom import AGENT_ID, CORP_ID, KEY, SECRET, WeCom


@pytest.fixture
def wecom() -> WeCom:
    return WeCom()


@pytest.fixture
def provider(wecom: WeCom, authority: tuple[Path, ssl.SSLContext]) -> Iterator[Provider]:
    with serving(wecom, tls=authority[1]) as running:
        yield running


@pytest.fixture
def tunnel(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnel]:
    with tunnelling(provider.port) as running:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{running.port}")
        yield running


@pytest.fixture
def personal(envelope: Envelope) -> Envelope:
    return replace(envelope, address="wangmin")


def test_the_robot_reaches_wecoms_own_address(
    tunnel: Tunnel, provider: Provider, wecom: WeCom, personal: Envelope, authority: tuple[Path, ssl.SSLContext]
) -> None:
    channel = open_wecom_robot("群", key=KEY, ca_file=authority[0], with_apprise=False)
    outcome = channel.hand_over(personal, marker=lambda: True)
    channel.close()
    assert outcome is not None
    assert outcome.verdict is Verdict.ACCEPTED
    assert tunnel.asked == ["qyapi.weixin.qq.com:443"]
    assert provider.requests[0].headers["host"] == "qyapi.weixin.qq.com"
    assert len(wecom.taken) == 1


def test_the_application_reaches_wecoms_own_address(
    tunnel: Tunnel, wecom: WeCom, personal: Envelope, authority: tuple[Path, ssl.SSLContext]
) -> None:
    channel = open_wecom_app(
        "企业微信", corp_id=CORP_ID, secret=SECRET, agent_id=AGENT_ID, ca_file=authority[0], with_apprise=False
    )
    outcome = channel.hand_over(personal, marker=lambda: True)
    channel.close()
    assert outcome is not None
    assert outcome.verdict is Verdict.ACCEPTED
    assert tunnel.asked == ["qyapi.weixin.qq.com:443"] * 2
    assert wecom.taken[0]["touser"] == "wangmin"


def test_a_dripping_answer_is_cut_off_in_the_tunnel_too(
    tunnel: Tunnel, provider: Provider, personal: Envelope, authority: tuple[Path, ssl.SSLContext]
) -> None:
    channel = open_wecom_robot("群", key=KEY, ca_file=authority[0], timeout_seconds=0.5, with_apprise=False)
    provider.will_say(replace(said(errcode=0, errmsg="ok"), drip=0.02))
    began = time.monotonic()
    outcome = channel.hand_over(personal, marker=lambda: True)
    channel.close()
    assert outcome is not None
    assert outcome.verdict is Verdict.UNKNOWN
    assert time.monotonic() - began < 1.5
    assert tunnel.asked
