"""The command line in a home that may not be written: one Chinese sentence, exit 3, and nothing changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.crash

_NOT_EVEN_ROOT = "from tests.crash.works import obey_modes; obey_modes(); from cli.main import main; main()"


def types(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", _NOT_EVEN_ROOT, "--home", str(home), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_home_that_may_not_be_written_is_said_plainly_and_nothing_changes(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = types(home, "init", "--pack", "township-law")
    assert made.returncode == 0, made.stderr
    assert types(home, "plan").returncode == 0
    data = home / "data"
    before = {place.name: place.read_bytes() for place in data.glob("*.db")}
    assert before
    parts = [data, *data.glob("suishi.db*")]
    for part in parts:
        part.chmod(0o555 if part.is_dir() else 0o444)
    answers = [types(home, command) for command in ("send", "backup")]
    for part in parts:
        part.chmod(0o755 if part.is_dir() else 0o644)
    for answer in answers:
        assert (answer.returncode, answer.stderr.count("\n")) == (3, 1), answer
        assert "请检查 data 目录的权限" in answer.stderr
    assert {place.name: place.read_bytes() for place in data.glob("*.db")} == before
    assert types(home, "send").returncode == 0
