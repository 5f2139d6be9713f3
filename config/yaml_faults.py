"""What the YAML parser complains of, said so that a clerk knows which line to mend."""

from __future__ import annotations

from collections.abc import Callable

import yaml

from config.problems import Code, Sheet

# a piece of the parser's message (or of its context) -> code, sentence, hint, whether the line of the context is the one to mend
_Told = tuple[Code, str, str, bool]
_FAULTS: tuple[tuple[str, _Told], ...] = (
    ("escape", (Code.SYNTAX, "双引号里的反斜杠写法不对", "改用单引号", False)),
    ("Unicode character code", (Code.SYNTAX, "双引号里的反斜杠写法不对", "改用单引号", False)),
    ("quoted scalar", (Code.CUT_OFF, "这一行的引号没有闭合", "补上另一半引号（要用半角引号）；文件可能没有存完整", True)),
    ("',' or ']'", (Code.CUT_OFF, "这一行的方括号 [ 没有闭合", "补上 ]（要用半角），各项之间用半角逗号", True)),
    ("',' or '}'", (Code.CUT_OFF, "这一行的花括号 { 没有闭合", "补上 }（要用半角）；以 { 开头的文字要整个加引号", True)),
    ("expected ':'", (Code.SYNTAX, "这一行缺少冒号", "写成「字段： 值」，冒号用半角，后面留一个空格", True)),
    (
        "mapping values are not allowed",
        (Code.SYNTAX, "这一行多了一个冒号，或缩进不对", "含冒号的文字要加引号；与上一行对齐", False),
    ),
    ("sequence entries are not allowed", (Code.SYNTAX, "这一行的短横 - 位置不对", "短横另起一行，与同级的短横对齐", False)),
    ("cannot start any token", (Code.SYNTAX, "这一行的值以特殊符号开头", "给整个值加上引号", False)),
    ("'-' indicator", (Code.SYNTAX, "这一行与上面的列表没有对齐", "同级的短横 - 要上下对齐", False)),
    ("block collection", (Code.SYNTAX, "这一行与上面的列表没有对齐", "同级的短横 - 要上下对齐", False)),
    (
        "expected key",
        (Code.SYNTAX, "这一行的缩进或写法与上文不一致", "同级的字段要上下对齐；含引号、冒号的文字要整个加引号", False),
    ),
    (
        "block mapping",
        (Code.SYNTAX, "这一行的缩进或写法与上文不一致", "同级的字段要上下对齐；含引号、冒号的文字要整个加引号", False),
    ),
    ("block end", (Code.SYNTAX, "这一行的缩进或写法与上文不一致", "同级的字段要上下对齐", False)),
    ("document start", (Code.SYNTAX, "这一行是多余的文字", "删掉，或按样例写成「字段： 值」", False)),
    ("alphabetic or numeric", (Code.SYNTAX, "这一行的值以 * 或 & 开头", "给整个值加上引号", False)),
    ("tag", (Code.TAG, "这一行的值以 ! 开头", "给整个值加上引号", False)),
    ("block scalar", (Code.SYNTAX, "| 或 > 后面的写法不对", "| 或 > 之后直接换行，再缩进写正文", False)),
    ("directive", (Code.SYNTAX, "这一行以 % 开头", "给整个值加上引号", False)),
)
_OTHERWISE: _Told = (Code.SYNTAX, "这一行附近不合 YAML 的写法", "与样例逐行对照：缩进、冒号后的空格、引号", False)


def explain(error: yaml.MarkedYAMLError, text: str, sheet: Sheet) -> None:
    """Put the parser's complaint on the sheet, at the line that must be mended."""
    said = f"{error.context or ''} {error.problem or ''}"
    code, message, hint, at_context = next((told for piece, told in _FAULTS if piece in said), _OTHERWISE)
    if "node content" in said and error.problem_mark and not text[error.problem_mark.index :].strip():
        code, message, hint = Code.CUT_OFF, "文件到这里就断了，括号没有闭合", "补全后面的内容；文件可能没有存完整"
    mark = error.context_mark if at_context and error.context_mark else error.problem_mark or error.context_mark
    lines = text.split("\n")
    line = min(mark.line + 1, len(lines)) if mark else 1
    slip = _slip(lines, line)
    if slip is not None:
        line, message, hint = slip
    sheet.error(code, line, message, hint)


def _slip(lines: list[str], line: int) -> tuple[int, str, str] | None:
    """Find the slips that Chinese keyboards and {unit} invite, in the line complained of or the one above."""
    for number in (line, line - 1):
        text = lines[number - 1] if number > 0 else ""
        for found, message, hint in _SLIPS:
            if found(text):
                return number, message, hint
    return None


_SLIPS: tuple[tuple[Callable[[str], bool], str, str], ...] = (
    (lambda text: text.lstrip(" ").startswith("\u3000"), "这一行的行首是全角空格", "换成半角空格"),
    (lambda text: "：" in text and ": " not in text, "这一行用了全角冒号「：」", "换成半角冒号，后面留一个空格"),
    (
        lambda text: ": {" in text and "}" in text and not text.rstrip().endswith("}"),
        "这一行的值以 { 开头，后面还有文字",
        "给整个值加上引号",
    ),
)
