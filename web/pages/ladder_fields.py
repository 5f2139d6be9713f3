"""The ladder of a form: which one, or its own steps, a row for each, as they come back from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.editing.ladder_parts import NAMED, OWN, TEXT, USUAL, WHENS, LadderParts, StepRow
from planning.ladder_sentences import ROLE_NAMES
from web.typed import plain_lines

LADDER_KIND_WORDS = {USUAL: "照常用的", NAMED: "另选一条", OWN: "自己定"}
WHEN_WORDS = dict(zip(WHENS, ("提前", "到期当天", "逾期", "交办当天"), strict=True))
_SPARE_STEPS = 3
_MOST_STEPS = 30
_KINDS = frozenset({USUAL, NAMED, OWN, TEXT})


def typed_ladder(typed: Mapping[str, str]) -> LadderParts:
    """What was chosen; a form without kinds sends the text alone, which may be empty or a name."""
    kind = typed.get("ladder_kind", TEXT)
    if kind == NAMED:
        return LadderParts(NAMED, name=typed.get("ladder_name", ""))
    if kind == OWN:
        return LadderParts(OWN, rows=typed_rows(typed, "step"))
    text = plain_lines(typed.get("ladder", ""))
    return LadderParts(TEXT, text=text) if kind not in _KINDS or (kind == TEXT and text) else LadderParts(USUAL)


def typed_rows(typed: Mapping[str, str], prefix: str) -> tuple[StepRow, ...]:
    """The rows that say when."""
    rows = (_row(typed, f"{prefix}-{at}") for at in range(_MOST_STEPS))
    return tuple(row for row in rows if row.when)


def _row(typed: Mapping[str, str], prefix: str) -> StepRow:
    when = typed.get(f"{prefix}-when", "")
    if when not in WHENS:
        return StepRow()
    days = typed.get(f"{prefix}-days", "").strip() if when in {"before", "after"} else ""
    to = tuple(role.value for role in ROLE_NAMES if typed.get(f"{prefix}-to-{role.value}"))
    return StepRow(when, days, to, plain_lines(typed.get(f"{prefix}-say", "")))


def with_spare(rows: Sequence[StepRow]) -> tuple[StepRow, ...]:
    """The rows, and some empty ones to fill in."""
    return (*rows, *(StepRow() for _ in range(_SPARE_STEPS)))
