"""holidays/: the years' workday tables (JSON, holiday-cn's schema) and local overrides."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile

from config.fields import EARLIEST_YEAR, LATEST_YEAR, Section
from config.file_text import read_text
from config.nodes import Mapping as MappingNode
from config.nodes import Node, Scalar, Sequence
from config.problems import Code, Problem, Sheet, in_order, reason_of, shown
from config.strict_yaml import parse_yaml, read_yaml
from planning.statutory import check_table
from planning.workdays import DayNote, TableError, Workdays, YearTable, builtin_years

FOLDER = "holidays"
LOCAL = "local.yaml"
_NAME = re.compile(r"[0-9]{4}\.json")
_ENTRY = re.compile(r"第([0-9]+)条")
_SCHEMA_HINT = (
    '写成 {"year": 2027, "papers": ["国办发明电…"], "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}'
)
_IMPORT_HINT = "对照国务院办公厅的通知改正，或用 suishi holidays import 重新导入；改好之前不采用这张表"


@dataclass(frozen=True, slots=True)
class Holidays:
    """The years known, and the days on which the office differs."""

    workdays: Workdays
    tables: Mapping[int, YearTable] = field(default_factory=dict)
    overrides: Mapping[date, DayNote] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def read_holidays(home: Path) -> Holidays:
    """Built-in years, over them the home's tables, over these the local days. A table with a fault is not used."""
    tables = builtin_years()
    sheets: list[Sheet] = []
    folder = home / FOLDER
    names = _names(folder, sheets)
    for path in (folder / name for name in names if _NAME.fullmatch(name)):
        sheet = Sheet(f"{FOLDER}/{path.name}")
        sheets.append(sheet)
        table = _read_table(path, sheet)
        if table is not None:
            tables[table.year] = table
    overrides: dict[date, DayNote] = {}
    if any(name == LOCAL for name in names):
        sheet = Sheet(f"{FOLDER}/{LOCAL}")
        sheets.append(sheet)
        overrides = _read_local(folder / LOCAL, sheet)
    problems = in_order(problem for sheet in sheets for problem in sheet.problems)
    return Holidays(Workdays(tables, overrides), tables, overrides, problems)


def write_table(home: Path, table: YearTable) -> Path:
    """Put a year's table into the home, whole or not at all; the table before stays beside it as ``.json.bak``."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{table.year}.json"
    text = json.dumps(table.to_json(), ensure_ascii=False, indent=2) + "\n"
    with NamedTemporaryFile("w", encoding="utf-8", dir=folder, prefix=".", suffix=".tmp", delete=False) as file:
        written = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            if path.exists():
                _keep_before(path)
            written.replace(path)
        except OSError:
            with suppress(OSError):
                written.unlink()
            raise
    _sync_folder(folder)
    return path


def _keep_before(path: Path) -> None:
    """A hard link, not a move: at no moment is the table itself missing."""
    backup = path.with_name(f"{path.name}.bak")
    backup.unlink(missing_ok=True)
    try:
        backup.hardlink_to(path)
    except OSError:  # file systems without hard links
        backup.write_bytes(path.read_bytes())


def _sync_folder(folder: Path) -> None:
    """Make the new name itself survive a power cut, where the system lets a folder be opened."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _names(folder: Path, sheets: list[Sheet]) -> list[str]:
    """The names in the folder, in order; those that look like a table and are none are reported."""
    sheet = Sheet(f"{FOLDER}/")
    sheets.append(sheet)
    try:
        names = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:  # the folder is not compulsory: the built-in years stand
        return []
    except OSError as error:
        sheet.error(Code.FILE_UNREADABLE, None, f"目录读不出来（{reason_of(error)}）", "检查目录的权限和所有者")
        return []
    for name in names:
        if name.lower().endswith((".json", ".yaml", ".yml")) and name != LOCAL and not _NAME.fullmatch(name):
            stray = Sheet(f"{FOLDER}/{name}")
            stray.error(Code.HOLIDAY_NAME, None, "文件名看不出是哪一年，没有读取", f"改名为 2027.json 这样，本地调整写在 {LOCAL}")
            sheets.append(stray)
    return names


# -- a year's table ----------------------------------------------------------------------------------


