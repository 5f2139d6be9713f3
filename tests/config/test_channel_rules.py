"""What delivery is told of each channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from config.app import open_app
from config.channel_rules import MOST_BYTES, channel_rules
from config.channels import read_channels
from config.clock import system_time
from notifications.dingtalk.build import build_body as build_dingtalk
from notifications.envelope import Envelope
from notifications.feishu.build import build_body as build_feishu
from notifications.wecom_robot.build import build_message as build_wecom
from planning.delivery_rules import ChannelRule, Rate

if TYPE_CHECKING:
    from tests.config.conftest import Home

EVERY_TYPE = """\
channels:
  outbox: {type: outbox}
  mail: {type: mail, host: smtp.caohui.example, sender: fazhi@caohui.example, user: fazhi, password: "${env:KEY}"}
  spare: {type: mail, host: smtp.caohui.example, sender: other@caohui.example, user: fazhi, password: "${env:KEY}"}
  group: {type: wecom-robot, group: 工作群, key: "${env:KEY}"}
  urgent: {type: wecom-robot, group: 应急群, key: "${env:KEY}", markup: text, detail: full}
  another: {type: wecom-robot, group: 第三个群, key: "${env:OTHER}"}
  wecom: {type: wecom-app, corp_id: ww12345678, agent_id: 7, secret: "${env:KEY}"}
  ding: {type: dingtalk, group: 工作群, token: "${env:KEY}"}
  fei: {type: feishu, group: 工作群, token: "${env:KEY}", on_unknown: ask}
  hook: {type: webhook, url: "https://oa.caohui.example/notice"}
  proved: {type: webhook, url: "https://oa.caohui.example/in", accepted_when: {field: code, value: 0}}
  push: {type: apprise, url: "${env:PUSH}"}
