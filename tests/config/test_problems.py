from __future__ import annotations

import re

import pytest

from config.problems import Code, Problem, in_order, line_text, nearest, shown, to_json

PROBLEM = Problem(Code.DUTY_TWICE, "calendar/10-study.yaml", 12, "两个事项同名", "给其中一个改名")


def test_a_problem_reads_as_one_line_with_file_and_line() -> None:
    assert line_text(PROBLEM) == "calendar/10-study.yaml 第12行：两个事项同名。怎么办：给其中一个改名。"


def test_a_problem_of_a_whole_file_names_no_line() -> None:
    whole = Problem(Code.FILE_TOO_LARGE, "people.yaml", None, "文件太大", "检查是不是放错了文件？")

    assert line_text(whole) == "people.yaml：文件太大。怎么办：检查是不是放错了文件？"


def test_a_problem_as_json_has_plain_values() -> None:
    assert to_json(PROBLEM) == {
        "code": "CAL001",
        "severity": "error",
        "file": "calendar/10-study.yaml",
        "line": 12,
        "message": "两个事项同名",
        "hint": "给其中一个改名",
    }


def test_errors_come_first_then_files_and_lines_in_order() -> None:
    warning = Problem(Code.NO_DESTINATION, "a.yaml", 1, "x", "y", "warning")
    late = Problem(Code.FIELD_DATE, "b.yaml", 10, "x", "y")
    early = Problem(Code.FIELD_DATE, "b.yaml", 9, "x", "y")
    whole = Problem(Code.FILE_EMPTY, "b.yaml", None, "x", "y")

    assert in_order([warning, late, early, whole, late]) == (whole, early, late, warning)


def test_every_code_is_three_letters_and_three_digits_and_has_a_meaning() -> None:
    assert all(re.fullmatch(r"[A-Z]{3}[0-9]{3}", code.value) for code in Code)
    assert all(code.meaning for code in Code)
    assert len({code.meaning for code in Code}) == len(Code)


def test_values_are_shown_short_and_on_one_line() -> None:
    assert shown("报送\n年度\x00报告") == "「报送 年度·报告」"
    assert shown("长" * 100) == "「" + "长" * 40 + "…」"


def test_the_nearest_known_word_is_offered() -> None:
    assert nearest("Ownr", ["owner", "overseer"]) == "owner"
    assert nearest("负责人", ["owner", "overseer"]) is None


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("党委书记", ("党委副书记、镇长", "党委副书记"), None),  # another person altogether
        ("党委副书记", ("党委书记",), None),
        ("分管法制领导", ("镇长", "分管法治领导"), "分管法治领导"),
        ("镇长", ("副镇长", "村长助理"), None),
        ("wangmim", ("wangmin", "zhaoli"), "wangmin"),
    ],
)
def test_what_was_probably_meant_is_never_another_office(word: str, known: tuple[str, ...], meant: str | None) -> None:
    assert nearest(word, known) == meant
