from __future__ import annotations

import socket
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest

from notifications.envelope import Envelope, Outcome, Scope, Verdict
from notifications.mail.connection import Security
from notifications.mail.sender import MailSender
from tests.notifications.mail_sink import DROP, STALL, MailSink, raw_server, serving


def yes() -> bool:
    return True


def hand_over(sender: MailSender, envelope: Envelope) -> Outcome:
    outcome = sender.hand_over(envelope, marker=yes)
    assert outcome is not None
    return outcome


def test_a_mail_that_the_server_queued_is_accepted_with_its_receipt(
    sender: MailSender, sink: MailSink, envelope: Envelope
) -> None:
    outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.code, outcome.provider_id) == (Verdict.ACCEPTED, "250", "Q42")
    (mail,) = sink.read
    assert mail["Subject"] == envelope.subject
    assert str(mail["To"]) == "王敏 <wangmin@caohui.example>"
    assert sink.recipients == ["wangmin@caohui.example"]
    text = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == envelope.text.splitlines()
    assert "王敏同志" in html.get_content()


REFUSALS = [
    ("MAIL", "421 going down", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("MAIL", "550 sender not allowed", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("MAIL", "503 send EHLO first", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("RCPT", "450 greylisted", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("RCPT", "451 local error", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("RCPT", "452 too many recipients", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("RCPT", "421 too many connections", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("RCPT", "530 authentication required", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("RCPT", "550 no such user", Verdict.REJECTED, Scope.PERSON, None),
    ("RCPT", "551 user not local", Verdict.REJECTED, Scope.PERSON, None),
    ("RCPT", "552 mailbox full", Verdict.REJECTED, Scope.PERSON, None),
    ("RCPT", "553 mailbox name not allowed", Verdict.REJECTED, Scope.PERSON, None),
    ("RCPT", "554 5.7.1 Relay access denied", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("RCPT", "550 RP:TRC 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 43200.0),
    ("RCPT", "451 DT:SPM 163 smtp4", Verdict.DEFERRED, Scope.MESSAGE, 120.0),
    ("RCPT", "451 MI:SFQ 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 900.0),
    ("DATA", "421 shutting down", Verdict.DEFERRED, Scope.CHANNEL, None),
    ("DATA", "450 try later", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("DATA", "451 try later", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("DATA", "452 no space", Verdict.DEFERRED, Scope.MESSAGE, None),
    ("DATA", "550 MI:STC 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 43200.0),
    ("DATA", "451 MI:DMC 163 smtp4", Verdict.DEFERRED, Scope.CHANNEL, 300.0),
    ("DATA", "552 message too large", Verdict.REJECTED, Scope.MESSAGE, None),
    ("DATA", "554 DT:SPM spam", Verdict.REJECTED, Scope.MESSAGE, None),
]


@pytest.mark.parametrize(("command", "answer", "verdict", "scope", "retry_after"), REFUSALS)
def test_each_refusal_is_known_for_what_it_is(  # noqa: PLR0917 - a table's columns
    sender: MailSender,
    sink: MailSink,
    envelope: Envelope,
    command: str,
    answer: str,
    verdict: Verdict,
    scope: Scope,
    retry_after: float | None,
) -> None:
    sink.answers[command] = [answer]
    outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.scope, outcome.retry_after) == (verdict, scope, retry_after)
    assert outcome.code == answer[:3]
    assert answer[4:] in outcome.words
    assert sink.mails == []
    assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED  # the next one is not harmed


def test_a_line_that_goes_dead_after_the_final_dot_leaves_the_outcome_unknown(
    sender: MailSender, sink: MailSink, envelope: Envelope
) -> None:
    sink.answers["DATA"] = [DROP]
    assert hand_over(sender, envelope).verdict is Verdict.UNKNOWN
    assert len(sink.mails) == 1


def test_a_server_that_takes_the_mail_and_never_says_so_leaves_the_outcome_unknown(sink: MailSink, envelope: Envelope) -> None:
    sender = MailSender("mail", host="127.0.0.1", port=sink.port, security="none", sender="a@caohui.example", timeout_seconds=0.3)
    sink.answers["DATA"] = [STALL]
    began = time.monotonic()
    assert hand_over(sender, envelope).verdict is Verdict.UNKNOWN
    assert time.monotonic() - began < 0.9
    assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
    sender.close()


def test_a_line_that_goes_dead_before_the_marker_is_only_deferred(sender: MailSender, sink: MailSink, envelope: Envelope) -> None:
    sink.answers["RCPT"] = [DROP]
    assert hand_over(sender, envelope).verdict is Verdict.DEFERRED
    assert sink.mails == []


def test_nothing_is_sent_when_the_marker_says_no(sender: MailSender, sink: MailSink, envelope: Envelope) -> None:
    assert sender.hand_over(envelope, marker=lambda: False) is None
    assert sink.mails == []
    assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED


def test_the_marker_is_asked_once_after_the_recipient_was_taken_and_before_the_data(
    sender: MailSender, sink: MailSink, envelope: Envelope
) -> None:
    sink.answers["RCPT"] = ["550 no such user"]
    asked: list[int] = []

    def marker() -> bool:
        asked.append(len(sink.mails))
        return True

    sender.hand_over(envelope, marker=marker)
    assert asked == []
    sender.hand_over(envelope, marker=marker)
    assert asked == [0]


def test_a_second_try_sends_the_very_same_bytes(sender: MailSender, sink: MailSink, envelope: Envelope) -> None:
    hand_over(sender, envelope)
    hand_over(sender, replace(envelope, headers=dict(reversed(list(envelope.headers.items())))))
    first, second = sink.mails
    assert first == second


def test_the_connection_is_kept_and_renewed_after_three_mails(sender: MailSender, sink: MailSink, envelope: Envelope) -> None:
    for _ in range(7):
        assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
    assert sink.connections == 3


def test_an_idle_connection_is_not_trusted(sink: MailSink, envelope: Envelope) -> None:
    moments = iter([0.0, 61.0, 61.0, 61.0])
    sender = MailSender(
        "mail", host="127.0.0.1", port=sink.port, security="none", sender="a@caohui.example", monotonic=lambda: next(moments)
    )
    hand_over(sender, envelope)
    hand_over(sender, envelope)
    assert sink.connections == 2
    sender.close()


def test_a_kept_connection_that_the_server_dropped_is_opened_anew(sender: MailSender, sink: MailSink, envelope: Envelope) -> None:
    hand_over(sender, envelope)
    sink.answers["MAIL"] = [DROP]
    assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
    assert sink.connections == 2


def test_a_refused_connection_is_the_channels_fault(envelope: Envelope) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    outcome = hand_over(MailSender("mail", host="127.0.0.1", port=port, security="none", sender="a@caohui.example"), envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)


def test_a_name_that_does_not_resolve_is_the_channels_fault(envelope: Envelope, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> socket.socket:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "create_connection", unknown)
    outcome = hand_over(MailSender("mail", host="smtp.caohui.example", security="none", sender="a@caohui.example"), envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((b"421 busy\r\n",), "421"),
        ((b"554 no service\r\n",), "554"),
        ((), "no-answer"),
        ((b"HTTP/1.1 200 OK\r\n",), "-1"),
    ],
)
def test_a_server_that_does_not_greet_is_the_channels_fault(envelope: Envelope, lines: tuple[bytes, ...], code: str) -> None:
    with raw_server(*lines) as port:
        sender = MailSender("mail", host="127.0.0.1", port=port, security="none", sender="a@caohui.example", timeout_seconds=0.2)
        outcome = hand_over(sender, envelope)
        sender.close()
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, code)


def test_a_dripping_server_is_cut_off_at_the_total_deadline(envelope: Envelope) -> None:
    """Each byte renews a socket's own time-out: only the watchdog ends this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sender = MailSender(
            "mail",
            host="127.0.0.1",
            port=listener.getsockname()[1],
            security="none",
            sender="a@caohui.example",
            timeout_seconds=0.3,
        )
        from threading import Event, Thread

        over = Event()

        def drip() -> None:
            connection, _ = listener.accept()
            with connection:
                while not over.wait(0.05):
                    try:
                        connection.sendall(b"2")
                    except OSError:
                        return

        thread = Thread(target=drip)
        thread.start()
        began = time.monotonic()
        outcome = hand_over(sender, envelope)
        took = time.monotonic() - began
        over.set()
        thread.join()
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert "0.3 秒" in outcome.words
    assert took < 2


def test_a_wrong_password_is_the_channels_fault_and_is_not_written_down(envelope: Envelope) -> None:
    with serving(MailSink(), password="right-one") as sink:
        sender = MailSender(
            "mail",
            host="127.0.0.1",
            port=sink.port,
            security="none",
            user="fazhi",
            password="wrong-one",
            sender="a@caohui.example",
        )
        outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.scope, outcome.code) == (Verdict.DEFERRED, Scope.CHANNEL, "535")
    assert "wrong-one" not in outcome.words


def test_the_right_password_opens_the_door(envelope: Envelope) -> None:
    with serving(MailSink(), password="right-one") as sink:
        sender = MailSender(
            "mail",
            host="127.0.0.1",
            port=sink.port,
            security="none",
            user="fazhi",
            password="right-one",
            sender="a@caohui.example",
        )
        assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
        sender.close()


def test_a_server_without_starttls_does_not_get_the_password(sink: MailSink, envelope: Envelope) -> None:
    sender = MailSender(
        "mail",
        host="127.0.0.1",
        port=sink.port,
        security="starttls",
        user="fazhi",
        password="secret-word",
        sender="a@caohui.example",
    )
    outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert sink.mails == []


def test_a_server_without_tls_is_the_channels_fault(sink: MailSink, envelope: Envelope) -> None:
    sender = MailSender("mail", host="127.0.0.1", port=sink.port, security="tls", sender="a@caohui.example", timeout_seconds=1)
    outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)


@pytest.mark.parametrize("address", ["", "wangmin", "王敏@caohui.example", "a@b.cn\r\nBcc: c@d.cn", "a b@c.cn"])
def test_what_is_no_address_never_reaches_the_server(
    sender: MailSender, sink: MailSink, envelope: Envelope, address: str
) -> None:
    outcome = hand_over(sender, replace(envelope, address=address))
    assert (outcome.verdict, outcome.scope) == (Verdict.REJECTED, Scope.PERSON)
    assert sink.connections == 0


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_an_encrypted_server_with_our_own_authority_is_trusted(
    envelope: Envelope, authority: tuple[Path, ssl.SSLContext], security: Security
) -> None:
    ca_file, context = authority
    with serving(MailSink(), tls=context, from_the_start=security == "tls") as sink:
        sender = MailSender(
            "mail", host="127.0.0.1", port=sink.port, security=security, sender="a@caohui.example", ca_file=ca_file
        )
        assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
        assert hand_over(sender, envelope).verdict is Verdict.ACCEPTED
        sender.close()
    assert sink.connections == 1


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_of_an_unknown_authority_is_the_channels_fault(
    envelope: Envelope, authority: tuple[Path, ssl.SSLContext], security: Security
) -> None:
    with serving(MailSink(), tls=authority[1], from_the_start=security == "tls") as sink:
        sender = MailSender("mail", host="127.0.0.1", port=sink.port, security=security, sender="a@caohui.example")
        outcome = hand_over(sender, envelope)
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
    assert "CERTIFICATE_VERIFY_FAILED" in outcome.words
    assert sink.mails == []