def _read_table(path: Path, sheet: Sheet) -> YearTable | None:
    text = read_text(path, sheet, tabs=True)
    content = None if text is None else _parse_json(text, sheet)
    if text is None or content is None:
        return None
    places = _Places.of(text, sheet.file)
    sheet.take(places.problems)
    if sheet.errors:
        return None
    try:
        table = YearTable.from_json(content, source=path.name)
    except TableError as error:
        for sentence in error.problems:
            sheet.error(Code.HOLIDAY_TABLE, places.line_of(sentence), sentence.rstrip("。"), _SCHEMA_HINT)
        return None
    if not EARLIEST_YEAR <= table.year <= LATEST_YEAR:
        sheet.error(Code.HOLIDAY_NAME, places.year, f"{table.year} 不是用得上的年份", _SCHEMA_HINT)
        return None
    if path.name != f"{table.year}.json":
        message = f"文件名是 {path.name}，里面写的却是 {table.year} 年"
        sheet.error(Code.HOLIDAY_NAME, places.year, message, f"改名为 {table.year}.json，或改正 year")
        return None
    errors, warnings = check_table(table)
    for sentence in errors:
        sheet.error(Code.HOLIDAY_TABLE, places.year, sentence.rstrip("。"), _IMPORT_HINT)
    for sentence in warnings:
        sheet.warning(Code.HOLIDAY_DOUBT, places.year, sentence.rstrip("。"), "对照国务院办公厅的通知核对")
    return None if errors else table


def _parse_json(text: str, sheet: Sheet) -> dict[str, object] | None:
    """Strict JSON, an object outermost."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        sheet.error(Code.SYNTAX, error.lineno, f"这里不合 JSON 的写法（第{error.colno}个字）", _SCHEMA_HINT)
        return None
    except (RecursionError, ValueError):  # brackets without end; a number of thousands of digits
        sheet.error(Code.SYNTAX, 1, "括号嵌套太深或数字太长，不是放假表", _SCHEMA_HINT)
        return None
    if isinstance(content, dict):
        return content
    sheet.error(Code.FIELD_SHAPE, 1, "最外层应当是一个 { } 对象", _SCHEMA_HINT)
    return None


@dataclass(frozen=True, slots=True)
class _Places:
    """Where things stand in a table's text. JSON is nearly YAML, so that the strict reader can tell."""

    year: int
    days: int
    entries: tuple[int, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def of(cls, text: str, file: str) -> _Places:
        sheet = Sheet(file)
        tree = parse_yaml(text, sheet)
        lines: dict[str, int] = {}
        entries: tuple[int, ...] = ()
        for name, value in tree.entries if isinstance(tree, MappingNode) else ():
            lines[name.text] = name.line
            if name.text == "days" and isinstance(value, Sequence):
                entries = tuple(item.line for item in value.items)
        twice = tuple(problem for problem in sheet.problems if problem.code is Code.DUPLICATE_NAME)
        return cls(lines.get("year", 1), lines.get("days", 1), entries, twice)

    def line_of(self, sentence: str) -> int:
        """Return the line of the entry that a sentence begins with (第3条…), else of what it speaks about."""
        found = _ENTRY.match(sentence)
        if found and int(found[1]) <= len(self.entries):
            return self.entries[int(found[1]) - 1]
        return self.days if "days" in sentence else self.year


# -- local days --------------------------------------------------------------------------------------


def _read_local(path: Path, sheet: Sheet) -> dict[date, DayNote]:
    tree, problems = read_yaml(path, name=sheet.file)
    sheet.take(problems)
    found: dict[date, DayNote] = {}
    for item in _rows(tree, sheet):
        section = Section(item, sheet, "本地调整")
        before = sheet.errors
        section.require("date", "off", "reason")
        day, off, reason = section.day("date"), section.flag("off", default=True), section.text("reason", longest=60)
        section.close()
        if day in found:
            section.error(Code.HOLIDAY_DAY, "date", f"{day} 前面已经写过", "同一天只写一次")
        elif day is not None and sheet.errors == before and item.sound:
            found[day] = DayNote(name=reason, off=off)
    return found


def _rows(tree: Node | None, sheet: Sheet) -> list[MappingNode]:
    hint = "写成 - {date: 2026-08-10, off: true, reason: 停工令}"
    if tree is None or (isinstance(tree, Scalar) and tree.blank):
        return []
    if not isinstance(tree, Sequence):
        sheet.error(Code.FIELD_SHAPE, tree.line, "最外层应当是一个列表", hint)
        return []
    for item in tree.items:
        if not isinstance(item, MappingNode):
            written = shown(item.text) if isinstance(item, Scalar) else "这一项"
            sheet.error(Code.FIELD_SHAPE, item.line, f"{written}应当是一组字段", hint)
    return [item for item in tree.items if isinstance(item, MappingNode)]
