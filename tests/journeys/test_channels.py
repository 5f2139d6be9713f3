"""The admin connects a group's robot: listed, tried, refused, put right; and no key is ever on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from notifications import registry
from tests.journeys.office import Office
from tests.notifications.providers.server import Provider, Reply, Request, page, said, serving

NOW = "2026-03-02T09:05+08:00"
KEY = "canary-693a91f6-7abc-4bc4-97a0"
CHANNELS = """\
channels:
  outbox: {{type: outbox}}
  group: {{type: wecom-robot, group: 法治办工作群, key: "${{file:secrets/robot.key}}", base_url: "{url}"}}
  wecom: {{type: wecom-app, corp_id: ww12345678, agent_id: 7, secret: "${{file:secrets/robot.key}}", base_url: "{url}"}}
  ding: {{type: dingtalk, group: 法治办工作群, token: "${{file:secrets/robot.key}}", base_url: "{url}"}}
  fei: {{type: feishu, group: 法治办工作群, token: "${{file:secrets/robot.key}}", base_url: "{url}"}}
  hook: {{type: webhook, url: "${{file:secrets/hook.url}}"}}
  push: {{type: apprise, url: "${{file:secrets/push.url}}"}}
"""


@pytest.fixture(autouse=True)
def _no_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise's registry takes seconds to load and is tested where it belongs."""
    for name in ("open_mail", "open_wecom_robot", "open_wecom_app", "open_dingtalk", "open_feishu"):
        original = getattr(registry, name)
        monkeypatch.setattr(registry, name, lambda *args, _open=original, **kw: _open(*args, with_apprise=False, **kw))


def yes(request: Request) -> Reply:
    if request.path == "/cgi-bin/gettoken":
        return said(errcode=0, errmsg="ok", access_token="accesstoken", expires_in=7200)
    return said(errcode=0, errmsg="ok", code=0, msg="success", msgid="m1", invaliduser="")


@pytest.fixture
def provider() -> Iterator[Provider]:
    with serving(yes) as running:
        yield running


@pytest.fixture
def connected(office: Office, provider: Provider) -> Office:
    keep(office.home / "secrets/robot.key", KEY)
    keep(office.home / "secrets/hook.url", f"{provider.url}/in?key={KEY}")
    keep(office.home / "secrets/push.url", f"gotify://{provider.url.partition('://')[2]}/{KEY}")
    (office.home / "channels.yaml").write_text(CHANNELS.format(url=provider.url), encoding="utf-8")
    return office


def keep(path: Path, secret: str) -> None:
    path.write_text(secret + "\n", encoding="utf-8")
    path.chmod(0o600)


def test_the_channels_are_listed_with_their_group_rate_and_state(connected: Office) -> None:
    answer = connected.types("channels", "list", "--now", NOW)
    assert answer.code == 0, answer.err
    for words in ("企业微信群机器人", "法治办工作群", "每分钟 18 条", "可用", "还没有用过", "127.0.0.1"):
        assert words in answer.out
    rows = {row["name"]: row for row in connected.types("channels", "list", "--json", "--now", NOW).json["channels"]}
    assert list(rows) == ["outbox", "group", "wecom", "ding", "fei", "hook", "push"]
    assert (rows["group"]["group"], rows["group"]["links"], rows["group"]["state"]) == ("法治办工作群", False, "open")
    assert rows["fei"]["rates"] == [{"count": 4, "seconds": 1}, {"count": 80, "seconds": 60}]
    assert (rows["hook"]["verified"], rows["wecom"]["server"], rows["wecom"]["waiting"]) == (False, "127.0.0.1", 0)


def test_a_channel_with_a_fault_in_the_file_is_listed_as_not_in_use(connected: Office) -> None:
    connected.edit("channels.yaml", lambda text: text.replace("type: dingtalk,", "type: dingtalk, rate: {per_minute: 0},"))
    answer = connected.types("channels", "list", "--now", NOW)
    assert answer.code == 0
    assert "有错误，没有启用" in answer.out
    assert "suishi check" in answer.err
    rows = {row["name"]: row for row in connected.types("channels", "list", "--json", "--now", NOW).json["channels"]}
    assert [name for name, row in rows.items() if not row["usable"]] == ["ding"]


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (("group",), "/cgi-bin/webhook/send"),
        (("group", "--to", "wangmin"), "/cgi-bin/webhook/send"),
        (("wecom", "--to", "wangmin"), "/cgi-bin/message/send"),
        (("ding",), "/robot/send"),
        (("fei",), f"/open-apis/bot/v2/hook/{KEY}"),
        (("hook", "--to", "值班室"), "/in"),
    ],
)
def test_a_test_message_goes_to_the_provider(connected: Office, provider: Provider, words: tuple[str, ...], path: str) -> None:
    answer = connected.types("channels", "test", *words, "--now", NOW)
    assert answer.code == 0, answer.err
    assert answer.out.startswith("✓")
    assert provider.requests[-1].path == path
    assert "测试消息" in provider.requests[-1].body.decode()
    if words[0] == "hook":
        assert "未核实" in answer.out


