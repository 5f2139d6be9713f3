"""What the words of the lists mean, as conditions on the occurrence table. One place, so that figures and lists agree."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import reduce

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, text

from models.occurrence import OccurrenceState, assignments, extension_requests, occurrences
from models.office import duties
from models.record import evidence
from planning.reference import split_reference
from planning.wording import normalise
from planning.workdays import Workdays
from reports.stagnation import lies_untouched, quiet_before

SOON_WORKDAYS = 5
"""What is due within a working week is near (临近到期)."""

NO_UNIT = "-"
"""Stands among the keys of units for what no unit answers for; no key looks like it."""

_row = occurrences.c


@dataclass(frozen=True, slots=True)
class Filters:
    """Which occurrences are wanted; an empty field asks nothing. Values of one field are alternatives."""

    kinds: tuple[str, ...] = ()
    units: tuple[str, ...] = ()  # keys, or NO_UNIT
    persons: tuple[str, ...] = ()  # whoever has a part in it now
    states: tuple[str, ...] = ()  # words of STATE_WORDS
    text: str = ""  # words that must all be found in title, basis, deadline as written, key or name of evidence
    period: str = ""  # 2026-Q1, or 2026 for all that begin so
    due_from: date | None = None
    due_to: date | None = None
    refs: tuple[str, ...] = ()
    by_unit: bool = False  # listed by the units' official order; else by due day


@dataclass(frozen=True, slots=True)
class Bounds:
    """The days and instants that divide what is overdue, near and stagnant, as they lie on one day."""

    as_of: date
    near: date  # the last day that is near
    quiet_before: datetime

    @classmethod
    def at(cls, as_of: date, *, workdays: Workdays, tz: tzinfo = UTC) -> Bounds:
        """``tz`` is the office's zone: its midnights part the days on which messages were sent.

        Without it they are UTC's: eight in the morning in China, before anything is sent.
        """
        near = workdays.add(as_of, SOON_WORKDAYS)
        return cls(as_of, near, quiet_before(as_of, workdays=workdays, tz=tz))


STATE_WORDS: Mapping[str, str] = {
    "due": "应完成",
    "open": "待办",
    "pending": "未逾期待办",
    "overdue": "逾期",
    "stagnant": "停滞",
    "today": "今日到期",
    "soon": "临近到期",
    "extension-pending": "延期待批",
    "awaiting": "待通知",
    "provisional": "日期暂定",
    "silent": "启用前到期",
    "done": "已办结",
    "on-time": "按时办结",
    "late": "逾期办结",
    "unproved": "未佐证",
    "unsigned": "待销号",
    "not-signed-off": "未销号（含未办结）",
    "extended": "已延期",
    "waived": "免办",
    "withdrawn": "已撤回",
}


def in_year(year: int) -> ColumnElement[bool]:
    """By the due day in force."""
    return _row.due_on.between(date(year, 1, 1), date(year, 12, 31))


def is_open() -> ColumnElement[bool]:
    return _row.state == OccurrenceState.OPEN


def is_overdue(as_of: date) -> ColumnElement[bool]:
    """Open after its day. Not what lies before the start date (启用日), nor what waits for its notice or an extension."""
    return and_(is_open(), _row.due_on < as_of, ~_row.silent, ~_row.awaiting_notice, ~_asked_for_more())


def is_extension_pending() -> ColumnElement[bool]:
    """Somebody asked for a later day in time, and nobody has decided yet (延期待批)."""
    return and_(is_open(), _asked_for_more())


def _asked_for_more() -> ColumnElement[bool]:
    # From the few that are asked for to the occurrences. Written out, not bound: so SQLite takes the partial index.
    pending = select(extension_requests.c.occurrence_id).where(text("extension_request.state = 'pending'"))
    return _row.id.in_(pending)


def is_stagnant(bounds: Bounds) -> ColumnElement[bool]:
    """Still in time, and nothing has happened for days after somebody was told (停滞)."""
    in_time = or_(_row.due_on >= bounds.as_of, _row.awaiting_notice)
    return and_(is_open(), in_time, ~_row.silent, ~_asked_for_more(), lies_untouched(bounds.quiet_before))


def is_done() -> ColumnElement[bool]:
    return _row.state == OccurrenceState.DONE


def is_kept() -> ColumnElement[bool]:
    """The plan has it: withdrawn rows are only seen by who asks for them."""
    return _row.state != OccurrenceState.WITHDRAWN


def is_unproved() -> ColumnElement[bool]:
    return and_(is_done(), ~_row.proved)


def is_unsigned() -> ColumnElement[bool]:
    return and_(is_done(), _row.sign_off_needed, _row.signed_off_at.is_(None))


def conditions(filters: Filters, *, as_of: date, workdays: Workdays, tz: tzinfo = UTC) -> list[ColumnElement[bool]]:
    """All of them must hold. Raises ValueError with a Chinese sentence for a state word or a reference unknown here."""
    found: list[ColumnElement[bool]] = []
    if filters.kinds:
        found.append(_row.kind.in_(filters.kinds))
    if filters.units:
        found.append(in_units(filters.units))
    if filters.persons:
        found.append(_has_part(filters.persons))
    if filters.period:
        found.append(or_(_row.period == filters.period, _row.period.startswith(f"{filters.period}-", autoescape=True)))
    if filters.due_from is not None:
        found.append(_row.due_on >= filters.due_from)
    if filters.due_to is not None:
        found.append(_row.due_on <= filters.due_to)
    found.extend(_mentions(word) for word in normalise(filters.text).split())
    if filters.refs:
        found.append(of_references(filters.refs))
    if filters.states:
        found.append(_in_states(filters.states, Bounds.at(as_of, workdays=workdays, tz=tz)))
    if "withdrawn" not in filters.states and not filters.refs:
        found.append(is_kept())
    return found


def in_units(keys: tuple[str, ...]) -> ColumnElement[bool]:
    named = _row.unit.in_([key for key in keys if key != NO_UNIT])
    return or_(named, _row.unit.is_(None)) if NO_UNIT in keys else named


def _in_states(words: tuple[str, ...], bounds: Bounds) -> ColumnElement[bool]:
    as_of = bounds.as_of
    meanings: dict[str, Callable[[], ColumnElement[bool]]] = {
        "due": lambda: or_(is_done(), is_overdue(as_of)),
        "open": is_open,
        "pending": lambda: and_(is_open(), ~_row.silent, ~is_overdue(as_of)),
        "overdue": lambda: is_overdue(as_of),
        "stagnant": lambda: is_stagnant(bounds),
        "today": lambda: and_(is_open(), _row.due_on == as_of),
        "soon": lambda: and_(is_open(), _row.due_on.between(as_of, bounds.near)),
        "extension-pending": is_extension_pending,
        "awaiting": lambda: and_(is_open(), _row.awaiting_notice),
        "provisional": lambda: and_(is_open(), _row.provisional),
        "silent": lambda: and_(is_open(), _row.silent),
        "done": is_done,
        "on-time": lambda: and_(is_done(), ~_row.late),
        "late": lambda: and_(is_done(), _row.late),
        "unproved": is_unproved,
        "unsigned": is_unsigned,
        "not-signed-off": lambda: and_(or_(is_open(), is_done()), _row.sign_off_needed, _row.signed_off_at.is_(None)),
        "extended": lambda: _row.extensions > 0,
        "waived": lambda: _row.state == OccurrenceState.WAIVED,
        "withdrawn": lambda: _row.state == OccurrenceState.WITHDRAWN,
    }
    strangers = [word for word in words if word not in meanings]
    if strangers:
        raise ValueError(f"没有“{strangers[0]}”这个状态，可用的有：{'、'.join(meanings)}。")
    return reduce(operator.or_, (meanings[word]() for word in words), false())


def _has_part(persons: tuple[str, ...]) -> ColumnElement[bool]:
    # From the person to the occurrences: one has few of them, however many there are.
    mine = select(assignments.c.occurrence_id).where(assignments.c.person.in_(persons), assignments.c.active)
    return _row.id.in_(mine)


def _mentions(word: str) -> ColumnElement[bool]:
    places = (_row.title, _row.duty_key, _row.period, _row.as_written, duties.c.title, duties.c.basis)
    proof = exists().where(evidence.c.occurrence_id == _row.id, evidence.c.name.icontains(word, autoescape=True))
    return or_(*(place.icontains(word, autoescape=True) for place in places), proof.correlate(occurrences))


def of_references(refs: Sequence[str]) -> ColumnElement[bool]:
    """Raises ValueError for what is no reference."""
    pairs = [split_reference(ref) for ref in refs]
    return or_(*(and_(_row.duty_key == key, _row.period == period) for key, period in pairs))
