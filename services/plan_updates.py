"""What a plan changes besides dates, by kind of change: who comes and goes, silence, titles, the ladder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from planning.changes import Change
from planning.ladder_sentences import ROLE_NAMES

NAMED = 300
"""Items that an update names: a page must stay a page. The number beside them counts all."""


@dataclass(frozen=True, slots=True)
class Update:
    """One kind of change, with the items that it touches."""

    sentence: str  # 新增承办 李梅 40 项
    count: int
    items: tuple[tuple[str, str], ...]  # reference and title, no more than NAMED


def updates_of(changes: Iterable[Change]) -> tuple[Update, ...]:
    """The kinds of change that occur, in the order of the kinds; an item may be in several."""
    touched: dict[str, list[Change]] = {}
    for change in changes:
        if not change.withdrawn and not change.reopened:
            for kind in _kinds(change):
                touched.setdefault(kind, []).append(change)
    ordered = sorted(touched, key=lambda kind: (_place(kind), kind))
    return tuple(_update(kind, touched[kind]) for kind in ordered)


_HEARD, _HUSHED = "不再静默", "转为静默，不提醒"
_CAME, _WENT = "新增", "去掉"
_TITLE, _LADDER, _REST = "改标题", "改提醒", "改其他内容"
_ORDER = (_HEARD, _HUSHED, _CAME, _WENT, _TITLE, _LADDER, _REST)


def _kinds(change: Change) -> Iterator[str]:
    if change.heard:
        yield _HEARD
    if change.hushed:
        yield _HUSHED
    yield from dict.fromkeys(f"{_CAME}{ROLE_NAMES[part.role]} {part.name}" for part in change.came)
    yield from dict.fromkeys(f"{_WENT}{ROLE_NAMES[part.role]} {part.name}" for part in change.went)
    if "title" in change.columns:
        yield _TITLE
    # What people and silence do to reminders, and a moved day, is no change of the ladder.
    explained = change.heard or change.hushed or change.came or change.went or change.move is not None
    if not explained and (change.ended or change.adjusted or change.entered):
        yield _LADDER
    if set(change.columns) - _TOLD_OTHERWISE and change.move is None:
        yield _REST


_TOLD_OTHERWISE = {"title", "silent", "due_epoch", "planned_on", "due_on", "unit"}


def _place(kind: str) -> int:
    return next(place for place, start in enumerate(_ORDER) if kind.startswith(start))


def _update(kind: str, changes: Sequence[Change]) -> Update:
    late = sum(change.overdue for change in changes) if kind == _HEARD else 0
    more = f"，其中已过期 {late} 项" if late else ""
    named = tuple((change.ref, change.title) for change in changes[:NAMED])
    return Update(f"{kind} {len(changes)} 项{more}", len(changes), named)
