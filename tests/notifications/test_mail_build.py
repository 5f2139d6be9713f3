from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from notifications.envelope import Envelope
from notifications.mail.build import build_mail

SENDER = "曹回镇法治办 <fazhi@caohui.example>"


def test_a_long_chinese_subject_is_folded_and_comes_back_whole(envelope: Envelope) -> None:
    subject = "【法治建设工作提醒】" + "镇党委理论学习中心组法治专题学习暨领导干部任前法治谈话" * 8
    mail = build_mail(replace(envelope, subject=subject), sender=SENDER)
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert message_from_bytes(mail, policy=default)["Subject"] == subject


def test_no_header_stands_twice_and_nothing_is_eight_bit(envelope: Envelope) -> None:
    mail = build_mail(replace(envelope, headers={**envelope.headers, "Subject": "x", "To": "y"}), sender=SENDER)
    names = [name.lower() for name in message_from_bytes(mail, policy=default).keys()]  # noqa: SIM118 - names, doubles included
    assert len(names) == len(set(names))
    assert mail.isascii()


@pytest.mark.parametrize("field", ["subject", "name"])
def test_a_line_break_starts_no_header_of_its_own(envelope: Envelope, field: str) -> None:
    mail = build_mail(replace(envelope, **{field: "王敏\r\nBcc: evil@example.com"}), sender=SENDER)
    assert message_from_bytes(mail, policy=default)["Bcc"] is None


def test_frozen_headers_are_kept_as_they_are(envelope: Envelope) -> None:
    mail = message_from_bytes(build_mail(envelope, sender=SENDER), policy=default)
    for name, value in envelope.headers.items():
        assert mail[name] == value


def test_apprises_plugin_does_not_change_our_bytes(envelope: Envelope) -> None:
    """Importing Apprise's mail plugin changes the standard library's charset table for the whole process."""
    before = build_mail(envelope, sender=SENDER)
    from notifications.mail.plugin import register

    register()
    assert build_mail(envelope, sender=SENDER) == before
