from __future__ import annotations

import subprocess
import sys

import pytest

from notifications.other.allow_list import OWN_HOUSE, OWN_KINDS, refuse_url, schema_of

ALLOWED = [
    "json://oa.example.cn/notice",
    "jsons://user:pass@oa.example.cn:8443/notice?+X-Header=v&-q=1&:field=v",
    "FORMS://oa.example.cn/x",
    "ntfys://user:pass@push.example.cn/fazhi",
    "ntfy://10.0.0.5:8080/fazhi?priority=high",
    "gotifys://push.example.cn/AbCdEf",
    "matrixs://user:pass@chat.example.cn/#room",
    "bark://10.0.0.5/devicekey",
    "mmosts://chat.example.cn/token",
    "syslog://",
    "jsons://oa.example.cn/x?verify=yes",
]
REFUSED = [
    ("wecom://token", "PushPlus"),
    ("pushplus://token", "also_allow "),
    ("schan://token", "Server 酱"),
    ("wxpusher://token/topic", "WxPusher"),
    ("qq://token", "Qmsg"),
    ("spugpush://token", "Spug"),
    ("pushme://token", "PushMe"),
    ("chanify://token", "Chanify"),
    ("lark://token", "type: feishu"),
    ("tgram://token/chat", "第三方"),
    ("slack://a/b/c", "第三方"),
    ("discord://a/b", "第三方"),
    ("nosuchthing://x", "第三方"),
    ("mailtos://a:b@163.com", "type: mail"),
    ("wecombot://key", "type: wecom-robot"),
    ("wechat://a:b@c/d", "type: wecom-app"),
    ("DingTalk://token", "type: dingtalk"),
    ("feishu://token", "type: feishu"),
    ("https://discord.com/api/webhooks/a/b", "type: webhook"),
    ("", "协议名"),
    ("oa.example.cn/x", "协议名"),
    ("jsons://oa.example.cn/x?retry=3", "retry"),
    ("jsons://oa.example.cn/x?a=b;Retry=3", "retry"),
    ("jsons://oa.example.cn/x?%72etry=3", "retry"),
    ("jsons://oa.example.cn/x?optional=yes", "optional"),
    ("jsons://oa.example.cn/x?redirect=yes", "redirect"),
    ("jsons://oa.example.cn/x?overflow=split", "overflow"),
    ("jsons://oa.example.cn/x?attach=/etc/passwd", "attach"),
    ("jsons://oa.example.cn/x?verify=No", "verify"),
    ("ntfy://topic", "ntfy.sh"),
    ("ntfys://ntfy.sh/topic", "ntfy.sh"),
    ("ntfys://push.example.cn/topic?mode=cloud", "ntfy.sh"),
    ("ntfys://my_topic/other", "ntfy.sh"),
    ("ntfys://[::1/topic", "ntfy.sh"),
    ("matrix://token", "t2bot.io"),
    ("matrixs://host.example/room?mode=T2BOT", "t2bot.io"),
]


@pytest.mark.parametrize("url", ALLOWED)
def test_what_stays_in_the_house_is_allowed(url: str) -> None:
    assert refuse_url(url) is None


@pytest.mark.parametrize(("url", "why"), REFUSED)
def test_what_leaves_the_house_or_hides_failures_is_refused_with_a_reason(url: str, why: str) -> None:
    reason = refuse_url(url)
    assert reason is not None
    assert why in reason
    assert reason.endswith("。")


def test_the_admin_may_name_a_third_party_but_never_a_channel_of_ours_or_a_blind_parameter() -> None:
    named = {"tgram", "wecom", "dingtalk", "jsons", "ntfy", "json"}
    assert refuse_url("tgram://token/chat", named) is None
    assert refuse_url("wecom://token", named) is None
    assert refuse_url("ntfy://topic", named) is None
    assert refuse_url("slack://a/b/c", named) is not None
    assert refuse_url("dingtalk://token", named) is not None
    assert refuse_url("tgram://token/chat?retry=2", named) is not None
    assert refuse_url("json://oa.example.cn?optional=yes", named) is not None


def test_the_reason_repeats_no_secret() -> None:
    for url, _ in REFUSED:
        reason = refuse_url(url.replace("token", "s3cr3tt0ken"))
        assert reason is not None
        assert "s3cr3tt0ken" not in reason


def test_each_allowed_schema_has_its_reason_and_is_none_of_ours() -> None:
    assert all(reason for reason in OWN_HOUSE.values())
    assert not set(OWN_HOUSE) & set(OWN_KINDS)
    assert schema_of(" JSONS://x") == "jsons"


def test_apprise_knows_each_allowed_schema() -> None:
    import apprise

    assert set(OWN_HOUSE) <= set(apprise.NotificationManager().schemas())


def test_the_list_can_be_asked_without_loading_apprise() -> None:
    asked = "import sys; import notifications.other.allow_list; sys.exit('apprise' in sys.modules or 'httpx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
