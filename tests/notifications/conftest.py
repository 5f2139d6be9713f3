from __future__ import annotations

from collections.abc import Iterator

import pytest

from notifications.envelope import Envelope
from notifications.mail.sender import MailSender
from tests.notifications.mail_sink import MailSink, serving


@pytest.fixture(scope="module")
def _running_sink() -> Iterator[MailSink]:
    with serving(MailSink()) as sink:
        yield sink


@pytest.fixture
def sink(_running_sink: MailSink) -> MailSink:
    """A mail server that takes everything unless told otherwise."""
    _running_sink.reset()
    return _running_sink


@pytest.fixture
def sender(sink: MailSink) -> Iterator[MailSender]:
    opened = MailSender(
        "mail",
        host="127.0.0.1",
        port=sink.port,
        security="none",
        sender="曹回镇法治办 <fazhi@caohui.example>",
        timeout_seconds=3,
        recycle_after=3,
    )
    yield opened
    opened.close()


@pytest.fixture
def envelope() -> Envelope:
    return Envelope(
        ref="T2603-000142",
        address="wangmin@caohui.example",
        name="王敏",
        subject="【法治建设工作提醒】党委理论学习中心组法治专题学习：还剩3个工作日（3月6日截止）",
        text="王敏同志：以下事项请按时限办理。\n.一行以点开头\n",
        html="<p>王敏同志：以下事项请按时限办理。</p>",
        headers={
            "Message-ID": "<T2603-000142.abc@caohui.example>",
            "Date": "Tue, 03 Mar 2026 08:45:00 +0800",
            "Auto-Submitted": "auto-generated",
            "References": "<occurrence-7.thread@caohui.example>",
            "In-Reply-To": "<occurrence-7.thread@caohui.example>",
        },
    )
