"""试算: the next days of a rule that somebody is typing, before anything else of the duty is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from config.duty_reader import SHIFTS
from config.editing.spelling import Value, content_of, field_lines
from config.fields import top_section
from config.problems import Code, Problem, Sheet
from config.rule_reader import read_rule
from config.strict_yaml import parse_yaml
from planning.dates import dues
from planning.due import Due
from planning.duty import Duty, Kind, Party, Shift
from planning.workdays import Workdays

_WHAT = "这个事项"


@dataclass(frozen=True, slots=True)
class Trial:
    dues: tuple[Due, ...]
    problems: tuple[Problem, ...]  # why there are none


def try_rule(rule: Value, shift: str, *, workdays: Workdays, years: Iterable[int], on: date, count: int) -> Trial:
    """The next ``count`` due days from ``on``, in these years. ``shift`` empty: the rule's own."""
    sheet = Sheet("时限规则")
    lines = [*field_lines("rule", content_of(rule)), *(field_lines("shift", shift) if shift else [])]
    tree = parse_yaml("\n".join(lines) + "\n", sheet)
    section = top_section(tree, sheet, _WHAT, "rule: 3月底")
    if section is None:
        return Trial((), tuple(sheet.problems))
    section.require("rule")
    read = read_rule(section)
    chosen = section.choice("shift", SHIFTS, read.shift.value if read else "none")
    if read is None or sheet.errors:
        return Trial((), tuple(sheet.problems))
    duty = Duty(key="trial", kind=Kind.ROUTINE, title="", rule=read.rule, owner=Party(), ladder=(), shift=Shift(chosen))
    try:
        found = dues(duty, years=years, workdays=workdays)
    except ValueError as error:  # a rule that can be read and yields no day, as an RRULE may be
        sheet.error(Code.RULE_VALUE, section.line("rule"), str(error).rstrip("。"), "改正时限规则")
        return Trial((), tuple(sheet.problems))
    ahead = sorted((due for due in found if due.on >= on), key=lambda due: due.on)
    return Trial(tuple(ahead[:count]), ())
