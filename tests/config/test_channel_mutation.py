"""Whatever somebody does to channels.yaml or to the rules of delivery, reading them never raises and tells no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.channel_rules import channel_rules
from config.channels import read_channels
from config.problems import line_text
from config.settings import read_settings

CANARY = "canary-0123456789abcdef"
CHANNELS = f"""\
channels:
  mail: {{type: mail, host: h, sender: a@b.example, user: u, password: "${{env:KEY}}", rate: {{per_minute: 3, per_day: 9}}}}
  group:
    type: wecom-robot
    group: 工作群
    key: ${{env:KEY}}
    base_url: https://wecom.caohui.example:8443/gw
    detail: title
    links: false
    rate: {{per_minute: 18}}
  wecom: {{type: wecom-app, corp_id: ww12345678, agent_id: 7, secret: "${{env:KEY}}", duplicate_check_seconds: 60}}
  ding: {{type: dingtalk, group: 群, token: "${{env:KEY}}", secret: "${{env:KEY}}", markup: text}}
  fei: {{type: feishu, group: 群, token: "${{env:KEY}}", on_unknown: ask, timeout_seconds: 9}}
  hook: {{type: webhook, url: "https://oa.caohui.example/{CANARY}?k={CANARY}", accepted_when: {{field: code, value: 0}}}}
  push: {{type: apprise, url: "${{env:PUSH}}", also_allow: [tgram]}}
"""
DELIVERY = f"""\
office: 某某镇
admin: zhangsan
second_admin: lisi
ping_url: https://hc.caohui.example/{CANARY}
extension_approval: leader
delivery:
  most_tries: 8
  backoff_minutes: [1, 5, 15]
  breaker_minutes:
    - 1
    - 2
  half_day_limit: true
"""
ENVIRON = {"KEY": CANARY, "PUSH": f"ntfys://push.caohui.example/{CANARY}"}
PIECES = (
    *(":", "：", "-", "[", "]", "{", "}", "'", '"', "\n", "\n\n", "  ", "\t", "#", ",", "|", "${", "${env:", "${file:../x}"),
    *("@", "?", "//", "http://", "https://[", "://", "%zz", "\\", "0", "-1", "99999999999", "1.5", "true", "null", "~", "曹回"),
    *("type: mail", "type: feishu", "rate: ", "per_second: 6", "group: ", "url: ", "also_allow: x", "\0", "\u202e"),
)


def changed(text: str, data: st.DataObject) -> str:
    for _ in range(data.draw(st.integers(1, 4), label="changes")):
        at = data.draw(st.integers(0, len(text)), label="at")
        gone = data.draw(st.sampled_from((0, 1, 2, 5, 40)), label="gone")
        text = text[:at] + data.draw(st.sampled_from(PIECES), label="piece") + text[at + gone :]
    return text


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("channels")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_the_channels_is_read_or_told(folder: Path, data: st.DataObject) -> None:
    text = changed(CHANNELS, data)
    (folder / "channels.yaml").write_bytes(text.encode())

    channels = read_channels(folder, ENVIRON)

    rules = channel_rules(channels.configs, channels.declared, detail="full", named=["mail", "group"])
    assert set(channels.configs) <= set(channels.declared or {})
    assert {"mail", "group", *channels.configs} <= set(rules)
    assert CANARY not in repr(rules)
    for problem in channels.problems:
        assert line_text(problem).startswith("channels.yaml")
        assert CANARY not in line_text(problem)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_the_rules_of_delivery_is_read_or_told(folder: Path, data: st.DataObject) -> None:
    (folder / "suishi.yaml").write_bytes(changed(DELIVERY, data).encode())

    found, problems = read_settings(folder, environ={}, people={"zhangsan", "lisi"})

    assert found is not None or problems
    for problem in problems:
        assert line_text(problem).startswith("suishi.yaml")
    if found is not None:
        assert found.delivery.backoff_minutes
        assert CANARY not in repr(found.ping_url)
