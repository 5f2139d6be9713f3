"""From an entry to a channel that can hand over."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from config.channels import TYPE_NAMES, read_channels
from config.wiring import build_channels
from notifications import registry
from notifications.envelope import Envelope, Verdict
from tests.notifications.providers.server import Reply, Request, said, serving

if TYPE_CHECKING:
    from tests.config.conftest import Home

MAIL_ONLY = """
import sys
from pathlib import Path
from config.app import open_app
from config.clock import system_time
app = open_app(Path(sys.argv[1]), environ={}, clock=system_time)
assert not app.office.problems, app.office.problems
with app.open_channels() as channels:
    assert set(channels) == {"mail", "outbox"}
    app.delivery_policy()
print([name for name in ("httpx", "notifications.http.poster", "notifications.other.sender") if name in sys.modules])
"""
EVERY_TYPE = """\
channels:
  outbox: {{type: outbox}}
  mail: {{type: mail, host: 127.0.0.1, security: none, sender: fazhi@caohui.example}}
  group: {{type: wecom-robot, group: 工作群, key: "${{env:KEY}}", base_url: "{url}"}}
  wecom: {{type: wecom-app, corp_id: ww12345678, agent_id: 7, secret: "${{env:KEY}}", base_url: "{url}"}}
  ding: {{type: dingtalk, group: 工作群, token: "${{env:KEY}}", secret: "${{env:KEY}}", base_url: "{url}"}}
  fei: {{type: feishu, group: 工作群, token: "${{env:KEY}}", secret: "${{env:KEY}}", base_url: "{url}", markup: text}}
  hook: {{type: webhook, url: "{url}/in", secret: "${{env:KEY}}", accepted_when: {{field: errcode, value: 0}}}}
  push: {{type: apprise, url: "${{env:PUSH}}"}}
"""
KEY = "canary-0123456789abcdef"


@pytest.fixture
def no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave Apprise's own registry alone: loading it takes seconds and is tested where it belongs."""
    for name in ("open_mail", "open_wecom_robot", "open_wecom_app", "open_dingtalk", "open_feishu"):
        original = getattr(registry, name)
        monkeypatch.setattr(registry, name, lambda *args, _open=original, **kw: _open(*args, with_apprise=False, **kw))


def test_a_home_with_mail_only_never_loads_the_web_client(home: Home) -> None:
    home.write("secrets/app.key", "00" * 32)

    answer = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAIL_ONLY, str(home.folder)], check=False, capture_output=True, text=True
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.strip() == "[]"


@pytest.mark.usefixtures("no_plugins")
def test_a_channel_of_each_type_speaks_to_the_server_that_is_written(home: Home) -> None:
    def answers(request: Request) -> Reply:
        if request.path == "/cgi-bin/gettoken":
            return said(errcode=0, errmsg="ok", access_token="accesstoken", expires_in=7200)
        return said(errcode=0, errmsg="ok", code=0, msg="success", msgid="m1", invaliduser="")

    with serving(answers) as provider:
        home.write("channels.yaml", EVERY_TYPE.format(url=provider.url))
        push = provider.url.replace("http://", "json://") + "/push"
        read = read_channels(home.folder, {"KEY": KEY, "PUSH": push})
        assert read.problems == ()
        assert {config.type for config in read.configs.values()} == set(TYPE_NAMES)
        channels = build_channels(read.configs, home.folder)
        assert set(channels) == set(read.configs)
        envelope = Envelope("T2603-000142", "wangmin", "王敏", "提醒", "请报送年度报告。\n", "<p>请报送年度报告。</p>")
        outcomes = {}
        for name in ("group", "wecom", "ding", "fei", "hook"):
            outcomes[name] = channels[name].hand_over(envelope, marker=lambda: True)
        for channel in channels.values():
            channel.close()

    assert {name: outcome.verdict for name, outcome in outcomes.items() if outcome} == dict.fromkeys(outcomes, Verdict.ACCEPTED)
    asked = {request.path: request for request in provider.requests}
    assert asked["/cgi-bin/webhook/send"].query == {"key": KEY}
    assert asked["/cgi-bin/gettoken"].query == {"corpid": "ww12345678", "corpsecret": KEY}
    assert asked["/cgi-bin/message/send"].said["agentid"] == 7
    assert asked["/robot/send"].query["access_token"] == KEY
    assert "sign" in asked["/robot/send"].query
    assert asked[f"/open-apis/bot/v2/hook/{KEY}"].said["msg_type"] == "text"
    assert "x-suishi-signature" in asked["/in"].headers


@pytest.mark.usefixtures("no_plugins")
def test_an_address_that_apprise_cannot_read_stops_no_other_channel(home: Home) -> None:
    home.write("channels.yaml", 'channels:\n  outbox: {type: outbox}\n  push: {type: apprise, url: "${env:PUSH}"}\n')
    read = read_channels(home.folder, {"PUSH": "gotify://push.caohui.example"})
    assert read.problems == ()

    assert set(build_channels(read.configs, home.folder)) == {"outbox"}


@pytest.mark.usefixtures("no_plugins")
def test_a_certificate_that_is_none_stops_no_other_channel(home: Home) -> None:
    home.write("secrets/ca.pem", "不是证书\n")
    entry = 'group: {type: wecom-robot, group: 工作群, key: "${env:KEY}", ca_file: secrets/ca.pem}'
    home.write("channels.yaml", f"channels:\n  outbox: {{type: outbox}}\n  {entry}\n")
    read = read_channels(home.folder, {"KEY": KEY})
    assert read.problems == ()

    assert set(build_channels(read.configs, home.folder)) == {"outbox"}
