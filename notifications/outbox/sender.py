"""The demo channel: one mail file for each hand-over, in place of the wire."""

from __future__ import annotations

import os
import re
from pathlib import Path

from notifications.envelope import Envelope, Marker, Outcome, Scope, Verdict
from notifications.mail.build import BadAddressError, build_mail
from notifications.masking import fit
from notifications.outbox import WRITTEN

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


class OutboxSender:
    """Accepts once the file is safe on disk. A second hand-over of a message shows as a second file."""

    def __init__(self, name: str, *, folder: Path, sender: str = "suishi@localhost.localdomain") -> None:
        self.name = name
        self._folder = folder
        self._sender = sender

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        try:
            mail = build_mail(envelope, sender=self._sender)
        except BadAddressError as error:
            return Outcome(Verdict.REJECTED, Scope.PERSON, code="address", words=str(error))
        except Exception as error:  # noqa: BLE001 - whatever the library trips over: this message can never be a mail
            return Outcome(Verdict.REJECTED, Scope.MESSAGE, code="build", words=fit(repr(error)))
        if not marker():
            return None
        try:
            written = _write_anew(self._folder, _NOT_IN_A_NAME.sub("_", envelope.ref), mail)
        except OSError as error:
            return Outcome(Verdict.DEFERRED, Scope.CHANNEL, code="disk", words=fit(f"无法写入发件箱：{error}"))
        return Outcome(Verdict.ACCEPTED, code="250", words=WRITTEN, provider_id=written)

    def close(self) -> None:
        """Nothing is kept open."""


def _write_anew(folder: Path, ref: str, mail: bytes) -> str:
    """Write under a name that is not taken, whole or not at all; the file's name."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{ref}.{os.getpid()}.draft"
    try:
        with draft.open("wb") as file:
            file.write(mail)
            file.flush()
            os.fsync(file.fileno())
        name = _link_under_free_name(draft, folder, ref)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(folder)
    return name


def _link_under_free_name(draft: Path, folder: Path, ref: str) -> str:
    copy = 1
    while True:
        name = f"{ref}.eml" if copy == 1 else f"{ref}-{copy}.eml"
        try:
            (folder / name).hardlink_to(draft)  # fails when the name is taken, unlike a rename
        except FileExistsError:
            copy += 1
        else:
            return name


def _sync_folder(folder: Path) -> None:
    """The new name itself must survive a power cut."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
