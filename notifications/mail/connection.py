"""One SMTP connection, kept over several mails, that a watchdog can cut."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Literal

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


class Watchdog:
    """Cuts the connection when a hand-over takes too long: a socket's own time-out counts each read anew.

    One thread watches many hand-overs: it wakes at the first one's deadline, finds a later one and sleeps on, and ends
    when it finds none. A timer for each mail would cost a tenth of the sending.
    """

    def __init__(self) -> None:
        self.fired = False
        self._watched: socket.socket | None = None
        self._deadline: float | None = None
        self._lock = Lock()
        self._ended: Event | None = None  # of the thread that runs; None while there is none

    def watch(self, opened: socket.socket) -> None:
        """Look after this connection; the copy of the descriptor stays valid when TLS takes the socket over."""
        self.forget()
        with self._lock:
            self._watched = opened.dup()

    def forget(self) -> None:
        with self._lock:
            if self._watched is not None:
                self._watched.close()
                self._watched = None

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        with self._lock:
            self.fired = False
            self._deadline = time.monotonic() + seconds
            if self._ended is None:
                self._ended = Event()
                Thread(target=self._guard, args=(self._ended,), daemon=True).start()
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    def rest(self) -> None:
        """End the thread now."""
        with self._lock:
            if self._ended is not None:
                self._ended.set()
                self._ended = None

    def _guard(self, ended: Event) -> None:
        left: float | None = 0.0
        while left is not None and not ended.wait(left):
            left = self._left(ended)

    def _left(self, ended: Event) -> float | None:
        """Seconds to the deadline; None when there is nothing more to watch."""
        with self._lock:
            left = None if self._deadline is None else self._deadline - time.monotonic()
            if left is not None and left > 0:
                return left
            if left is not None:
                self._cut()
            if self._ended is ended:
                self._ended = None
            return None

    def _cut(self) -> None:
        self.fired = True
        if self._watched is not None:
            with suppress(OSError):
                self._watched.shutdown(socket.SHUT_RDWR)


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