@pytest.mark.parametrize(
    ("reply", "sign", "words"),
    [
        (said(errcode=93000, errmsg="invalid webhook url"), "✗", "invalid webhook url"),
        (said(errcode=45009, errmsg="api freq out of limit"), "✗", "45009"),
        (page(), "?", "不知道对方收没收到"),
        (Reply(502, body=b"bad gateway"), "✗", "docs/channels.md"),
    ],
)
def test_a_refusal_is_told_in_the_providers_words(
    connected: Office, provider: Provider, reply: Reply, sign: str, words: str
) -> None:
    provider.will_say(reply)
    answer = connected.types("channels", "test", "group", "--now", NOW)
    assert answer.code == 1
    assert answer.err.startswith(sign)
    assert words in answer.err
    provider.will_say(reply)
    assert connected.types("channels", "test", "group", "--json", "--now", NOW).json["verdict"] != "accepted"


def test_a_personal_channel_needs_somebody_to_write_to(connected: Office) -> None:
    answer = connected.types("channels", "test", "wecom", "--now", NOW)
    assert answer.code == 2
    assert "--to" in answer.err


def test_the_whole_company_is_never_written_to(connected: Office, provider: Provider) -> None:
    answer = connected.types("channels", "test", "wecom", "--to", "@all", "--now", NOW)
    assert answer.code == 1
    assert not [request for request in provider.requests if request.path.endswith("message/send")]


def test_an_address_that_apprise_cannot_read_is_told_when_it_is_tried(connected: Office) -> None:
    keep(connected.home / "secrets/push.url", "gotify://push.caohui.example")
    answer = connected.types("channels", "test", "push", "--now", NOW)
    assert answer.code == 2
    assert "渠道 push 用不了" in answer.err
    doctor = connected.types("doctor", "--quick", "--now", NOW)
    assert doctor.code == 1
    assert "渠道 push 打不开" in doctor.out


def test_doctor_names_who_would_never_hear_of_anything(connected: Office) -> None:
    assert "渠道：outbox、group" in connected.types("doctor", "--quick", "--now", NOW).out
    connected.edit("suishi.yaml", lambda text: text.replace("production: false", "production: true"))
    said_now = connected.types("doctor", "--quick").out
    assert "只写进发件箱" in said_now
    assert "等 28 人" in said_now


def test_a_whole_group_hears_of_its_day_in_one_message_without_links(connected: Office, provider: Provider) -> None:
    connected.starts_on("2026-03-01")
    connected.edit(
        "people.yaml", lambda text: re.sub(r"channel: outbox, address: ([a-z]+)[^}]*", r"channel: group, address: \1", text)
    )
    assert connected.types("plan", "--now", "2026-03-02T08:10+08:00").code == 0

    sent = connected.types("send", "--json", "--now", NOW)

    assert sent.code == 0, sent.err
    assert sent.json["sent"] == 1
    [request] = provider.requests
    words = request.said["markdown"]["content"]
    assert "法治办工作群" in words
    assert "<@wangmin>" in words
    assert len(words.encode()) <= 4096
    assert "http" not in words
    rows = {row["name"]: row for row in connected.types("channels", "list", "--json", "--now", NOW).json["channels"]}
    assert rows["group"]["last"]["outcome"] == "accepted"


def test_no_command_shows_a_key(connected: Office, provider: Provider) -> None:
    """A provider may repeat in its words what it was asked with."""
    for words in (
        ("check",),
        ("check", "--json"),
        ("channels", "list"),
        ("channels", "list", "--json"),
        ("doctor", "--quick"),
        ("doctor", "--quick", "--json"),
    ):
        answer = connected.types(*words)
        assert "canary" not in answer.out + answer.err, words
    for name in ("group", "wecom", "ding", "fei", "hook", "push"):
        provider.answers = lambda request: said(
            errcode=40001, code=19021, errmsg=f"{request.path}?{request.query}", msg=f"{request.path} {request.query}"
        )
        answer = connected.types("channels", "test", name, "--to", "wangmin", "--now", NOW)
        assert answer.code in {0, 1}, name
        assert KEY not in answer.out + answer.err, name