"""
ENVIRON = {"KEY": "canary-0123456789", "OTHER": "canary-9876543210", "PUSH": "ntfys://push.caohui.example/canary"}


@pytest.fixture
def rules(home: Home) -> dict[str, ChannelRule]:
    home.write("channels.yaml", EVERY_TYPE)
    channels = read_channels(home.folder, ENVIRON)
    assert channels.problems == ()
    return channel_rules(channels.configs, channels.declared, detail="full")


def test_every_channel_has_a_rule_with_its_form_and_size(rules: dict[str, ChannelRule]) -> None:
    assert {name: (rule.markup, rule.most_bytes) for name, rule in rules.items()} == {
        "outbox": ("mail", None),
        "mail": ("mail", None),
        "spare": ("mail", None),
        "group": ("markdown", 4096),
        "urgent": ("text", 2048),
        "another": ("markdown", 4096),
        "wecom": ("text", 2048),
        "ding": ("markdown", 16_000),
        "fei": ("markdown", 16_000),
        "hook": ("text", 30_000),
        "proved": ("text", 30_000),
        "push": ("text", 2000),
    }


def test_only_what_answers_for_itself_is_verified(rules: dict[str, ChannelRule]) -> None:
    assert {name for name, rule in rules.items() if not rule.verified} == {"hook", "push"}


def test_who_asks_for_distance_from_the_hour_gets_it(rules: dict[str, ChannelRule]) -> None:
    assert {name for name, rule in rules.items() if rule.off_the_hour} == {"group", "urgent", "another", "wecom", "fei"}


def test_only_mail_carries_files(rules: dict[str, ChannelRule]) -> None:
    assert {name for name, rule in rules.items() if rule.attaches} == {"mail", "spare", "outbox"}


def test_a_group_hears_titles_and_gets_no_links(rules: dict[str, ChannelRule]) -> None:
    assert {name for name, rule in rules.items() if rule.group} == {"group", "urgent", "another", "ding", "fei"}
    assert {name for name, rule in rules.items() if not rule.links} == {"group", "urgent", "another", "ding", "fei"}
    assert (rules["group"].detail, rules["urgent"].detail, rules["mail"].detail) == ("title", "full", "")
    assert rules["group"].group_name == "工作群"


def test_a_group_never_hears_more_than_the_office_tells_anybody(home: Home) -> None:
    home.write("channels.yaml", EVERY_TYPE)
    channels = read_channels(home.folder, ENVIRON)

    assert channel_rules(channels.configs, channels.declared, detail="number")["group"].detail == "number"


def test_two_channels_of_one_robot_or_account_share_its_limit(rules: dict[str, ChannelRule]) -> None:
    assert rules["group"].account == rules["urgent"].account != ""
    assert rules["group"].account != rules["another"].account
    assert rules["mail"].account == rules["spare"].account != ""
    accounts = {rules[name].account for name in ("mail", "group", "another", "wecom", "ding", "fei", "hook", "proved", "push")}
    assert len(accounts) == 9
    assert rules["outbox"].account == ""


def test_no_rule_holds_a_key(rules: dict[str, ChannelRule]) -> None:
    assert "canary" not in repr(rules)


def test_the_rates_stay_below_what_the_providers_publish(rules: dict[str, ChannelRule]) -> None:
    assert rules["group"].rates == rules["ding"].rates == (Rate(18, 60),)
    assert rules["fei"].rates == (Rate(4, 1), Rate(80, 60))
    assert rules["mail"].rates == rules["hook"].rates == rules["push"].rates == (Rate(30, 60),)
    assert rules["wecom"].rates == (Rate(1000, 3600),)
    assert rules["outbox"].rates == ()


def test_whoever_wants_to_be_asked_is(rules: dict[str, ChannelRule]) -> None:
    assert {name for name, rule in rules.items() if rule.ask_when_unknown} == {"fei"}


def test_a_robot_with_a_fault_in_its_entry_is_still_known_as_a_group(home: Home) -> None:
    """Messages may be built for it while it is broken: they must not carry what a group must not read."""
    home.write("channels.yaml", EVERY_TYPE.replace('group: 工作群, key: "${env:KEY}"}', "group: 工作群, key: literal}"))
    channels = read_channels(home.folder, ENVIRON)
    assert "group" not in channels.configs

    rule = channel_rules(channels.configs, channels.declared, detail="full")["group"]

    assert (rule.group, rule.links, rule.detail, rule.markup) == (True, False, "title", "markdown")
    assert rule.rates == (Rate(18, 60),)


def test_a_channel_of_which_nothing_is_known_gets_no_links(home: Home) -> None:
    home.write("channels.yaml", "channels: [\n")
    app = open_app(home.folder, environ={}, clock=system_time)
    home.write("secrets/app.key", "00" * 32)

    rules = app.delivery_policy().channel_rules

    assert set(rules) == {"mail", "outbox"}
    assert not any(rule.links for rule in rules.values())


def test_the_policy_of_the_home_has_the_rules_of_its_channels(home: Home) -> None:
    home.write("channels.yaml", EVERY_TYPE)
    home.write("secrets/app.key", "00" * 32)
    home.replace("suishi.yaml", "admin: zhangsan\n", "admin: zhangsan\nsecond_admin: lisi\n")
    app = open_app(home.folder, environ=ENVIRON, clock=system_time)

    policy = app.delivery_policy()

    assert (policy.admin, policy.second_admin) == ("zhangsan", "lisi")
    assert policy.rule("group").group_name == "工作群"
    assert policy.rule("mail").attaches


LINES = "一二三四五六七八九\n"
"""Short lines cost most: each line end is escaped, and DingTalk needs two spaces before it."""


@pytest.mark.parametrize("markup", ["markdown", "text"])
def test_the_longest_text_fits_into_each_robots_request(markup: str) -> None:
    members = ",".join(f"ou_{number:032}" for number in range(30))
    subject = "【法治建设工作提醒】" + "报送年度法治政府建设情况报告" * 8

    def longest(kind: str) -> Envelope:
        most = MOST_BYTES[kind, markup]
        text = LINES * (most // len(LINES.encode()))
        assert most - len(text.encode()) < len(LINES.encode())
        return Envelope("T2603-000142", members, "工作群", subject, text, "")

    assert len(build_dingtalk(longest("dingtalk"), markup=markup)) <= 20_000
    assert len(build_feishu(longest("feishu"), markup=markup, secret="x" * 40, timestamp=1_767_225_600)) <= 20 * 1024
    assert build_wecom(longest("wecom-robot"), form=markup)
