"""A duty's ladder as a form shows it, and back as the file shall hold it.

It is the usual one of the duty's kind, one of the office's by its name, or the duty's own, a row for each step. What
cannot be read is the kind :data:`TEXT`: the text itself. Whether the rows make a ladder is judged by the reader of the
files alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from config.editing.field_text import as_typed, from_typed
from config.editing.reading import read_one_ladder
from config.editing.spelling import Content, Value
from planning.duty import Step
from planning.ladder import ASSIGNED, read_step, steps_text
from planning.wording import normalise

USUAL, NAMED, OWN, TEXT = "usual", "named", "own", "text"
WHENS = ("before", "due", "after", ASSIGNED)
"""Workdays before the due day, that day, workdays after it, the day of the assignment."""

_WHAT = "提醒阶梯"


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step as it is filled in. ``days`` counts workdays before or after."""

    when: str = ""  # one of WHENS; empty: no step
    days: str = ""
    to: tuple[str, ...] = ()
    say: str = ""

    @property
    def at(self) -> str:
        """As the files name the moment: T-7, T0, T+3, assigned."""
        days = normalise(self.days)
        return {"before": f"T-{days}", "after": f"T+{days}", "due": "T0"}.get(self.when, self.when)


@dataclass(frozen=True, slots=True)
class LadderParts:
    kind: str
    name: str = ""  # of a ladder of the office
    rows: tuple[StepRow, ...] = ()
    text: str = ""

    def value(self) -> Value:
        """As the file holds it; empty for the usual one. Raises EditRefused (field_faulty)."""
        if self.kind == OWN:
            return _own(self.rows)
        if self.kind == NAMED:
            return self.name
        return from_typed(self.text, what=_WHAT) if self.kind == TEXT else ""


USUAL_LADDER = LadderParts(USUAL)


def ladder_parts_of(content: Content | None, names: Collection[str]) -> LadderParts:
    """What stands in a file. ``names`` are the office's ladders."""
    if not content:
        return USUAL_LADDER
    if isinstance(content, str) and content in names:
        return LadderParts(NAMED, name=content)
    steps = read_one_ladder(content)
    return LadderParts(TEXT, text=as_typed(content)) if steps is None else LadderParts(OWN, rows=rows_of(steps))


def rows_of(steps: Sequence[Step]) -> tuple[StepRow, ...]:
    return tuple(_row(step) for step in steps)


def ladder_text(rows: Sequence[StepRow]) -> str:
    """The rows as one line of text (T-7 T0 T+1=owner,overseer), without what they say."""
    return " ".join(_step_text(row) for row in rows)


def _row(step: Step) -> StepRow:
    when = ASSIGNED if step.offset is None else WHENS[(step.offset > 0) - (step.offset < 0) + 1]
    return StepRow(when, str(abs(step.offset)) if step.offset else "", tuple(role.value for role in step.audience), step.say)


def _own(rows: Sequence[StepRow]) -> Value:
    """In one line where no step says anything of its own; else a row for each."""
    if not any(row.say for row in rows):
        return ladder_text(rows)
    return [_mapping(row) for row in rows]


def _mapping(row: StepRow) -> Mapping[str, Value]:
    said: dict[str, Value] = {"say": row.say} if row.say else {}
    return {"at": row.at, **({"to": list(row.to)} if row.to else {}), **said}


def _step_text(row: StepRow) -> str:
    try:
        return steps_text([read_step(row.at, row.to or None)])
    except ValueError:  # what is no step is told by the reader of the file
        return f"{row.at}={','.join(row.to)}" if row.to else row.at
