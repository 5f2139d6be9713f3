"""试算: what a rule means that somebody is typing, and its next days, before anything else of the duty is known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from config.editing.reading import read_one_rule
from config.editing.spelling import Value, content_of
from config.problems import Code, Problem, Sheet
from planning.dates import dues
from planning.due import Due
from planning.duty import Duty, Kind, Party
from planning.rule_sentences import rule_sentence
from planning.workdays import Workdays


@dataclass(frozen=True, slots=True)
class Trial:
    dues: tuple[Due, ...]
    problems: tuple[Problem, ...] = ()  # why there are none
    sentence: str = ""  # what the rule means


def try_rule(rule: Value, shift: str, *, workdays: Workdays, years: Iterable[int], on: date, count: int) -> Trial:
    """The next ``count`` due days from ``on``, in these years. ``shift`` empty: the rule's own."""
    read = read_one_rule(content_of(rule), shift)
    if read.rule is None:
        return Trial((), read.problems)
    duty = Duty(key="trial", kind=Kind.ROUTINE, title="", rule=read.rule, owner=Party(), ladder=(), shift=read.shift)
    try:
        found = dues(duty, years=years, workdays=workdays)
    except ValueError as error:  # a rule that can be read and yields no day, as an RRULE may be
        sheet = Sheet("时限规则")
        sheet.error(Code.RULE_VALUE, 1, str(error).rstrip("。"), "改正时限规则")
        return Trial((), tuple(sheet.problems))
    ahead = sorted((due for due in found if due.on >= on), key=lambda due: due.on)
    return Trial(tuple(ahead[:count]), sentence=rule_sentence(read.rule, read.shift))
