from __future__ import annotations

import apprise
import pytest

from notifications.mail.plugin import HonestEmail, register
from tests.notifications.mail_sink import MailSink


@pytest.fixture(autouse=True)
def registered() -> None:
    register()
    register()


def url(sink: MailSink, *recipients: str) -> str:
    return f"mailto://fazhi:pw@127.0.0.1:{sink.port}/?from=fazhi@caohui.example&mode=insecure&user=&to={','.join(recipients)}"


def opened(sink: MailSink, *recipients: str) -> apprise.Apprise:
    service = apprise.Apprise()
    assert service.add(url(sink, *recipients))
    plugin = service[0]
    plugin.user = plugin.password = None  # the sink asks for no login
    return service


def test_apprise_speaks_mailto_through_our_sender(sink: MailSink) -> None:
    service = opened(sink, "wangmin@caohui.example")
    assert isinstance(service[0], HonestEmail)
    assert service.notify(title="法治建设工作提醒", body="渠道测试")
    (mail,) = sink.read
    assert mail["Subject"] == "法治建设工作提醒"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_one_refused_recipient_makes_the_whole_call_false_and_is_named(sink: MailSink) -> None:
    sink.answers["RCPT"] = ["550 no such user"]
    service = opened(sink, "gone@caohui.example", "wangmin@caohui.example")
    assert not service.notify(title="提醒", body="内容")
    outcomes = service[0].outcomes
    assert sorted(outcome.verdict for outcome in outcomes) == ["accepted", "rejected"]


def test_a_second_try_has_the_same_message_id(sink: MailSink) -> None:
    service = opened(sink, "wangmin@caohui.example")
    service.notify(title="提醒", body="内容")
    service.notify(title="提醒", body="内容")
    first, second = sink.read
    assert first["Message-ID"] == second["Message-ID"]
