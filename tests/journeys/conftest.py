from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from tests.journeys.office import Office, Postbox


@pytest.fixture
def office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    """The township on 2 March 2026, its files as the pack has them, nothing planned yet."""
    made = Office(tmp_path / "曹回镇", capsys)
    answer = made.types("init", "--pack", "township-law", "--now", "2026-03-02T08:00+08:00")
    assert answer.code == 0, answer.err
    return made


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()
