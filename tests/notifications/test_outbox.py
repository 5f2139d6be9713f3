from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from notifications.envelope import Envelope, Scope, Verdict
from notifications.outbox.sender import OutboxSender


def test_what_would_be_sent_lies_in_the_folder(tmp_path: Path, envelope: Envelope) -> None:
    outcome = OutboxSender("outbox", folder=tmp_path / "outbox").hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    assert (outcome.verdict, outcome.provider_id) == (Verdict.ACCEPTED, "T2603-000142.eml")
    mail = message_from_bytes((tmp_path / "outbox" / "T2603-000142.eml").read_bytes(), policy=default)
    assert mail["Subject"] == envelope.subject


def test_a_second_hand_over_shows_as_a_second_file(tmp_path: Path, envelope: Envelope) -> None:
    sender = OutboxSender("outbox", folder=tmp_path)
    for _ in range(2):
        sender.hand_over(envelope, marker=lambda: True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["T2603-000142-2.eml", "T2603-000142.eml"]


def test_nothing_is_written_when_the_marker_says_no(tmp_path: Path, envelope: Envelope) -> None:
    assert OutboxSender("outbox", folder=tmp_path).hand_over(envelope, marker=lambda: False) is None
    assert list(tmp_path.iterdir()) == []


def test_a_name_stays_inside_the_folder(tmp_path: Path, envelope: Envelope) -> None:
    folder = tmp_path / "outbox"
    OutboxSender("outbox", folder=folder).hand_over(replace(envelope, ref="../../evil"), marker=lambda: True)
    assert [path.parent for path in tmp_path.rglob("*.eml")] == [folder]


def test_a_folder_that_cannot_be_written_is_the_channels_fault(tmp_path: Path, envelope: Envelope) -> None:
    (tmp_path / "file").write_text("")
    outcome = OutboxSender("outbox", folder=tmp_path / "file" / "outbox").hand_over(envelope, marker=lambda: True)
    assert outcome is not None
    assert (outcome.verdict, outcome.scope) == (Verdict.DEFERRED, Scope.CHANNEL)
