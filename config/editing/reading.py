"""One rule or one ladder read alone, as the reader of the files reads it, without the rest of its duty."""

from __future__ import annotations

from dataclasses import dataclass

from config.duty_reader import SHIFTS
from config.editing.spelling import Content, field_lines
from config.fields import Section, top_section
from config.ladder_reader import read_ladder
from config.problems import Problem, Sheet
from config.rule_reader import read_rule
from config.strict_yaml import parse_yaml
from planning.duty import Shift, Step
from planning.rules import DateRule

_WHAT = "这个事项"


@dataclass(frozen=True, slots=True)
class OneRule:
    rule: DateRule | None  # None: it cannot be read
    shift: Shift = Shift.NONE
    as_written: str = ""  # the office's own words (3月底); empty for a rule in fields
    problems: tuple[Problem, ...] = ()


def read_one_rule(content: Content, shift: str) -> OneRule:
    """The rule with where it goes from a rest day; ``shift`` empty: the rule's own."""
    sheet = Sheet("时限规则")
    section = _section([*field_lines("rule", content), *(field_lines("shift", shift) if shift else [])], sheet, "rule: 3月底")
    if section is None:
        return OneRule(None, problems=tuple(sheet.problems))
    section.require("rule")
    read = read_rule(section)
    chosen = section.choice("shift", SHIFTS, read.shift.value if read else Shift.NONE.value)
    if read is None or sheet.errors:
        return OneRule(None, problems=tuple(sheet.problems))
    return OneRule(read.rule, Shift(chosen), read.as_written)


def read_one_ladder(content: Content) -> tuple[Step, ...] | None:
    """The steps of a ladder that is written out; None when it is a name, or cannot be read."""
    section = _section(field_lines("ladder", content), Sheet("提醒阶梯"), "ladder: T-3 T0")
    return None if section is None else read_ladder(section, "ladder", {})


def _section(lines: list[str], sheet: Sheet, example: str) -> Section | None:
    return top_section(parse_yaml("\n".join(lines) + "\n", sheet), sheet, _WHAT, example)
