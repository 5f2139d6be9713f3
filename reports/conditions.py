"""What the words of the lists mean, as conditions on the occurrence table. One place, so that figures and lists agree."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, text

from models.occurrence import OccurrenceState, assignments, extension_requests, occurrences
from models.office import duties
from models.record import evidence
from planning.reference import split_reference
from planning.wording import normalise
from planning.workdays import Workdays

SOON_WORKDAYS = 5
"""What is due within a working week is near (临近到期)."""

_row = occurrences.c


@dataclass(frozen=True, slots=True)
class Filters:
    """Which occurrences are wanted; an empty field asks nothing. Values of one field are alternatives."""

    kinds: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()  # whoever has a part in it now
    states: tuple[str, ...] = ()  # words of STATE_WORDS
    text: str = ""  # words that must all be found in title, basis, deadline as written, key or name of evidence
    period: str = ""  # 2026-Q1, or 2026 for all that begin so
    due_from: date | None = None
    due_to: date | None = None
    refs: tuple[str, ...] = ()


STATE_WORDS: Mapping[str, str] = {
    "open": "待办",
    "overdue": "逾期",
    "today": "今日到期",
    "soon": "临近到期",
    "done": "已办结",
    "late": "逾期办结",
    "waived": "免办",
    "withdrawn": "已撤回",
    "extended": "已延期",
    "unproved": "缺佐证",
    "extension-pending": "延期待批",
    "awaiting": "待通知",
    "unsigned": "待销号",
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


def is_done() -> ColumnElement[bool]:
    return _row.state == OccurrenceState.DONE


def is_kept() -> ColumnElement[bool]:
    """The plan has it: withdrawn rows are only seen by who asks for them."""
    return _row.state != OccurrenceState.WITHDRAWN


def is_unproved() -> ColumnElement[bool]:
    return and_(is_done(), ~_row.proved)


def is_unsigned() -> ColumnElement[bool]:
    return and_(is_done(), _row.sign_off_needed, _row.signed_off_at.is_(None))


def conditions(filters: Filters, *, as_of: date, workdays: Workdays) -> list[ColumnElement[bool]]:
    """All of them must hold. Raises ValueError with a Chinese sentence for a state word or a reference unknown here."""
    found: list[ColumnElement[bool]] = []
    if filters.kinds:
        found.append(_row.kind.in_(filters.kinds))
    if filters.units:
        found.append(_row.unit.in_(filters.units))
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
        found.append(_named(filters.refs))
    if filters.states:
        found.append(_in_states(filters.states, as_of=as_of, workdays=workdays))
    if "withdrawn" not in filters.states and not filters.refs:
        found.append(is_kept())
    return found


def _in_states(words: tuple[str, ...], *, as_of: date, workdays: Workdays) -> ColumnElement[bool]:
    meanings: dict[str, Callable[[], ColumnElement[bool]]] = {
        "open": is_open,
        "overdue": lambda: is_overdue(as_of),
        "today": lambda: and_(is_open(), _row.due_on == as_of),
        "soon": lambda: and_(is_open(), _row.due_on.between(as_of, workdays.add(as_of, SOON_WORKDAYS))),
        "done": is_done,
        "late": lambda: and_(is_done(), _row.late),
        "waived": lambda: _row.state == OccurrenceState.WAIVED,
        "withdrawn": lambda: _row.state == OccurrenceState.WITHDRAWN,
        "extended": lambda: _row.extensions > 0,
        "unproved": is_unproved,
        "extension-pending": is_extension_pending,
        "awaiting": lambda: and_(is_open(), _row.awaiting_notice),
        "unsigned": is_unsigned,
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


def _named(refs: tuple[str, ...]) -> ColumnElement[bool]:
    pairs = [split_reference(ref) for ref in refs]
    return or_(*(and_(_row.duty_key == key, _row.period == period) for key, period in pairs))
