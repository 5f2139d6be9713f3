"""Each type of channel from its entry in channels.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from config.channel_kinds.addresses import refuse_address
from config.channels import TYPE_NAMES, Channels, read_channels
from planning.delivery_rules import Rate

if TYPE_CHECKING:
    from tests.config.conftest import Home

KEY = "693a91f6-7abc-4bc4-97a0-0ec2sifa5aaa"
ROBOT = "type: wecom-robot\n    group: 工作群\n    key: ${env:KEY}\n"
APP = "type: wecom-app\n    corp_id: ww1234567890abcdef\n    agent_id: 1000002\n    secret: ${env:KEY}\n"
DINGTALK = "type: dingtalk\n    group: 工作群\n    token: ${env:KEY}\n"
FEISHU = "type: feishu\n    group: 工作群\n    token: ${env:KEY}\n"
HOOK = "type: webhook\n    url: https://oa.caohui.example/notice\n"
PUSH = "type: apprise\n    url: ${env:KEY}\n"


def read(home: Home, entry: str, more: str = "", *, key: str = KEY) -> Channels:
    home.write("channels.yaml", f"channels:\n  one:\n    {entry}{more}")
    return read_channels(home.folder, {"KEY": key})


def config(home: Home, entry: str, more: str = "", *, key: str = KEY) -> Any:
    channels = read(home, entry, more, key=key)
    assert channels.problems == ()
    return channels.configs["one"]


def codes(channels: Channels) -> list[str]:
    return [problem.code.value for problem in channels.problems]


def test_every_type_has_a_name_that_people_know() -> None:
    assert list(TYPE_NAMES) == ["mail", "outbox", "wecom-robot", "wecom-app", "dingtalk", "feishu", "webhook", "apprise"]
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in name) for name in TYPE_NAMES.values())


def test_a_wecom_robot_speaks_to_its_group_without_links(home: Home) -> None:
    robot = config(home, ROBOT)

    assert robot.robot_key.reveal() == KEY
    assert robot.wire.base_url == "https://qyapi.weixin.qq.com"
    assert (robot.usage.group, robot.usage.links, robot.usage.markup) == ("工作群", False, "markdown")
    assert robot.usage.rates == (Rate(18, 60),)


@pytest.mark.parametrize(
    ("entry", "address"),
    [
        (ROBOT, f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"),
        (DINGTALK, f"https://oapi.dingtalk.com/robot/send?access_token={KEY}"),
        (FEISHU, f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}"),
        (FEISHU, f"https://open.feishu.cn/open-apis/bot/v2/hook/{KEY}/"),
    ],
)
def test_the_whole_address_copied_from_the_console_is_taken_as_well(home: Home, entry: str, address: str) -> None:
    robot = config(home, entry, key=address)

    assert (robot.robot_key if entry is ROBOT else robot.token).reveal() == KEY


@pytest.mark.parametrize(
    "kept",
    [
        "https://evil.example/cgi-bin/webhook/send?key=canary-693a91f6",
        "https://oapi.dingtalk.com/robot/send?access_token=canary-693a91f6",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?token=canary-693a91f6",
        "https://[qyapi/canary-693a91f6",
        "canary 693a91f6",
        "canary",
    ],
)
def test_what_is_no_key_of_this_robot_is_refused_and_not_repeated(home: Home, kept: str) -> None:
    channels = read(home, ROBOT, key=kept)

    assert codes(channels) == ["CHN008"]
    assert "canary" not in str(channels)


def test_a_wecom_application_is_personal_and_checks_for_doubles_as_long_as_it_may(home: Home) -> None:
    app = config(home, APP)

    assert (app.corp_id, app.agent_id, app.secret.reveal()) == ("ww1234567890abcdef", 1000002, KEY)
    assert app.duplicate_check_seconds == 14_400
    assert (app.usage.group, app.usage.links, app.usage.markup) == ("", True, "text")
    assert app.usage.rates == (Rate(1000, 3600),)


def test_a_robot_may_be_signed_or_not(home: Home) -> None:
    assert config(home, DINGTALK).secret is None
    assert config(home, DINGTALK, "    secret: ${env:KEY}\n").secret.reveal() == KEY
    assert config(home, FEISHU, "    secret: ${env:KEY}\n").secret.reveal() == KEY


def test_a_private_server_is_written_as_the_base_address(home: Home) -> None:
    robot = config(home, DINGTALK, "    base_url: https://ding.caohui.example:8443/gw/\n    rate: {per_minute: 200}\n")

    assert robot.wire.base_url == "https://ding.caohui.example:8443/gw"
    assert not robot.wire.official
    assert robot.usage.rates == (Rate(200, 60),)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8801", "http://localhost:8801", '"http://[::1]:8801"'])
def test_without_encryption_only_this_machine_is_spoken_to(home: Home, url: str) -> None:
    assert read(home, FEISHU, f"    base_url: {url}\n").problems == ()


def test_without_encryption_another_machine_must_be_asked_for(home: Home) -> None:
    plain = "    base_url: http://10.0.0.8:8801\n"

    assert codes(read(home, FEISHU, plain)) == ["CHN004"]
    assert codes(read(home, FEISHU, plain + "    allow_plain: true\n")) == []
    assert codes(read(home, HOOK.replace("https", "http"))) == ["CHN004"]
    assert codes(read(home, HOOK.replace("https", "http"), "    allow_plain: true\n")) == []
    assert codes(read(home, HOOK.replace("https://oa.caohui.example", "http://127.0.0.1:9000"))) == []


def test_how_a_channel_is_used_can_be_said(home: Home) -> None:
    said = "    detail: number\n    markup: text\n    on_unknown: ask\n    rate: {per_minute: 10, per_day: 500}\n"
    usage = config(home, ROBOT, said).usage

    assert (usage.detail, usage.markup, usage.ask_when_unknown) == ("number", "text", True)
    assert usage.rates == (Rate(10, 60), Rate(500, 86400))


def test_a_rate_for_one_unit_of_time_leaves_the_others_as_they_are(home: Home) -> None:
    assert config(home, FEISHU, "    rate: {per_second: 2}\n").usage.rates == (Rate(2, 1), Rate(80, 60))


def test_nobody_may_ask_for_more_than_the_provider_takes(home: Home) -> None:
    assert codes(read(home, FEISHU, "    rate: {per_second: 6}\n")) == ["FLD005"]
    assert codes(read(home, DINGTALK, "    rate: {per_minute: 21}\n")) == ["FLD005"]
    assert codes(read(home, DINGTALK, "    rate: {per_minute: 20}\n")) == []


def test_links_in_a_group_are_allowed_with_a_warning(home: Home) -> None:
    channels = read(home, ROBOT, "    links: true\n")

    assert [(problem.code.value, problem.severity, problem.line) for problem in channels.problems] == [("CHN010", "warning", 6)]
    assert channels.configs["one"].usage.links


def test_a_webhook_may_serve_a_group_or_persons(home: Home) -> None:
    assert config(home, HOOK).usage.links
    grouped = config(home, HOOK, "    group: 值班室\n").usage
    assert (grouped.group, grouped.links) == ("值班室", False)


def test_a_webhook_says_what_counts_as_a_yes(home: Home) -> None:
    assert config(home, HOOK).accepted_when is None
    assert config(home, HOOK, "    accepted_when: {field: code, value: 0}\n").accepted_when == ("code", "0")


@pytest.mark.parametrize("kept", ["ntfys://push.caohui.example/topic", "jsons://oa.caohui.example/in"])
def test_an_apprise_address_of_the_offices_own_house_is_taken(home: Home, kept: str) -> None:
    assert config(home, PUSH, key=kept).url.reveal() == kept


def test_a_foreign_service_is_refused_until_the_admin_names_it(home: Home) -> None:
    foreign = "tgram://123456789:canary_ABCDEFGHIJKLMNOPQRSTUVWXYZ/12315544/"
    refused = read(home, PUSH, key=foreign)

    assert codes(refused) == ["CHN011"]
    assert "canary" not in str(refused.problems)
    assert config(home, PUSH, "    also_allow: [TGram]\n", key=foreign).also_allow == ("tgram",)


def test_a_relay_that_looks_like_wecom_is_told_from_it(home: Home) -> None:
    [problem] = read(home, PUSH, key="wecom://canary-token").problems

    assert "wecom-app" in problem.message
    assert "canary" not in str(problem)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("wecom-app", "@all"),
        ("wecom-app", "all"),
        ("wecom-app", "zhangsan|lisi"),
        ("wecom-app", "张三"),
        ("wecom-robot", "zhangsan,lisi"),
        ("wecom-robot", "@all"),
        ("dingtalk", "138 0000 0000"),
        ("feishu", "all"),
    ],
)
def test_an_address_stands_for_one_person(kind: str, address: str) -> None:
    assert refuse_address(kind, address)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("wecom-app", "ZhangSan"),
        ("wecom-robot", "13800000000"),
        ("dingtalk", "manager42"),
        ("feishu", "ou_18eac85d35a26f989317ad4f02e8bbbb"),
        ("outbox", "张三"),
        ("apprise", "值班室"),
    ],
)
def test_an_address_that_is_taken(kind: str, address: str) -> None:
    assert refuse_address(kind, address) is None


def test_in_a_group_nobody_needs_an_address(home: Home) -> None:
    home.write("channels.yaml", f"channels:\n  outbox: {{type: outbox}}\n  mail: {{type: outbox}}\n  group:\n    {ROBOT}")
    home.replace("people.yaml", "[{channel: outbox, address: wangwu}]", "[{channel: group}, {channel: outbox, address: w}]")

    office = home.read(KEY=KEY)

    assert office.problems == ()
    assert [(one.channel, one.address) for one in office.roster.people["wangwu"].destinations] == [("group", ""), ("outbox", "w")]


def test_an_address_of_the_whole_company_is_told_with_its_line(home: Home) -> None:
    home.write("channels.yaml", f"channels:\n  outbox: {{type: outbox}}\n  mail: {{type: outbox}}\n  wecom:\n    {APP}")
    home.replace("people.yaml", "{channel: outbox, address: wangwu}", '{channel: wecom, address: "@all"}')

    assert [(problem.code.value, problem.line) for problem in home.read(KEY=KEY).errors] == [("PPL011", 21)]
