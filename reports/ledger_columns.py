"""The columns of a ledger in their customary order, and each cell as a plain value: text, number, day or some names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from models.occurrence import OccurrenceState
from reports.conditions import SOON_WORKDAYS, STATE_WORDS
from reports.ledger import LedgerLine, MeasureName
from reports.occurrences import OccurrenceLine
from reports.sentences import KINDS

Value = str | int | date | tuple[str, ...] | None

MOST_MEASURES = 6
"""Measures that get a column each; of more, each line tells its own in one column."""

_WORDS = {**STATE_WORDS, "reviewed": "已复核"}

_MOST_TEXT = 16_000
"""Characters of a cell; a sheet holds 32,767, and counts those beyond the sixteen bits twice."""
_UNWRITABLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]+"
)
"""What no sheet may hold (XML 1.0, 2.2), and marks that turn or hide the words after them."""


@dataclass(frozen=True, slots=True)
class Column:
    """``width`` counts Latin characters, as sheets do: two for each Chinese one."""

    heading: str
    width: float
    value: Callable[[LedgerLine], Value]
    centred: bool = False
    toned: bool = False  # bears the colour of the line's state, beside its word
    printed: bool = True


def columns(as_of: date, measures: Sequence[MeasureName]) -> tuple[Column, ...]:
    """All but the running number, which the writer counts. The last one names the row for whoever takes the sheet in."""
    return (
        Column("类别", 5.5, lambda one: KINDS.get(one.line.kind, one.line.kind), centred=True),
        Column("事项", 28, lambda one: one.line.title),
        Column("责任领导", 7.5, lambda one: one.overseers, centred=True),
        Column("责任单位", 11, lambda one: one.line.unit_name, centred=True),
        Column("配合", 7.5, lambda one: one.partners, centred=True),
        Column("责任人", 7.5, lambda one: one.line.owners, centred=True),
        Column("原时限", 10.5, lambda one: one.line.original_due_on, centred=True),
        Column("现时限", 10.5, lambda one: one.line.due_on, centred=True),
        Column("延期次数", 4.5, lambda one: one.line.extensions or None, centred=True),
        Column("状态", 9, lambda one: _WORDS[state(one.line, as_of)], centred=True, toned=True),
        Column("逾期工作日", 6, overdue_workdays, centred=True, toned=True),
        Column("完成日期", 10.5, lambda one: one.line.done_on, centred=True),
        *_of_measures(measures),
        Column("佐证材料", 11, _proof),
        Column("验收人", 7.5, lambda one: one.verifiers, centred=True),
        Column("销号日期", 10.5, _signed_off, centred=True),
        Column("依据", 14, lambda one: one.line.basis),
        Column("备注", 16, lambda one: "；".join(_remarks(one))),
        Column("编号", 20, lambda one: one.line.ref, printed=False),
    )


def state(line: OccurrenceLine, as_of: date) -> str:
    """The one code that says where the line stands: of STATE_WORDS, or ``reviewed``."""
    if line.state == OccurrenceState.DONE:
        return "late" if line.late else "reviewed" if line.standing else "done"
    if line.state != OccurrenceState.OPEN:
        return line.state
    if line.extension_to is not None:
        return "extension-pending"
    if line.overdue:
        return "overdue"
    if line.awaiting_notice:
        return "awaiting"
    if line.due_on < as_of:
        return "silent"
    if line.due_on == as_of:
        return "today"
    return "soon" if line.workdays_left <= SOON_WORKDAYS else "open"


def overdue_workdays(one: LedgerLine) -> int | None:
    """Up to today for what is owed, up to its completion for what was late; none after a rest day alone."""
    late = -one.line.workdays_left if one.line.overdue else one.late_workdays
    return late if late > 0 else None


def written(value: Value, *, between: str = "、") -> str | int | date | None:
    """The value as a cell can hold it, None for one that says nothing; ``between`` stands between names."""
    if isinstance(value, tuple):
        value = between.join(value)
    if not isinstance(value, str):
        return value
    kept = _UNWRITABLE.sub("", value)
    return (kept if len(kept) <= _MOST_TEXT else f"{kept[:_MOST_TEXT]}…") or None


def _of_measures(measures: Sequence[MeasureName]) -> Iterator[Column]:
    if len(measures) > MOST_MEASURES:
        yield Column("完成指标", 13, lambda one: _counted(one, measures))
        return
    for measure in measures:
        heading = f"{measure.name}（{measure.unit}）" if measure.unit else measure.name
        yield Column(heading, 8, _measured(measure.name), centred=True)


def _measured(name: str) -> Callable[[LedgerLine], Value]:
    return lambda one: one.measures.get(name)


def _counted(one: LedgerLine, measures: Sequence[MeasureName]) -> str:
    return "、".join(f"{each.name}{one.measures[each.name]}{each.unit}" for each in measures if each.name in one.measures)


def _proof(one: LedgerLine) -> Value:
    if not one.evidence and one.line.state == OccurrenceState.DONE and not one.line.proved:
        return "无"
    return one.evidence


def _signed_off(one: LedgerLine) -> Value:
    if one.signed_off_on is not None:
        return one.signed_off_on
    return "待销号" if one.line.state == OccurrenceState.DONE and one.line.sign_off_needed else None


def _remarks(one: LedgerLine) -> Iterator[str]:
    line = one.line
    if line.standing:
        yield "长期坚持"
    if line.stagnant:
        yield STATE_WORDS["stagnant"]
    if line.state == OccurrenceState.OPEN and line.provisional:
        yield "暂定，放假安排未公布"
    if line.extension_to is not None:
        yield f"申请延至{line.extension_to}"
    if line.explanation:
        yield line.explanation
    if one.nothing_to_report:
        yield "本期无，报平安"
    if one.note:
        yield one.note
