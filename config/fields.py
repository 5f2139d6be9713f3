"""Reading named fields: each asked for by name and kind, every fault noted with its line, unknown names at the end.

A :class:`Section` is one mapping of a file. Its methods return the default after noting a fault, so that the
reader goes on and reports everything at once; whether the value can be used is told by ``sheet.errors``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Names
from datetime import date, time

from config.nodes import Mapping, Node, Scalar, Sequence
from config.problems import Code, Sheet, did_you_mean, shown
from planning.wording import normalise
from planning.written import read_date

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LONGEST = 200  # characters of a title or name
LONGEST_NOTE = 4000
EARLIEST_YEAR, LATEST_YEAR = 1990, 2199  # what an office's dates can be; further off it is a slip of the finger
_FIELD = re.compile(r"[a-z_]{1,30}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_MANY = 10_000  # items of one list


class Section:
    """One mapping of a file; ``what`` names it in sentences (事项 study-law).

    ``discreet``: no sentence repeats a value, because somebody may have pasted a secret into the wrong field.
    """

    def __init__(self, node: Mapping, sheet: Sheet, what: str, *, discreet: bool = False) -> None:
        self.node = node
        self.sheet = sheet
        self.what = what
        self.discreet = discreet
        self.values = {name.text: value for name, value in node.entries}
        self.names = {name.text: name for name, _ in node.entries}
        self.asked: set[str] = set()

    # -- what is there -----------------------------------------------------------------------------

    def get(self, name: str) -> Node | None:
        """Return the value as it stands; None when it is missing or blank."""
        self.asked.add(name)
        value = self.values.get(name)
        return None if value is None or (isinstance(value, Scalar) and value.blank) else value

    def line(self, name: str) -> int:
        """Return the line of a field, or of the section where the field is missing."""
        return self.names[name].line if name in self.names else self.node.line

    def error(self, code: Code, name: str, message: str, hint: str) -> None:
        self.sheet.error(code, self.line(name), f"{self.what}的 {name} {message}", hint, field=name, fault=message)

    def require(self, *names: str) -> None:
        for name in names:
            if self.get(name) is not None:
                continue
            if name in self.values:
                self.error(Code.FIELD_MISSING, name, "是空的", f"填上 {name} 的值")
            else:
                message, hint = f"{self.what}缺少 {name}", f"补上一行 {name}: …"
                self.sheet.error(Code.FIELD_MISSING, self.node.line, message, hint, field=name, fault="没有填写")

    def quoted(self, value: str) -> str:
        """The value as a sentence may show it."""
        return "所写的值" if self.discreet else shown(value)

    def close(self, *, also: Iterable[str] = ()) -> None:
        """Report names that nobody asked for."""
        known = self.asked | set(also)
        for name, node in self.names.items():
            if name not in known:
                hint = did_you_mean(name, known, otherwise="可用的字段：" + "、".join(sorted(known)))
                seen = "" if self.discreet and not _FIELD.fullmatch(name) else f" {shown(name)}"
                self.sheet.error(Code.FIELD_UNKNOWN, node.line, f"{self.what}里不认识的字段{seen}", hint)

    # -- one value ---------------------------------------------------------------------------------

    def text(self, name: str, default: str = "", *, longest: int = LONGEST, lines: bool = False) -> str:
        value = self.get(name)
        return default if value is None else self._text_of(value, name, longest=longest, lines=lines) or default

    def key(self, name: str) -> str | None:
        """Return a key that may stand in files, addresses and the database; None after noting why not."""
        value = self.text(name, longest=LONGEST_NOTE)
        if not value:
            return None
        if KEY.fullmatch(value):
            return value
        self.error(
            Code.FIELD_KEY,
            name,
            f"{self.quoted(value)} 不能作代号",
            "只用小写英文字母、数字和短横，以字母或数字开头，最多60个字符",
        )
        return None

    def choice(self, name: str, known: Names[str, str], default: str) -> str:
        """One of ``known``: what is written -> what it means in Chinese."""
        value = self.text(name, longest=LONGEST_NOTE)
        if not value or value in known:
            return value or default
        listed = "、".join(f"{word}({meaning})" if meaning else word for word, meaning in known.items())
        meant = {meaning: word for word, meaning in known.items()}.get(value)
        hint = f"是不是 {meant}?" if meant else did_you_mean(value, known, otherwise=f"可写：{listed}")
        self.error(Code.FIELD_CHOICE, name, f"{self.quoted(value)} 不在可选范围内", hint)
        return default

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, longest=LONGEST_NOTE)
        if value and value not in {"true", "false"}:
            self.error(Code.FIELD_FLAG, name, f"{self.quoted(value)} 不是 true 或 false", "写 true（是）或 false（否）")
            return default
        return value == "true" if value else default

    def whole(self, name: str, default: int, *, least: int, most: int) -> int:
        value = self.text(name, longest=LONGEST_NOTE)
        return default if not value else self.whole_of(value, name, default, least=least, most=most)

    def whole_of(self, value: str, name: str, default: int, *, least: int, most: int) -> int:
        plain = normalise(value).strip()
        if not _WHOLE.fullmatch(plain):
            self.error(Code.FIELD_NUMBER, name, f"{self.quoted(value)} 不是整数", f"写 {least} 到 {most} 之间的整数")
            return default
        if not least <= int(plain) <= most:
            self.error(Code.FIELD_NUMBER, name, f"{self.quoted(value)} 超出范围", f"写 {least} 到 {most} 之间的整数")
            return default
        return int(plain)

    def day(self, name: str) -> date | None:
        """Return a calendar day in any of the ways offices write one."""
        value = self.text(name)
        return self.day_of(value, name) if value else None

    def day_of(self, value: str, name: str) -> date | None:
        hint = "写成 2026-03-01 这样的日期"
        try:
            found = read_date(value)
        except ValueError as error:
            self.error(Code.FIELD_DATE, name, f"{self.quoted(value)} 不存在：{error}", hint)
            return None
        if found is None or not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
            self.error(Code.FIELD_DATE, name, f"{self.quoted(value)} 不是 {EARLIEST_YEAR} 到 {LATEST_YEAR} 年间的日期", hint)
            return None
        return found

    def clock(self, name: str, default: time) -> time:
        value = self.text(name)
        if not value:
            return default
        found = _CLOCK.fullmatch(normalise(value).strip())
        if found:
            return time(int(found[1]), int(found[2]))
        self.error(Code.FIELD_TIME, name, f"{self.quoted(value)} 不是一个时间", '写成 "08:45" 这样的24小时制时间')
        return default

    # -- several values ----------------------------------------------------------------------------

    def items(self, name: str) -> tuple[Node, ...]:
        """Return the members of a list."""
        value = self.get(name)
        if value is None:
            return ()
        if not isinstance(value, Sequence):
            written = value.text if isinstance(value, Scalar) and not self.discreet else "…"
            self.error(Code.FIELD_SHAPE, name, "应当是一个列表", f"写成 {name}: [{written[:20]}]，或每项一行、以短横开头")
            return ()
        if len(value.items) > _MANY:
            self.error(Code.FIELD_SHAPE, name, f"有 {len(value.items)} 项，太多", f"最多 {_MANY} 项")
            return ()
        return value.items

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts, each once."""
        found: dict[str, None] = {}
        for item in self.items(name):
            text = self._text_of(item, name)
            if text in found:
                self.sheet.error(Code.FIELD_TWICE, item.line, f"{self.what}的 {name} 里 {self.quoted(text)} 写了两次", "留一个")
            elif text:
                found[text] = None
        return tuple(found)

    def wholes(self, name: str, default: tuple[int, ...], *, least: int, most: int, longest: int) -> tuple[int, ...]:
        """Return a list of whole numbers; the default after noting that it is empty, too long or not all numbers."""
        if self.get(name) is None:
            return default
        before, items = self.sheet.errors, self.items(name)
        found = [self.whole_of(self._text_of(item, name), name, least, least=least, most=most) for item in items]
        if self.sheet.errors == before and not 1 <= len(found) <= longest:
            self.error(Code.FIELD_SHAPE, name, f"有 {len(found)} 个数", f"写 1 到 {longest} 个数，如 {name}: [{least}, {most}]")
        return tuple(found) if self.sheet.errors == before else default

    def sections(self, name: str, what: str) -> tuple[Section, ...]:
        """Return a list of mappings."""
        found = []
        for item in self.items(name):
            if isinstance(item, Mapping):
                found.append(Section(item, self.sheet, what, discreet=self.discreet))
            else:
                hint = f"每项写成 - {{字段： 值}} 的样子，看样例里的 {name}"
                self.sheet.error(Code.FIELD_SHAPE, item.line, f"{self.what}的 {name} 里这一项应当是一组字段", hint)
        return tuple(found)

    def section(self, name: str, what: str) -> Section | None:
        """Return a mapping within this one."""
        value = self.get(name)
        if value is None or isinstance(value, Mapping):
            return None if value is None else Section(value, self.sheet, what, discreet=self.discreet)
        self.error(Code.FIELD_SHAPE, name, "应当是一组字段", f"写成 {name}: {{字段： 值}}")
        return None

    def _text_of(self, node: Node, name: str, *, longest: int = LONGEST, lines: bool = False) -> str:
        """Return the text of a node; empty after noting that it is none, too long or has hidden characters."""
        if not isinstance(node, Scalar):
            hint = "直接写文字；以 { 或 [ 开头的文字要加引号"
            self.sheet.error(Code.FIELD_SHAPE, node.line, f"{self.what}的 {name} 应当是一段文字", hint)
            return ""
        text = node.text.strip()
        if len(text) > longest:
            self.sheet.error(Code.FIELD_TEXT, node.line, f"{self.what}的 {name} 有 {len(text)} 个字", f"最多 {longest} 个字")
            return ""
        flat = text.replace("\n", "") if lines else text
        if not flat.isprintable() and any(not (c.isprintable() or c in "\u3000\u00a0") for c in flat):
            hint = "写在一行里，删去看不见的字符"
            self.sheet.error(Code.FIELD_TEXT, node.line, f"{self.what}的 {name} 含有换行或看不见的字符", hint)
            return ""
        return text


def top_section(node: Node | None, sheet: Sheet, what: str, example: str) -> Section | None:
    """Return the file's outermost mapping; notes it when the file holds something else."""
    if node is None:
        return None
    if isinstance(node, Mapping):
        return Section(node, sheet, what)
    wide = "检查冒号：要用半角冒号，后面留一个空格" if isinstance(node, Scalar) and "：" in node.text else f"按样例写成 {example}"
    sheet.error(Code.FIELD_SHAPE, node.line, f"{what}的最外层应当是「字段： 值」", wide)
    return None
