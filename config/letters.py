"""letters.yaml: the office's 催办单 and 督办单. Without the file, those that come with the program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path

from config.fields import Section, top_section
from config.problems import Code, Problem, did_you_mean, shown
from config.problems import Sheet as Faults
from config.schema_parts import Schema, choice, document, listed, mapping, text
from config.strict_yaml import read_yaml
from planning.duty import Role
from planning.sheets import LAMPS, PLACEHOLDERS, Sheet

FILE = "letters.yaml"
ROLE_NAMES = {
    Role.OWNER.value: "承办人",
    Role.PARTNER.value: "配合人",
    Role.OVERSEER.value: "分管领导",
    Role.LEADER.value: "主要领导",
    Role.VERIFIER.value: "验收人",
}
_LONGEST_HEADING = 12
_STEP = r"[Tt]\s*\+\s*(?P<days>[1-9][0-9]{0,2})"
_BRACED = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Letters:
    """What letters.yaml says. A sheet with a fault is left out: what it was for is told in the usual form."""

    sheets: tuple[Sheet, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_letters(home: Path) -> Letters:
    """Read the file of the home, or the one that comes with the program."""
    if not (home / FILE).exists():
        return Letters(standard_sheets())
    return _read(home / FILE)


@cache
def standard_sheets() -> tuple[Sheet, ...]:
    with as_file(files("config") / "standard" / FILE) as path:
        return _read(path).sheets


def letters_schema() -> Schema:
    sentence = "；可写 " + " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    one = {
        "from": text("从逾期第几个工作日起，如 T+1", pattern=rf"^\s*{_STEP.replace('?P<days>', '?:')}\s*$"),
        "to": {**listed("发给谁时用", choice("角色", ROLE_NAMES), unique=True), "minItems": 1},
        "lamp": {"enum": list(LAMPS), "description": "灯"},
        "heading": text("名称，如 催办单", longest=_LONGEST_HEADING),
        "opening": text(f"事由{sentence}"),
        "demand": text(f"要求{sentence}"),
        "closing": text(f"说明{sentence}"),
    }
    needed = ["from", "to", "lamp", "heading"]
    sheets = listed("催办单、督办单", mapping("一种单子", one, needed))
    return document("催办单和督办单", mapping(FILE, {"sheets": sheets}, ["sheets"]))


def _read(path: Path) -> Letters:
    tree, problems = read_yaml(path, name=FILE)
    faults = Faults(FILE)
    faults.take(problems)
    top = top_section(tree, faults, "文件", "sheets:")
    if top is None:
        return Letters(standard_sheets(), tuple(faults.problems))
    top.require("sheets")
    found: dict[tuple[int, Role], int] = {}
    sheets = []
    for section in top.sections("sheets", "单子"):
        before = faults.errors
        sheet = _sheet(section)
        _refuse_doubles(section, sheet, found)
        if faults.errors == before:
            sheets.append(sheet)
    top.close()
    unread = faults.errors and not found  # nothing in it can be made out: better the usual words than none
    return Letters(standard_sheets() if unread else tuple(sheets), tuple(faults.problems))


def _sheet(section: Section) -> Sheet:
    section.require("from", "to", "lamp", "heading")
    sheet = Sheet(
        from_workday=_from(section),
        to=_roles(section),
        lamp=section.choice("lamp", dict.fromkeys(LAMPS, ""), LAMPS[-1]),
        heading=section.text("heading", longest=_LONGEST_HEADING),
        opening=_sentence(section, "opening"),
        demand=_sentence(section, "demand"),
        closing=_sentence(section, "closing"),
    )
    section.close()
    return sheet


def _from(section: Section) -> int:
    written = section.text("from")
    step = re.fullmatch(_STEP, written.strip())
    if written and step is None:
        section.error(Code.FIELD_NUMBER, "from", f"{shown(written)} 不是逾期的工作日数", "写成 T+1、T+3 这样")
    return int(step["days"]) if step is not None else 1


def _roles(section: Section) -> frozenset[Role]:
    found = set()
    named = section.texts("to")
    if section.get("to") is not None and not named:
        section.error(Code.FIELD_MISSING, "to", "没有写发给谁", "写成 to: [overseer, leader] 这样")
    for name in named:
        if name in ROLE_NAMES:
            found.add(Role(name))
            continue
        listed_roles = "、".join(f"{role} {meaning}" for role, meaning in ROLE_NAMES.items())
        hint = did_you_mean(name, ROLE_NAMES, otherwise=f"可写：{listed_roles}")
        section.error(Code.FIELD_CHOICE, "to", f"里不认识的角色 {shown(name)}", hint)
    return frozenset(found)


def _sentence(section: Section, name: str) -> str:
    written = section.text(name)
    for braced in _BRACED.findall(written):
        if braced not in PLACEHOLDERS:
            listed_names = "、".join(f"{{{known}}}" for known in PLACEHOLDERS)
            hint = did_you_mean(braced, PLACEHOLDERS, otherwise=f"可写：{listed_names}")
            section.error(Code.FIELD_CHOICE, name, f"里不认识的代称 {shown(f'{{{braced}}}')}", hint)
    return written


def _refuse_doubles(section: Section, sheet: Sheet, found: dict[tuple[int, Role], int]) -> None:
    """Two sheets for one role on one day: nobody could say which is meant."""
    for role in sorted(sheet.to):
        place = (sheet.from_workday, role)
        if place in found:
            message = f"与第{found[place]}行的单子都从 T+{sheet.from_workday} 起发给{ROLE_NAMES[role]}"
            section.sheet.error(Code.FIELD_TWICE, section.node.line, message, "改一个 from，或从其中一张的 to 里去掉")
        found.setdefault(place, section.node.line)
