"""A mail server of our own on the loopback: takes mails, or answers whatever the story needs."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult

DROP = "drop"
"""In place of an answer: the line goes dead."""

_NAME = "sink.example"
"""Else each connection would ask the DNS for ours."""

STALL = "250 too late"
"""The mail is taken, but the answer comes after any patience."""


@dataclass
class MailSink:
    """``answers`` holds scripted answers by command (MAIL, RCPT, DATA), used up one by one; then everything is taken."""

    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    answers: dict[str, list[str]] = field(default_factory=dict)
    connections: int = 0
    port: int = 0

    @property
    def read(self) -> list[EmailMessage]:
        return [cast(EmailMessage, message_from_bytes(mail, policy=default)) for mail in self.mails]

    def reset(self) -> None:
        self.mails.clear()
        self.recipients.clear()
        self.answers.clear()
        self.connections = 0

    async def handle_MAIL(self, server: SMTP, _session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        return self._answer("MAIL", server) or _taken(envelope, sender=address, options=options)

    async def handle_RCPT(self, server: SMTP, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self._answer("RCPT", server)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        answer = self._answer("DATA", server)
        if answer == STALL:
            await asyncio.sleep(1)
        if answer in {None, DROP, STALL}:
            self.mails.append(envelope.original_content)
            self.recipients.extend(envelope.rcpt_tos)
        return answer or "250 OK queued as Q42"

    def _answer(self, command: str, server: SMTP) -> str | None:
        scripted = self.answers.get(command)
        answer = scripted.pop(0) if scripted else None
        if answer == DROP:
            server.transport.abort()
        return answer


def _taken(envelope: Any, *, sender: str, options: Any) -> str:
    envelope.mail_from = sender
    envelope.mail_options.extend(options)
    return "250 OK"


@contextmanager
def serving(
    sink: MailSink, *, password: str | None = None, tls: ssl.SSLContext | None = None, from_the_start: bool = False
) -> Iterator[MailSink]:
    """Run the sink in a thread. With a password it asks for AUTH and refuses every other one.

    With a TLS context it speaks TLS at once, or offers STARTTLS and insists on it.
    """
    loop = asyncio.new_event_loop()
    # aiosmtpd looks at each attribute of its handler at each connection: the sink itself would read all its mails anew.
    hooks = SimpleNamespace(**{name: getattr(sink, name) for name in dir(sink) if name.startswith("handle_")})
    starttls = None if from_the_start else tls

    def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    def protocol() -> SMTP:
        sink.connections += 1
        if password is None:
            return SMTP(hooks, hostname=_NAME, loop=loop, tls_context=starttls, require_starttls=starttls is not None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # it minds AUTH without TLS; the loopback does not
            return SMTP(hooks, hostname=_NAME, loop=loop, authenticator=authenticate, auth_required=True, auth_require_tls=False)

    server = loop.run_until_complete(loop.create_server(protocol, "127.0.0.1", 0, ssl=tls if from_the_start else None))
    sink.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        asyncio.run_coroutine_threadsafe(_stop(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def _stop(server: asyncio.Server) -> None:
    server.close()
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task():
            task.cancel()
    await asyncio.sleep(0)


@contextmanager
def raw_server(*lines: bytes) -> Iterator[int]:
    """A server that says these lines to whoever connects, listens to nothing and then stays silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    opened: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            opened.append(connection)
            for line in lines:
                connection.sendall(line)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for connection in opened:
            connection.close()
        thread.join(5)
