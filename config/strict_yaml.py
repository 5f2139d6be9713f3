"""YAML as text only, read so strictly that nothing is guessed (ASVS 5.0 1.5.x).

Refused with a sentence and a line: fields written twice, anchors, aliases and merge keys, tags, more than one
document, more than 20 levels, and whatever :mod:`config.file_text` refuses. Every value stays text: ``no``,
``0755`` and ``12:30`` mean themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from config.file_text import read_text
from config.nodes import Mapping, Node, Scalar, Sequence
from config.problems import Code, Problem, Sheet, shown
from config.yaml_faults import explain

DEEPEST = 20
MOST_FAULTS = 50

# libyaml where it is built in, else the same grammar in Python
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Stop(Exception):  # noqa: N818 - not an error of the program: the file cannot be read any further
    """The problem is on the sheet; the rest of the file makes no sense."""


def read_yaml(path: Path, *, name: str) -> tuple[Node | None, list[Problem]]:
    """Read one file; ``name`` is what the problems call it. The tree is None when the file makes no sense at all.

    A tree beside problems is possible: a field written twice spoils only the lists and mappings around it, which
    are then not ``sound``.
    """
    sheet = Sheet(name)
    text = read_text(path, sheet)
    tree = None if text is None else parse_yaml(text, sheet)
    return tree, sheet.problems


def parse_yaml(text: str, sheet: Sheet, *, loader: Any = None) -> Node | None:  # noqa: ANN401 - PyYAML's loaders share no type
    """Build the tree of a clean text; None after a fault that leaves nothing to trust."""
    try:
        return _Builder(text, sheet, loader or _LOADER).document()
    except _Stop:
        return None
    except yaml.MarkedYAMLError as error:
        explain(error, text, sheet)
        return None
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # e.g. an escape beyond the last code point
        sheet.error(Code.SYNTAX, None, f"文件不合 YAML 的写法（{type(error).__name__}）", "与样例逐行对照")
        return None


class _Builder:
    def __init__(self, text: str, sheet: Sheet, loader: Any) -> None:  # noqa: ANN401 - as above
        self.sheet = sheet
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=loader))

    def document(self) -> Node | None:
        next(self.events)  # the stream's start
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            self.sheet.error(Code.FILE_EMPTY, None, "文件里只有注释，没有内容", "按样例填写")
            return None
        tree = self._node(next(self.events), 1)
        next(self.events)  # the document's end
        more = next(self.events)
        if not isinstance(more, yaml.StreamEndEvent):
            line = more.start_mark.line + 1
            self.sheet.error(Code.MORE_DOCUMENTS, line, "这一行的 --- 开始了第二份文档", "一个文件只写一份，去掉 --- 这一行")
            return None
        return tree

    def _node(self, event: Any, depth: int) -> Node:  # noqa: ANN401 - PyYAML's events share no type
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if depth > DEEPEST:
            self.sheet.error(Code.TOO_DEEP, line, f"嵌套超过 {DEEPEST} 层", "检查是不是多打了括号或缩进")
            raise _Stop
        self._refuse_tricks(event, line)
        if isinstance(event, yaml.AliasEvent):
            return Scalar("", line, column)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, line, column, plain=event.style in {None, ""})
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(line, column, depth)
        return self._mapping(line, column, depth)

    def _sequence(self, line: int, column: int, depth: int) -> Sequence:
        before = self.sheet.errors
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return Sequence(tuple(items), line, column, sound=self.sheet.errors == before)

    def _mapping(self, line: int, column: int, depth: int) -> Mapping:
        before = self.sheet.errors
        entries: dict[str, tuple[Scalar, Node]] = {}
        twice: set[str] = set()
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            name = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(name, Scalar):
                self._fault(Code.COMPLEX_NAME, name.line, "字段名不是一段文字", "以 { 或 [ 开头的文字要加引号")
            elif name.plain and name.text == "<<":
                self._fault(Code.ALIAS, name.line, "这里用了合并键 <<", "把要合并的内容直接写出来")
            elif name.text in entries:
                twice.add(name.text)
                first = entries[name.text][0].line
                self._fault(Code.DUPLICATE_NAME, name.line, f"字段 {shown(name.text)} 在第{first}行已经写过", "两处留一处")
            else:
                entries[name.text] = (name, value)
        return Mapping(tuple(entries.values()), line, column, self.sheet.errors == before, frozenset(twice))

    def _refuse_tricks(self, event: Any, line: int) -> None:  # noqa: ANN401 - PyYAML's events share no type
        if isinstance(event, yaml.AliasEvent):
            self._fault(Code.ALIAS, line, f"这里用了别名 *{event.anchor}", "把内容直接写出来；以 * 开头的文字要加引号")
            return
        if event.anchor is not None:
            self._fault(Code.ALIAS, line, f"这里用了锚点 &{event.anchor}", "去掉锚点；以 & 开头的文字要加引号")
        if event.tag is not None:
            self._fault(Code.TAG, line, f"这里用了 YAML 标签 {shown(event.tag)}", "去掉以 ! 开头的标签；以 ! 开头的文字要加引号")

    def _fault(self, code: Code, line: int, message: str, hint: str) -> None:
        if self.sheet.errors >= MOST_FAULTS:
            self.sheet.error(Code.TOO_MANY_FAULTS, line, f"问题超过 {MOST_FAULTS} 处，后面的不再读", "先改好前面的再检查一次")
            raise _Stop
        self.sheet.error(code, line, message, hint)
