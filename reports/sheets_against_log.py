"""Sign-in sheets (签到表) as they lie there against the last entry that tells each: a name added, removed or altered since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, String, select, type_coerce

from models.gathering import attendances
from models.occurrence import occurrences
from planning.acts import CLOSING, Act
from planning.attendance import SheetLine, SheetMark, mark_of, told_mark
from planning.reference import reference
from reports.log_instants import written_instant

TELLING: frozenset[str] = CLOSING | {Act.ATTENDANCE_ADDED, Act.ATTENDANCE_TAKEN_OFF}
"""Kinds of entry that tell how the sheet stands after them."""


@dataclass(slots=True)
class SheetsTold:
    """By reference the last entry that tells the sheet, and what it tells; None: closed by a version that did not yet."""

    last: dict[str, tuple[int, SheetMark | None]] = field(default_factory=dict)
    untold: int = 0  # sheets of which only such an older entry speaks, once they were compared

    def hear(self, row: Row[Any], said: Mapping[str, Any]) -> None:
        """Raises TypeError for a payload that none of our versions writes."""
        self.last[row.subject] = (row.seq, told_mark(said))


def sheet_differences(db: Connection, told: SheetsTold) -> Iterator[tuple[int, str]]:
    """A sentence for each sheet that is not as the log tells it, with the entry concerned."""
    last = dict(told.last)
    told.untold = 0
    for ref, found in _sheets(db):
        seq, then = last.pop(ref, (0, None))
        if then is not None:
            yield from _difference(ref, seq, then, found)
        elif seq:
            told.untold += 1
    for ref, (seq, then) in last.items():
        if then is not None:
            yield from _difference(ref, seq, then, SheetMark(0))


def read_sheet(db: Connection, occurrence_id: int) -> SheetMark:
    """One sheet as it lies there now."""
    return mark_of(_line(row) for row in db.execute(_as_written(db).where(attendances.c.occurrence_id == occurrence_id)))


def _difference(ref: str, seq: int, then: SheetMark, now: SheetMark) -> Iterator[tuple[int, str]]:
    if then == now:
        return
    if then.count != now.count:
        yield seq, f"“{ref}”的签到表与第{seq}条不一致：记录的是{then.count}人，现在有{now.count}人。"
    else:
        yield seq, f"“{ref}”的签到表与第{seq}条不一致：人数没有变，内容被改动。"


def _sheets(db: Connection) -> Iterator[tuple[str, SheetMark]]:
    joined = _as_written(db).join(occurrences, occurrences.c.id == attendances.c.occurrence_id)
    named = joined.add_columns(occurrences.c.duty_key, occurrences.c.period, occurrences.c.id.label("of"))
    for _, rows in groupby(db.execute(named.order_by(occurrences.c.id)), key=lambda row: row.of):
        listed = list(rows)
        yield reference(listed[0].duty_key, listed[0].period), mark_of(map(_line, listed))


def _as_written(db: Connection) -> Any:  # noqa: ANN401 - a Select of these columns
    """Instants as the very text that SQLite holds: one that was spoilt is a difference, not a crash."""

    def raw(column: ColumnElement[Any], name: str) -> ColumnElement[Any]:
        return type_coerce(column, String).label(name) if db.dialect.name == "sqlite" else column

    row = attendances.c
    texts = (row.who, row.name, row.unit_name, row.via, row.recorded_by)
    return select(*texts, raw(row.at, "at"), raw(row.withdrawn_at, "withdrawn_at"))


def _line(row: Row[Any]) -> SheetLine:
    gone = None if row.withdrawn_at is None else written_instant(row.withdrawn_at)
    at = written_instant(row.at)
    return SheetLine(_text(row.who), _text(row.name), _text(row.unit_name), at, _text(row.via), _text(row.recorded_by), gone)


def _text(value: object) -> str:
    """SQLite takes anything for a text; what is none gives another digest."""
    return value if isinstance(value, str) else repr(value)
