"""我的事项: what one person has to do, what he waits for and what waits for him, with those for whom he stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text

from models.occurrence import assignments, extension_requests, occurrences
from models.store import Store
from planning.deciding import OVERSEEING, able_to_decide, able_to_sign_off
from planning.duty import Role
from planning.reference import reference
from planning.workdays import Workdays
from reports.occurrences import OccurrenceLine, lines_of
from reports.snapshot import snapshot

AHEAD = timedelta(days=14)
"""What is due later is only counted."""

_DOING = (Role.OWNER, Role.PARTNER)
_ACTIVE = text("assignment.active")
"""Written out: SQLite uses the partial index of active parts only when it can see that the condition fits."""

_PENDING = text("extension_request.state = 'pending'")
"""Written out for the same reason."""

_is_asked = occurrences.c.id.in_(select(extension_requests.c.occurrence_id).where(_PENDING))
_state = func.coalesce(occurrences.c.state, "")
"""Wrapped, so that no index of states is taken: all that is open is much, what one person has a part in is little."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Whose list it is. ``stands_in_for`` are the keys of those in whose place he acts today.

    ``deciding_roles`` decide on a later day in this office, ``admin`` (a person key) where nobody else can.
    """

    person: str
    stands_in_for: frozenset[str] = frozenset()
    deciding_roles: Collection[str] = OVERSEEING
    admin: str = ""

    @property
    def persons(self) -> frozenset[str]:
        return self.stands_in_for | {self.person}


@dataclass(frozen=True, slots=True)
class MyLine:
    line: OccurrenceLine
    in_place_of: str = ""  # the name of whom he stands in for; empty where it is his own
    asked_by: str = ""  # the name of who asks for a later day
    owners: tuple[str, ...] = ()  # who is responsible; empty where it is he, or in whose place he acts
    only_helps: bool = False  # 配合: his part, or that of whom he stands in for


@dataclass(frozen=True, slots=True)
class Mine:
    """Each by due day. ``later`` counts what is to be done after the two weeks that ``coming`` shows."""

    overdue: tuple[MyLine, ...] = ()
    today: tuple[MyLine, ...] = ()
    coming: tuple[MyLine, ...] = ()
    waiting: tuple[MyLine, ...] = ()  # for somebody else's word
    deciding: tuple[MyLine, ...] = ()  # for his own
    later: int = 0

    @property
    def is_empty(self) -> bool:
        return self == Mine()


@dataclass(frozen=True, slots=True)
class _Part:
    person: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class _Wish:
    asked_by: str
    asked_name: str


def mine(store: Store, asking: Asking, *, as_of: date, workdays: Workdays) -> Mine:
    """From the person to the few occurrences that are his: it costs the same however many the office has."""
    until = as_of + AHEAD
    with snapshot(store) as db:
        near = and_(_done_by(asking), _state == "open", ~occurrences.c.silent, occurrences.c.due_on <= until)
        unsigned = and_(_state == "done", occurrences.c.sign_off_needed, occurrences.c.signed_off_at.is_(None))
        wanted = [_his(asking), or_(near, _is_asked, unsigned)]
        lines = lines_of(db, wanted, as_of=as_of, workdays=workdays)
        parts, wishes = _parts(db, wanted), _wishes(db)
        later = _later(db, asking, until)
    found: dict[str, list[MyLine]] = defaultdict(list)
    for line in lines:
        place = _placed(line, parts[line.ref], wishes.get(line.ref), asking, as_of=as_of)
        if place is not None:
            found[place[0]].append(place[1])
    return Mine(later=later, **{place: tuple(of_it) for place, of_it in found.items()})


def _placed(
    line: OccurrenceLine, parts: Sequence[_Part], wish: _Wish | None, asking: Asking, *, as_of: date
) -> tuple[str, MyLine] | None:
    """Under which heading the reader looks for it; None for what he only oversees, or signs off when it is done."""
    deciding = _deciding(parts, asking, wish, is_done=line.state == "done")
    if deciding is not None:
        is_owner = any(part.person == asking.person and part.role == Role.OWNER for part in parts)
        owners = () if is_owner else line.owners
        return "deciding", MyLine(line, deciding, wish.asked_name if wish else "", owners)
    doing = [part for part in parts if part.person in asking.persons and part.role in _DOING]
    if not doing:
        return None
    counted = [part for part in doing if part.person == asking.person] or doing
    only_helps = all(part.role != Role.OWNER for part in counted)
    owners = line.owners if only_helps else ()
    known = MyLine(line, _in_place_of(doing, asking), owners=owners, only_helps=only_helps)
    if line.state == "done" or wish is not None:
        return "waiting", known
    if line.overdue:
        return "overdue", known
    return ("today" if line.due_on == as_of else "coming"), known


def _deciding(parts: Sequence[_Part], asking: Asking, wish: _Wish | None, *, is_done: bool) -> str | None:
    """In whose place he decides (empty: as himself); None when it is not his to decide."""
    if is_done:
        able = able_to_sign_off(parts)
    elif wish is None or wish.asked_by == asking.person:
        return None
    else:
        able = able_to_decide(parts, asking.deciding_roles, asked_by=wish.asked_by)
        if not able:
            return "" if asking.person == asking.admin else None
    his = [part for part in able if part.person in asking.persons]
    return _in_place_of(his, asking) if his else None


def _in_place_of(parts: Sequence[_Part], asking: Asking) -> str:
    return "" if any(part.person == asking.person for part in parts) else parts[0].name


def _done_by(asking: Asking) -> ColumnElement[bool]:
    doing = select(assignments.c.occurrence_id).where(
        assignments.c.person.in_(asking.persons), _ACTIVE, assignments.c.role.in_(_DOING)
    )
    return occurrences.c.id.in_(doing)


def _his(asking: Asking) -> ColumnElement[bool]:
    of_his = select(assignments.c.occurrence_id).where(assignments.c.person.in_(asking.persons), _ACTIVE)
    assigned = occurrences.c.id.in_(of_his)
    # Where nobody can decide, the admin does, who has no part in it: what waits for a decision is never much.
    return or_(assigned, _is_asked) if asking.person == asking.admin else assigned


def _parts(db: Connection, wanted: Sequence[ColumnElement[bool]]) -> Mapping[str, list[_Part]]:
    """Everybody's part in each of the occurrences, in the order of assignment."""
    query = (
        select(occurrences.c.duty_key, occurrences.c.period, assignments.c.person, assignments.c.name, assignments.c.role)
        .join(assignments, assignments.c.occurrence_id == occurrences.c.id)
        .where(*wanted, assignments.c.active)
        .order_by(assignments.c.id)
    )
    found: dict[str, list[_Part]] = defaultdict(list)
    for row in db.execute(query):
        found[reference(row.duty_key, row.period)].append(_Part(row.person, row.name, row.role))
    return found


def _wishes(db: Connection) -> Mapping[str, _Wish]:
    """The later days that wait for a decision, of the whole office: there are never many."""
    query = (
        select(occurrences.c.duty_key, occurrences.c.period, extension_requests.c.asked_by, extension_requests.c.asked_name)
        .join(occurrences, occurrences.c.id == extension_requests.c.occurrence_id)
        .where(_PENDING, _state == "open")
    )
    return {reference(row.duty_key, row.period): _Wish(row.asked_by, row.asked_name) for row in db.execute(query)}


def _later(db: Connection, asking: Asking, until: date) -> int:
    ahead = (_done_by(asking), _state == "open", occurrences.c.due_on > until, ~_is_asked)
    return int(db.execute(select(func.count()).select_from(occurrences).where(*ahead)).scalar_one())
