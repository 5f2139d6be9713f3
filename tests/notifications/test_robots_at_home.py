"""The group robots as they are configured, at the providers' own addresses, through the proxy of the environment."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from notifications.envelope import Channel, Envelope, Verdict
from notifications.registry import open_dingtalk, open_feishu
from tests.notifications.providers.dingtalk import FakeDingTalk
from tests.notifications.providers.feishu import FakeFeishu
from tests.notifications.providers.server import serving
from tests.notifications.providers.tunnel import tunnelling

SECRET = "SEC0f9e8d7c6b5a49382716059483726150"

ROBOTS: dict[str, tuple[Callable[..., Channel], Any]] = {
    "oapi.dingtalk.com": (open_dingtalk, FakeDingTalk),
    "open.feishu.cn": (open_feishu, FakeFeishu),
}


@pytest.mark.parametrize("host", ROBOTS)
def test_a_robot_reaches_its_providers_own_address_with_a_signature_of_this_moment(
    host: str, envelope: Envelope, authority: tuple[Path, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, fake = ROBOTS[host]
    group = fake(secret=SECRET, now=time.time())
    with serving(group, tls=authority[1]) as provider, tunnelling(provider.port) as tunnel:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{tunnel.port}")
        channel = opener("群", token=group.token, secret=SECRET, ca_file=authority[0], with_apprise=False)
        outcome = channel.hand_over(replace(envelope, address=""), marker=lambda: True)
        channel.close()
        assert outcome is not None
        assert outcome.verdict is Verdict.ACCEPTED
        assert tunnel.asked == [f"{host}:443"]
        assert provider.requests[0].headers["host"] == host
    assert len(group.taken) == 1
