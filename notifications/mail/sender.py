"""The mail channel: one recipient each, one conversation at a time, and for every ending a known outcome."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.mail.answers import Stage, judge, judge_silence
from notifications.mail.build import BadAddressError, build_mail, check_address, plain_address
from notifications.mail.connection import Connection, Security, Server, goes_on, tls_context
from notifications.masking import fit
from notifications.watchdog import Watchdog

IDLE_SECONDS = 60.0
"""A connection unused for so long may be gone: the next mail opens a new one."""

_FAULTS = (OSError, smtplib.SMTPException, ValueError)
"""What a network, a server or TLS may raise; ValueError comes of names that cannot be written in IDNA."""


class MailSender:
    """One account on one server. Not for two threads at once: an account has one connection."""

    def __init__(
        self,
        name: str,
        *,
        host: str,
        sender: str,
        port: int = 465,
        security: Security = "tls",
        user: str = "",
        password: str = "",
        ca_file: Path | None = None,
        timeout_seconds: float = 60.0,
        recycle_after: int = 20,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """``sender`` is 名字 <address>; ``timeout_seconds`` bounds one hand-over as a whole.

        ``recycle_after`` mails the connection is opened anew: providers refuse both one connection per mail
        (550 MI:STC) and endless ones (451 MI:DMC).
        """
        self.name = name
        self._sender, self._address = sender, plain_address(sender)
        self._server = Server(host, port, security, user, password, ca_file, timeout_seconds)
        self._recycle_after = recycle_after
        self._monotonic = monotonic
        self._watchdog = Watchdog()
        self._tls = None if security == "none" else tls_context(self._server)
        self._kept: Connection | None = None
        self._used_at = 0.0
        self._stage = Stage.CONNECT

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            mail = build_mail(envelope, sender=self._sender)
            address = check_address(envelope.address)
        except BadAddressError as error:
            return Outcome(Verdict.REJECTED, Scope.PERSON, code="address", words=str(error))
        except Exception as error:  # noqa: BLE001 - whatever the library trips over: this message can never be a mail
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code="build", words=self._masked(repr(error)))
        with self._watchdog.within(self._server.timeout_seconds):
            try:
                return self._converse(address, mail, marker)
            except smtplib.SMTPResponseException as error:
                return self._cut(self._judge(error.smtp_code, error.smtp_error))
            except _FAULTS as error:
                return self._cut(judge_silence(self._stage, self._masked(self._what_happened(error))))

    def close(self) -> None:
        self._leave()
        self._watchdog.rest()

    def _leave(self) -> None:
        if self._kept is not None:
            self._kept.leave()
            self._kept = None

    def _converse(self, address: str, mail: bytes, marker: Marker) -> Outcome | None:
        connection = self._greeted()
        answer = self._address_it(connection, address)
        if answer is not None:
            return answer
        if not marker():
            self._start_over(connection)
            return None
        self._stage = Stage.DATA
        code, words = connection.ask_data()
        if not goes_on(code):
            return self._judged(connection, code, words)
        self._stage = Stage.BODY
        code, words = connection.send_body(mail)
        self._used_at = self._monotonic()
        return self._judged(connection, code, words)

    def _greeted(self) -> Connection:
        """A connection that has just answered MAIL FROM: a kept one when it still lives, else a new one."""
        # A connection that served its number is left now and not after its last mail: the answer to that one is to be
        # written down at once, and not after a goodbye that may take its time.
        if self._kept is not None and (self._kept.handed >= self._recycle_after or self._idle()):
            self._leave()
        if self._kept is not None and self._still_serves(self._kept):
            return self._kept
        self._stage = Stage.CONNECT
        connection = self._kept = Connection(self._server, self._watchdog, self._tls)
        connection.open()
        self._stage = Stage.LOGIN
        connection.log_in()
        self._stage = Stage.SENDER
        self._step(connection.mail(self._address))
        return connection

    def _idle(self) -> bool:
        return self._monotonic() - self._used_at > IDLE_SECONDS

    def _still_serves(self, connection: Connection) -> bool:
        """Servers drop idle clients without a word. Nothing of the mail has left, so a new connection is harmless."""
        self._stage = Stage.SENDER
        try:
            self._step(connection.mail(self._address))
        except _FAULTS:
            if self._watchdog.fired:
                raise
            connection.drop()
            self._kept = None
            return False
        return True

    def _address_it(self, connection: Connection, address: str) -> Outcome | None:
        self._stage = Stage.RECIPIENT
        code, words = connection.rcpt(address)
        return None if code in {250, 251} else self._judged(connection, code, words)

    def _judged(self, connection: Connection, code: int, words: bytes) -> Outcome:
        outcome = self._judge(code, words)
        if outcome.verdict is Verdict.ACCEPTED:
            return outcome
        if outcome.scope is Scope.CHANNEL or outcome.verdict is Verdict.UNKNOWN:
            return self._cut(outcome)
        self._start_over(connection)
        return outcome

    @staticmethod
    def _start_over(connection: Connection) -> None:
        """End this mail's turn. A connection lost here shows at the next MAIL FROM and changes no outcome."""
        with suppress(*_FAULTS):
            connection.rset()

    def _judge(self, code: int, words: bytes | str) -> Outcome:
        """What the answer means; half an answer, cut off by the watchdog, is none."""
        if self._watchdog.fired:
            return judge_silence(self._stage, self._masked(self._too_long()))
        return judge(self._stage, code, self._masked(_said(words)))

    def _cut(self, outcome: Outcome) -> Outcome:
        """After a fault the conversation's state is unknown: the next mail starts with a fresh connection."""
        if self._kept is not None:
            self._kept.drop()
            self._kept = None
        return outcome

    def _what_happened(self, error: Exception) -> str:
        return self._too_long() if self._watchdog.fired else f"{type(error).__name__}: {error}"

    def _too_long(self) -> str:
        return f"超过 {self._server.timeout_seconds:g} 秒没有办完，连接已切断（{self._stage}）"

    def _masked(self, words: str) -> str:
        return fit(words, secrets=(self._server.password,))

    @staticmethod
    def _step(answer: tuple[int, bytes]) -> None:
        code, words = answer
        if code != 250:  # noqa: PLR2004 - RFC 5321 §4.2.3: done
            raise smtplib.SMTPResponseException(code, words)


def _said(words: bytes | str) -> str:
    return words if isinstance(words, str) else words.decode("utf-8", errors="replace")
