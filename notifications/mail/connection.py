"""One SMTP connection, kept over several mails, that a watchdog can cut."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from notifications.watchdog import Watchdog

Security = Literal["tls", "starttls", "none"]

CONNECT_SECONDS = 20.0
"""A server that does not take a connection in this time is down for us."""

_LEADING_DOT = re.compile(rb"(?m)^\.")
_HOST_NAME = re.compile(r"[A-Za-z0-9.-]+")
_START_MAIL = 354


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mails go and how."""

    host: str
    port: int
    security: Security
    user: str
    password: str
    ca_file: Path | None
    timeout_seconds: float  # total, for one hand-over


class Connection(smtplib.SMTP):
    """smtplib's client with the DATA command taken apart, so that it is known whether the message had begun to leave."""

    def __init__(self, server: Server, watchdog: Watchdog, context: ssl.SSLContext | None) -> None:
        super().__init__(local_hostname=_own_name(), timeout=server.timeout_seconds)
        self._host = server.host  # STARTTLS checks the certificate against it; connect() does not set it
        self._server = server
        self._watchdog = watchdog
        self._tls = context
        self.handed = 0  # mails so far

    def open(self) -> None:
        """Connect and greet. Raises OSError or SMTPException."""
        code, words = self.connect(self._server.host, self._server.port)
        if code != 220:  # noqa: PLR2004 - RFC 5321 §4.3.2: the greeting
            raise smtplib.SMTPConnectError(code, words)
        if self._server.security == "starttls":
            # A server that does not offer it is refused: the password must not go in clear.
            self.starttls(context=self._tls)
        self.ehlo_or_helo_if_needed()

    def log_in(self) -> None:
        """Raises SMTPException; a server that asks for no login is not bothered with one."""
        if self._server.user:
            self.login(self._server.user, self._server.password)

    def getreply(self) -> tuple[int, bytes]:
        """The server's answer. What came before the watchdog cut the line is half an answer, and counts as none."""
        answer = super().getreply()
        if self._watchdog.fired:
            raise TimeoutError("the answer did not come to its end")
        return answer

    def ask_data(self) -> tuple[int, bytes]:
        """The DATA command alone; 354 means: go on."""
        return self.docmd("data")

    def send_body(self, mail: bytes) -> tuple[int, bytes]:
        """The message, its final dot, and what the server says of it."""
        self.send(_LEADING_DOT.sub(b"..", mail) + b".\r\n")
        self.handed += 1
        return self.getreply()

    def leave(self) -> None:
        """Say goodbye and close, without ever raising."""
        if self.sock is not None:
            with suppress(OSError, smtplib.SMTPException):
                self.sock.settimeout(2)
                self.docmd("quit")
        self.drop()

    def drop(self) -> None:
        with suppress(OSError):
            self.close()
        self._watchdog.forget()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # smtplib's own place for other kinds of sockets; SMTP_SSL overrides it in the same way
        opened = socket.create_connection((host, port), min(timeout, CONNECT_SECONDS))
        opened.settimeout(timeout)
        self._watchdog.watch(opened)
        if self._server.security == "tls" and self._tls is not None:
            return self._tls.wrap_socket(opened, server_hostname=host)
        return opened


def tls_context(server: Server) -> ssl.SSLContext | None:
    """One context for all connections: reading the system's authorities takes 30 ms each time."""
    if server.security == "none":
        return None
    return ssl.create_default_context(cafile=None if server.ca_file is None else str(server.ca_file))


def _own_name() -> str:
    """What EHLO says. smtplib would ask the DNS, which takes seconds on a machine without one."""
    name = socket.gethostname()
    return name if _HOST_NAME.fullmatch(name) else "localhost"


def goes_on(code: int) -> bool:
    return code == _START_MAIL
