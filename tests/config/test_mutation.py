"""Whatever somebody does to a good file, reading it never raises and never loses the place of a fault."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.init import write_home
from config.office import read_office
from config.problems import line_text

PIECES = (
    *(
        ":",
        "：",
        "-",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "\n",
        "\n\n",
        "  ",
        "\t",
        "#",
        "&a",
        "*a",
        "!x",
        "|",
        ">",
        "%",
        "---\n",
        "0",
        "-1",
    ),
    *(
        "2026-02-30",
        "99999999999999999999",
        "person:",
        "role:",
        "each",
        "true",
        "null",
        "~",
        "\0",
        "\u2028",
        "\ufeff",
        "曹回",
        "　",
        "“",
    ),
    *("T-3", "T+", "standard", "{unit}", "<<: ", "key: x", "rule: ", "不"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("mutation") / "home"
    write_home(home, pack=None, as_of=date(2026, 3, 1))
    (home / "holidays/2027.json").write_text(
        '{\n "year": 2027,\n "days": [\n  {"name": "元旦", "date": "2027-01-01", "isOffDay": true}\n ]\n}\n', encoding="utf-8"
    )
    return home


@cache
def good_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["suishi.yaml", "people.yaml", "channels.yaml", "calendar/10-sample.yaml", "holidays/2027.json"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_a_good_file_is_read_or_told(folder: Path, name: str, data: st.DataObject) -> None:
    path = folder / name
    text = good_text(path)
    for _ in range(data.draw(st.integers(1, 3), label="changes")):
        at = data.draw(st.integers(0, len(text)), label="at")
        gone = data.draw(st.sampled_from((0, 1, 2, 5, 40)), label="gone")
        text = text[:at] + data.draw(st.sampled_from(PIECES), label="piece") + text[at + gone :]
    path.write_bytes(text.encode())
    try:
        office = read_office(folder, environ={})
    finally:
        path.write_text(good_text(path), encoding="utf-8")

    for problem in office.problems:
        assert line_text(problem).startswith(problem.file)
        assert problem.line is None or 1 <= problem.line <= text.count("\n") + 2 or problem.file != name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_told(folder: Path, content: bytes) -> None:
    path = folder / "calendar/20-bytes.yaml"
    path.write_bytes(content)
    try:
        office = read_office(folder, environ={})
    finally:
        path.unlink()

    assert office.calendar.duties
