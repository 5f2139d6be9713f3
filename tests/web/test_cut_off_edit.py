"""An edit that was cut off and could not be completed is told once: by whatever page comes first."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from config.editing.files import fingerprint
from config.editing.own_files import JOURNAL, KEPT

FILE, BESIDE = "people.yaml", ".people.yaml.0a1b2c3d.edit"
WANTED = "units: []\npeople: []\n"


@pytest.fixture
def cut_off(town: Any) -> Path:
    """The town's home: somebody edited people.yaml by hand after a page's own change of it had died half way."""
    home: Path = town.app.home
    (home / BESIDE).write_text(WANTED, "utf-8")
    step = {"name": FILE, "beside": BESIDE, "before": fingerprint(b"as it was"), "after": fingerprint(WANTED.encode())}
    (home / JOURNAL).write_text(json.dumps([step]), "utf-8")
    return home


def test_the_list_of_people_says_what_was_not_written_and_where_it_lies(town: Any, cut_off: Path) -> None:
    first, again = town.get("/people"), town.get("/people")

    assert [page.status_code for page in (first, again)] == [200, 200]
    said = f"上一次保存中途断了，{FILE} 没有改成。当时要写的内容在 {KEPT}："
    assert [said in page.text for page in (first, again)] == [True, False]
    assert "陈霞" in first.text
    (kept,) = (cut_off / KEPT).glob(f"unwritten-*-{FILE}")
    assert kept.read_text("utf-8") == WANTED


def test_it_is_said_beside_a_fault_of_the_file_too(town: Any, cut_off: Path) -> None:
    (cut_off / FILE).write_text("people: [\n", "utf-8")

    assert "上一次保存中途断了" in town.get("/people").text
