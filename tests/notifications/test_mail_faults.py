"""A mail server that falls silent, drips or forgets its manners at each step: known for what it is, and in time."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from threading import Event, Thread

import pytest

from notifications.envelope import Envelope, Outcome, Scope, Verdict
from notifications.mail.connection import Security
from notifications.mail.sender import MailSender

DEADLINE = 0.3
"""Seconds for one hand-over, where the program's own is sixty."""

POLITE = {
    "connect": b"220 sink.example\r\n",
    "EHLO": b"250 sink.example\r\n",  # no 8BITMIME, no SMTPUTF8, no PIPELINING, no SIZE
    "HELO": b"250 sink.example\r\n",
    "MAIL": b"250 OK\r\n",
    "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n",
    "body": b"250 queued as Q7\r\n",
    "RSET": b"250 OK\r\n",
    "QUIT": b"221 bye\r\n",
    "STARTTLS": b"220 go on\r\n",
}


@dataclass
class Scripted:
    """Says its part to each command. At ``rude`` it falls silent, or drips its answer, a byte every twentieth of a second."""

    rude: str = ""
    drips: bool = False
    part: dict[str, bytes] = field(default_factory=lambda: dict(POLITE))
    bodies: list[bytes] = field(default_factory=list)
    over: Event = field(default_factory=Event)
    port: int = 0

    def serve(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while not self.over.is_set():
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as lines, suppress(OSError):
                    self._converse(connection, lines)

    def _converse(self, connection: socket.socket, lines: BufferedReader) -> None:
        step = "connect"
        while self._say(connection, step):
            if step == "DATA":
                self.bodies.append(b"".join(iter(lines.readline, b".\r\n")))
                step = "body"
                continue
            command = lines.readline()
            if not command:
                return
            step = command.split()[0].decode(errors="replace").upper() if command.strip() else "QUIT"
            if step not in self.part:
                return  # TLS, as far as this server can tell

    def _say(self, connection: socket.socket, step: str) -> bool:
        if step != self.rude:
            connection.sendall(self.part[step])
        elif self.drips:
            for byte in self.part[step] * 20:
                connection.sendall(bytes([byte]).replace(b"\n", b" "))
                if self.over.wait(0.05):
                    return False
        else:
            self.over.wait(20)
        return step != self.rude


@contextmanager
def scripted(**script: object) -> Iterator[Scripted]:
    server = Scripted(**script)  # type: ignore[arg-type]  # the dataclass's own fields
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.port = listener.getsockname()[1]
        thread = Thread(target=server.serve, args=(listener,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@dataclass(frozen=True, slots=True)
class HandedOver:
    outcome: Outcome
    marked: bool
    seconds: float


def hand_over(server: Scripted, envelope: Envelope, *, security: Security = "none", patience: float = DEADLINE) -> HandedOver:
    asked: list[bool] = []

    def marker() -> bool:
        asked.append(True)
        return True

    sender = MailSender(
        "mail", host="127.0.0.1", port=server.port, security=security, sender="a@caohui.example", timeout_seconds=patience
    )
    began = time.monotonic()
    outcome = sender.hand_over(envelope, marker=marker)
    took = time.monotonic() - began
    server.over.set()  # or the goodbye would wait for its own two seconds
    sender.close()
    assert outcome is not None
    return HandedOver(outcome, bool(asked), took)


STEPS = [
    ("connect", Verdict.DEFERRED, Scope.CHANNEL, False),
    ("EHLO", Verdict.DEFERRED, Scope.CHANNEL, False),
    ("MAIL", Verdict.DEFERRED, Scope.MESSAGE, False),
    ("RCPT", Verdict.DEFERRED, Scope.MESSAGE, False),
    ("DATA", Verdict.DEFERRED, Scope.MESSAGE, True),
    ("body", Verdict.UNKNOWN, Scope.MESSAGE, True),
]
"""Only after the final dot can anybody have it: everywhere before, silence is a certain no."""


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
@pytest.mark.parametrize(("step", "verdict", "scope", "marked"), STEPS, ids=[step[0] for step in STEPS])
def test_a_server_that_falls_silent_or_drips_is_cut_off_in_time_and_known_for_what_it_did(  # noqa: PLR0917 - a table's columns
    envelope: Envelope, step: str, verdict: Verdict, scope: Scope, marked: bool, drips: bool
) -> None:
    with scripted(rude=step, drips=drips) as server:
        handed = hand_over(server, envelope)
    assert (handed.outcome.verdict, handed.outcome.scope, handed.marked) == (verdict, scope, marked)
    assert handed.seconds < DEADLINE + 1.5


def test_a_server_without_any_extension_gets_a_mail_of_seven_bits(envelope: Envelope) -> None:
    with scripted(part=POLITE | {"EHLO": b"502 what is that\r\n"}) as server:
        handed = hand_over(server, envelope, patience=5)
    assert (handed.outcome.verdict, handed.outcome.provider_id) == (Verdict.ACCEPTED, "Q7")
    assert server.bodies[0].isascii()
    assert max(len(line) for line in server.bodies[0].split(b"\r\n")) <= 998


def test_a_server_that_is_silent_in_the_tls_handshake_is_the_channels_fault(envelope: Envelope) -> None:
    with scripted(rude="connect") as server:
        handed = hand_over(server, envelope, security="tls")
    assert (handed.outcome.verdict, handed.outcome.scope, handed.marked) == (Verdict.DEFERRED, Scope.CHANNEL, False)
    assert handed.seconds < DEADLINE + 1.5


def test_a_server_that_promises_tls_and_goes_on_in_clear_is_the_channels_fault(envelope: Envelope) -> None:
    promising = POLITE | {"EHLO": b"250-sink.example\r\n250 STARTTLS\r\n", "STARTTLS": b"220 go on\r\n250 hello\r\n"}
    with scripted(part=promising) as server:
        handed = hand_over(server, envelope, security="starttls", patience=2)
    assert (handed.outcome.verdict, handed.outcome.scope, handed.marked) == (Verdict.DEFERRED, Scope.CHANNEL, False)
    assert server.bodies == []
