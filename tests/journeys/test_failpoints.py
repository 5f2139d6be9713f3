"""Failpoints from the command line: a trial office may use them, one in earnest refuses them, whatever the command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services import failpoints
from tests.journeys.office import Office

COMMANDS = [("send",), ("plan",), ("done", "study-law:2026-Q1", "--by", "wangmin"), ("backup",), ("upgrade",), ("list",)]


@pytest.fixture(autouse=True)
def _disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


@pytest.mark.parametrize("command", COMMANDS, ids=[words[0] for words in COMMANDS])
def test_an_office_in_earnest_refuses_a_failpoint(
    office: Office, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    office.edit("suishi.yaml", lambda text: text.replace("production: false", "production: true"))
    monkeypatch.setenv("FAILPOINT", "K1:1:raise")
    answer = office.types(*command)
    assert (answer.code, answer.out) == (2, "")
    assert "正式环境(production: true)不接受 FAILPOINT" in answer.err


def test_a_trial_office_obeys_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILPOINT", "K1:1:raise")
    assert office.types("backup").code == 3
    assert list((office.home / "backups").glob("suishi-*.db")) == []
    monkeypatch.delenv("FAILPOINT")
    failpoints.arm("")
    assert office.types("backup").code == 0


def test_nonsense_is_said_to_be_nonsense(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAILPOINT", "X1:often")
    answer = office.types("send")
    assert answer.code == 2
    assert "看不懂" in answer.err
