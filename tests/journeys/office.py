"""The township's own pack in a home of its own, worked by the command line as a clerk would; mail goes to a real server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from cli.main import app
from cli.surroundings import run


@dataclass
class Answer:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Office:
    """A home and whoever types in front of it."""

    home: Path
    capture: pytest.CaptureFixture[str]

    def types(self, *words: str) -> Answer:
        """Type ``suishi --home … words`` and read what comes."""
        self.capture.readouterr()
        code = run(lambda: app.meta(["--home", str(self.home), *words], exit_on_error=False, print_error=False))
        said = self.capture.readouterr()
        return Answer(code, said.out, said.err)

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        path = self.home / name
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, f"{name}: the edit changed nothing"
        path.write_text(after, encoding="utf-8")

    def starts_on(self, day: str) -> None:
        """Set the day before which nothing is reminded."""
        lines = (self.home / "suishi.yaml").read_text(encoding="utf-8").splitlines()
        kept = [f"silent_before: {day}" if line.startswith("silent_before:") else line for line in lines]
        (self.home / "suishi.yaml").write_text("\n".join(kept) + "\n", encoding="utf-8")


@dataclass
class Postbox:
    """A real SMTP server that takes everything."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        mail = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        assert envelope.rcpt_tos == [mail["To"].addresses[0].addr_spec]
        self.mails.append(mail)
        return "250 OK queued"
