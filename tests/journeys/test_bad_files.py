"""A bad file is told with its place, exit 1, no traceback; and the plan in force stays in force."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.conftest import GOOD_HOME
from tests.journeys.office import Answer, Office

CORPUS = sorted((Path(__file__).parents[1] / "config" / "corpus").glob("*.case"))
EVERY = 12
"""The whole corpus is checked; planning over it is done for every twelfth case, which takes a second each."""

NOW = ("--now", "2026-03-02T08:00+08:00")


@pytest.fixture
def small_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Office:
    office = Office(tmp_path / "home", capsys)
    for name, text in GOOD_HOME.items():
        place = office.home / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(0o600)
    return office


@pytest.mark.parametrize("case", CORPUS, ids=lambda path: path.stem)
def test_check_names_the_place_and_ends_with_one(small_office: Office, case: Path) -> None:
    file, line = _spoil(small_office, case)

    answer = small_office.types("check")

    assert answer.code == 1
    assert file.rpartition("/")[2] in answer.err or file.rpartition("/")[0] in answer.err
    if line is not None:
        assert f"第{line}行" in answer.err
    assert "怎么办" in answer.err
    _no_traceback(answer)


@pytest.mark.parametrize("case", CORPUS[::EVERY], ids=lambda path: path.stem)
def test_the_plan_in_force_stays_in_force(small_office: Office, case: Path) -> None:
    assert small_office.types("plan", *NOW).code == 0
    before = _open(small_office)
    assert before
    _spoil(small_office, case)

    answer = small_office.types("plan", *NOW)

    assert answer.code in {0, 3}
    _no_traceback(answer)
    for name, text in GOOD_HOME.items():  # mended: what stood before is what still stands
        (small_office.home / name).write_text(text, encoding="utf-8")
    assert before <= _open(small_office)


def _open(office: Office) -> set[str]:
    listed = office.types("list", "--state", "open", "--json", *NOW)
    assert listed.code == 0, listed.err
    return {line["ref"] for line in listed.json["occurrences"]}


def _spoil(office: Office, case: Path) -> tuple[str, int | None]:
    header, _, content = case.read_text(encoding="utf-8").partition("# ----\n")
    first, says = header.splitlines()[:2]
    file = first.removeprefix("# file: ")
    place = office.home / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content, encoding="utf-8")
    line = says.rpartition("line ")[2] if " at line " in says else ""
    return file, int(line) if line else None


def _no_traceback(answer: Answer) -> None:
    assert "Traceback" not in answer.err + answer.out
    assert "程序出错" not in answer.err
