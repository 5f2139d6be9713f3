"""Every bad file gives a sentence with file and line, and no exception; the good part of the home stands."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config.office import Office, read_office
from config.problems import line_text

if TYPE_CHECKING:
    from tests.config.conftest import Home


CORPUS = Path(__file__).parent / "corpus"
SAYS = re.compile(r"# says: (\w+) at (?:line (\d+)|whole file)")

GOOD_DUTY = "duties:\n  - key: x\n    kind: routine\n    title: 报送\n    owner: person:zhangsan\n    rule: 3月底\n"
BYTES = {
    "empty": (b"", "YML007", None),
    "blank-lines": (b"\n\n  \n", "YML007", None),
    "gbk": (GOOD_DUTY.encode("gbk"), "YML003", 4),
    "broken-utf8": (GOOD_DUTY.encode()[:-2] + b"\xff\xfe\n", "YML003", 6),
    "utf8-mark-and-a-fault": (b"\xef\xbb\xbf" + GOOD_DUTY.replace("routine", "rutine").encode(), "FLD004", 3),
    "utf16": (GOOD_DUTY.encode("utf-16"), "YML004", None),
    "utf16-without-a-mark": ("duties: []\n".encode("utf-16-le"), "YML004", None),
    "utf32": (GOOD_DUTY.encode("utf-32"), "YML004", None),
    "nul": (GOOD_DUTY.replace("报送", "报\0送").encode(), "YML005", 4),
    "escape-character": (GOOD_DUTY.replace("报送", "报\x1b[31m送").encode(), "YML005", 4),
    "line-separator": (GOOD_DUTY.replace("报送", "报\u2028送").encode(), "YML005", 4),
    "right-to-left-is-kept-out-of-titles": (GOOD_DUTY.replace("报送", "报\u202e送").encode(), "FLD009", 4),
    "half-a-megabyte-and-one": (b"#" * (512 * 1024 + 1), "YML002", None),
    "5-megabytes": (b"duties: [" + b"x, " * 1_700_000, "YML002", None),
    "400-kilobytes-of-aliases": (b"duties: &a [" + b"*a, " * 100_000 + b"]\n", "YML011", 1),
    "400-kilobytes-of-brackets": (b"[" * 400_000, "YML013", 1),
    "windows-line-ends-and-a-fault": (GOOD_DUTY.replace("routine", "rutine").replace("\n", "\r\n").encode(), "FLD004", 3),
}


def corpus() -> list[Path]:
    return sorted(CORPUS.glob("*.case"))


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(corpus()) + len(BYTES) >= 65


@pytest.mark.parametrize("case", corpus(), ids=lambda path: path.stem)
def test_a_bad_file_gives_a_sentence_with_file_and_line(case: Path, home: Home) -> None:
    header, _, content = case.read_text(encoding="utf-8").partition("# ----\n")
    file = header.splitlines()[0].removeprefix("# file: ")
    code, line = SAYS.search(header).groups()
    home.write(file, content)

    office = home.read()

    assert_told(office, file, code, int(line) if line else None)


@pytest.mark.parametrize("name", BYTES)
def test_bad_bytes_give_a_sentence_with_the_file(name: str, home: Home) -> None:
    content, code, line = BYTES[name]
    home.write("calendar/20-bad.yaml", content)

    office = home.read()

    assert_told(office, "calendar/20-bad.yaml", code, line)


def assert_told(office: Office, file: str, code: str, line: int | None) -> None:
    told = {(problem.code.value, problem.line) for problem in office.errors if problem.file.startswith(file.rpartition("/")[0])}
    assert (code, line) in told
    for problem in office.problems:
        text = line_text(problem)
        assert problem.file in text
        assert "怎么办" in text
        assert "\n" not in text
        assert "CANARY" not in text
        assert problem.message
        assert problem.hint
    assert office.degraded
    if file.startswith("calendar/") and "one-key" not in file:
        assert "study-law" in {duty.key for duty in office.calendar.duties}


def test_a_2_megabyte_holiday_table_is_not_read(home: Home) -> None:
    home.write("holidays/2027.json", b'{"year": 2027, "days": [' + b" " * 2_000_000 + b"]}")

    problems = home.read().errors

    assert [(problem.code.value, problem.file) for problem in problems] == [("YML002", "holidays/2027.json")]


def test_a_holiday_table_of_endless_brackets_is_refused(home: Home) -> None:
    home.write("holidays/2027.json", b"[" * 200_000)

    assert [problem.file for problem in home.read().errors] == ["holidays/2027.json"]


def test_a_folder_in_the_place_of_a_file_is_told(home: Home) -> None:
    (home.folder / "calendar/20-bad.yaml").mkdir()

    office = home.read()

    assert [problem.code.value for problem in office.errors] == ["YML001"]
    assert office.calendar.unreadable == ("calendar/20-bad.yaml",)


def test_a_file_name_that_is_no_text_can_still_be_told(home: Home) -> None:
    name = os.fsencode(home.folder) + b"/calendar/20-\xff\n.yaml"
    Path(os.fsdecode(name)).write_text("duties: [", encoding="utf-8")

    problem = home.read().errors[0]

    assert problem.file == "calendar/20-··.yaml"
    assert line_text(problem).encode()


@pytest.mark.parametrize("missing", ["people.yaml", "channels.yaml"])
def test_a_missing_file_is_told(home: Home, missing: str) -> None:
    (home.folder / missing).unlink()

    assert (missing, "YML017") in {(problem.file, problem.code.value) for problem in home.read().errors}


def test_a_link_to_itself_is_told(home: Home) -> None:
    loop = home.folder / "calendar/20-loop.yaml"
    loop.symlink_to(loop)

    assert "链接绕成了圈" in home.read().errors[0].message


@pytest.mark.parametrize("place", ["", "no\0where", "x" * 5000, "people.yaml/inside"])
def test_a_home_that_is_none_says_to_run_init(home: Home, place: str) -> None:
    office = read_office(home.folder / "deeper" / place, environ={})

    assert office.unusable
    assert [problem.code.value for problem in office.problems] == ["HOM001"]
    assert "suishi init" in office.problems[0].hint
