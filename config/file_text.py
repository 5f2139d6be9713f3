"""From a path to clean text: refuses what is too large, wrongly encoded or has characters nobody can see."""

from __future__ import annotations

import re
import stat
from pathlib import Path

from config.problems import Code, Sheet, reason_of

LARGEST = 512 * 1024  # bytes; the whole calendar of a township has about 60 KB

# The YAML 1.1 printable set without the line ends that editors do not count (NEL, LS, PS): line numbers must agree.
_UNSEEN = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TAB_INDENT = re.compile(r"^ *\t", re.MULTILINE)
_UTF8_MARK = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")


def read_text(path: Path, sheet: Sheet, *, tabs: bool = False) -> str | None:
    """Return the text of a file, or None after noting why not. ``tabs`` allows them as indentation (JSON does)."""
    raw = _read_bytes(path, sheet)
    text = None if raw is None else _decode(raw, sheet)
    if text is None:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        sheet.error(Code.FILE_EMPTY, None, "文件是空的", "按 docs 里的样子填写，或运行 suishi init 在别处生成一份样例对照")
        return None
    unseen = _UNSEEN.search(text)
    if unseen:
        line = _line_at(text, unseen.start())
        sheet.error(
            Code.CONTROL_CHARACTER,
            line,
            f"这一行有看不见的控制字符（U+{ord(unseen.group()):04X}）",
            "删掉这一行重新输入，不要从 Word 或网页整段粘贴",
        )
        return None
    if not tabs:
        _refuse_tabs(text, sheet)
    return text if tabs or sheet.errors == 0 else None


def _read_bytes(path: Path, sheet: Sheet) -> bytes | None:
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            sheet.error(Code.FILE_UNREADABLE, None, "这不是一个普通文件", "换成一个文本文件")
            return None
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)  # one more than allowed tells too large without reading the rest
    except FileNotFoundError:
        sheet.error(Code.FILE_MISSING, None, "没有这个文件", "运行 suishi init 在别处生成一份样例，照样补上")
        return None
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "路径不合规"
        sheet.error(Code.FILE_UNREADABLE, None, f"文件读不出来（{reason}）", "检查文件的权限和所有者")
        return None
    if len(raw) > LARGEST:
        kilobytes = max(state.st_size, len(raw)) // 1024
        sheet.error(
            Code.FILE_TOO_LARGE,
            None,
            f"文件有 {kilobytes} KB，超过 512 KB 的上限",
            "检查是不是放错了文件；事项多可以分成几个文件",
        )
        return None
    return raw


def _decode(raw: bytes, sheet: Sheet) -> str | None:
    if raw.startswith(_WIDE_MARKS) or _looks_wide(raw):
        sheet.error(Code.UTF16, None, "文件是 UTF-16 编码，读不了", "用记事本打开，另存为，编码选 UTF-8")
        return None
    raw = raw.removeprefix(_UTF8_MARK)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    try:
        raw.decode("gb18030")
        guess = "文件是 GBK 编码，不是 UTF-8"
    except UnicodeDecodeError:
        guess = "文件不是 UTF-8 编码，这一行有坏字节"
    sheet.error(Code.NOT_UTF8, line, guess, "用记事本打开，另存为 UTF-8")
    return None


def _looks_wide(raw: bytes) -> bool:
    """Whether UTF-16 was saved without its mark: every other byte of the start is zero."""
    head = raw[:64]
    return len(head) >= 4 and (not any(head[1::2]) or not any(head[0::2]))  # noqa: PLR2004 - two characters of two bytes


def _refuse_tabs(text: str, sheet: Sheet) -> None:
    for count, tab in enumerate(_TAB_INDENT.finditer(text)):
        if count == 20:  # noqa: PLR2004 - enough to see that the whole file is so
            return
        sheet.error(Code.TAB, _line_at(text, tab.start()), "这一行用制表符(Tab)缩进", "把行首的 Tab 换成空格（每层两个）")


def _line_at(text: str, place: int) -> int:
    return text.count("\n", 0, place) + 1
