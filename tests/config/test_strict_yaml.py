from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from config.nodes import Mapping, Node, Scalar, Sequence
from config.problems import Sheet
from config.strict_yaml import parse_yaml, read_yaml

LOADERS = [yaml.SafeLoader, *([yaml.CSafeLoader] if hasattr(yaml, "CSafeLoader") else [])]


def tree_of(text: str, loader: Any = None) -> Node:
    sheet = Sheet("x.yaml")
    tree = parse_yaml(text, sheet, loader=loader)
    assert not sheet.problems
    return tree


def plain(node: Any) -> Any:
    """The tree without lines, for comparing."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {name.text: plain(value) for name, value in node.entries}


@pytest.mark.parametrize("loader", LOADERS)
def test_every_value_stays_the_text_that_was_written(loader: Any) -> None:
    text = "no: yes\ncode: 0755\nat: 12:30:45\nday: 2026-03-01\nfloat: 1_0.5\nhex: 0x1F\nnothing: null\n"

    assert plain(tree_of(text, loader)) == {
        "no": "yes",
        "code": "0755",
        "at": "12:30:45",
        "day": "2026-03-01",
        "float": "1_0.5",
        "hex": "0x1F",
        "nothing": "null",
    }


@pytest.mark.parametrize("loader", LOADERS)
def test_nodes_know_their_line(loader: Any) -> None:
    tree = tree_of("a: 1\nb:\n  - x\n  # comment\n  - {y: 2}\n", loader)

    assert isinstance(tree, Mapping)
    (a, one), (b, listed) = tree.entries
    assert (a.line, one.line, b.line) == (1, 1, 2)
    assert isinstance(listed, Sequence)
    assert [item.line for item in listed.items] == [3, 5]


def test_nothing_is_blank_and_a_quoted_null_is_a_word() -> None:
    tree = tree_of("a:\nb: ~\nc: ''\nd: 'null'\n")

    assert [value.blank for _, value in tree.entries] == [True, True, True, False]


def test_a_field_written_twice_spoils_only_what_is_around_it() -> None:
    sheet = Sheet("x.yaml")
    tree = parse_yaml("- {a: 1, a: 2}\n- {a: 1}\n", sheet)

    assert isinstance(tree, Sequence)
    assert [item.sound for item in tree.items] == [False, True]
    assert not tree.sound
    assert plain(tree) == [{"a": "1"}, {"a": "1"}]
    assert [problem.code.value for problem in sheet.problems] == ["YML010"]


def test_all_faults_of_a_file_are_told_at_once_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("".join(f"- {{a: 1, a: {n}}}\n" for n in range(200)), encoding="utf-8")

    tree, problems = read_yaml(path, name="x.yaml")

    assert tree is None
    assert [problem.line for problem in problems[:-1]] == list(range(1, 51))
    assert problems[-1].code.value == "YML016"


def test_a_utf8_mark_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffoffice: 曹回镇\r\nadmin: 张三\r\n".encode())

    tree, problems = read_yaml(path, name="x.yaml")

    assert problems == []
    assert tree is not None
    assert plain(tree) == {"office": "曹回镇", "admin": "张三"}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("a: 'x\nb: 1\n", 1, "引号"),
        ("a: [1, 2\nb: 3\n", 1, "方括号"),
        ("a: {b: 1\n", 1, "花括号"),
        ("a: 1\nstray\nb: 2\n", 2, "缺少冒号"),
        ("office：曹回\nb: 1\n", 1, "全角冒号"),
        ("a:\n　b: 1\n  c: 2\n", 2, "全角空格"),
        ("a: {unit}走访\n", 1, "以 { 开头"),
        ("a: b: c\n", 1, "多了一个冒号"),
        ("a: @x\n", 1, "特殊符号"),
        ('a: "\\q"\n', 1, "反斜杠"),
        ('a: "\\UFFFFFFFF"\n', 1, "反斜杠"),
        ("- a\nb: 1\n", 2, "对齐"),
        ("a: 1\n...\nb: 2\n", 3, "多余的文字"),
        ("a: |x\n  y\n", 1, "| 或 >"),
    ],
)
def test_the_parsers_complaint_becomes_a_chinese_sentence(text: str, line: int, word: str) -> None:
    sheet = Sheet("x.yaml")

    assert parse_yaml(text, sheet) is None
    assert [problem.line for problem in sheet.problems] == [line]
    assert word in sheet.problems[0].message


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@`?, \n\\x0uU曹：　<~"), max_size=60))
def test_any_text_gives_a_tree_or_a_problem_with_either_parser(text: str) -> None:
    for loader in LOADERS:
        sheet = Sheet("x.yaml")
        tree = parse_yaml(text, sheet, loader=loader)
        assert tree is not None or sheet.problems
