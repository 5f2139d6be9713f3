"""The mirror of the office's files in the database: duties, units, people. The files stay the source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from models.occurrence import assignments, occurrences
from models.office import duties, people, units
from planning.duty import Duty
from planning.ladder import steps_text
from planning.roster import Person, Roster, Unit


def mirror_roster(db: Connection, roster: Roster) -> None:
    """Make the tables of units and people equal to the roster.

    Whoever left the files stays while an occurrence still speaks of them: its pages need the name.
    """
    used_units = select(occurrences.c.unit).where(occurrences.c.unit.is_not(None))
    used_people = select(assignments.c.person)
    _mirror(db, units, {unit.key: _unit_row(unit) for unit in roster.units.values()})
    _mirror(db, people, {person.key: _person_row(person) for person in roster.people.values()})
    for table, keys, used in ((units, roster.units, used_units), (people, roster.people, used_people)):
        gone = set(db.execute(select(table.c.key)).scalars()) - set(keys)
        if gone:
            db.execute(delete(table).where(table.c.key.in_(gone), table.c.key.not_in(used)))


def mirror_duties(db: Connection, placed: Iterable[tuple[int, Duty, str]], *, now: datetime) -> None:
    """Write duties as they stand with their place in the files and their fingerprint."""
    _mirror(
        db, duties, {duty.key: _duty_row(duty, position, fingerprint) for position, duty, fingerprint in placed}, planned_at=now
    )


def retire_duties(db: Connection, keys: Iterable[str]) -> None:
    """The duty left the files for good: its row stays for what was done, and coming back it is planned anew."""
    db.execute(update(duties).where(duties.c.key.in_(tuple(keys))).values(active=False, fingerprint=""))


def _mirror(db: Connection, table: Table, wanted: Mapping[str, Mapping[str, Any]], **stamp: datetime) -> None:
    present = {row["key"]: row for row in db.execute(select(table)).mappings()}
    fresh = [{**row, **stamp} for key, row in wanted.items() if key not in present]
    stale = [key for key, row in wanted.items() if key in present and any(present[key][name] != row[name] for name in row)]
    if fresh:
        db.execute(insert(table), fresh)
    for key in stale:
        db.execute(update(table).where(_is(table, key)).values(**wanted[key], **stamp))


def _is(table: Table, key: str) -> ColumnElement[bool]:
    return table.c.key == key


def _unit_row(unit: Unit) -> dict[str, Any]:
    return {"key": unit.key, "name": unit.name, "kind": unit.kind, "parent": unit.parent, "position": unit.position}


def _person_row(person: Person) -> dict[str, Any]:
    return {
        "key": person.key,
        "name": person.name,
        "title": person.title,
        "unit": person.unit,
        "position": person.position,
        "left_on": person.left_on,
    }


def _duty_row(duty: Duty, position: int, fingerprint: str) -> dict[str, Any]:
    return {
        "key": duty.key,
        "kind": duty.kind.value,
        "title": duty.title,
        "basis": duty.basis,
        "basis_mark": duty.basis_mark.value,
        "as_written": duty.as_written,
        "note": duty.note,
        "ladder": steps_text(duty.ladder),
        "evidence": list(duty.evidence),
        "evidence_required": duty.evidence_required,
        "measures": [{"name": one.name, "unit": one.unit, "required": one.required} for one in duty.measures],
        "sign_off": duty.sign_off,
        "standing": duty.standing,
        "zero_report": duty.zero_report,
        "login_required": duty.login_required,
        "source": duty.source,
        "position": position,
        "revision": duty.revision,
        "fingerprint": fingerprint,
        "active": True,
    }
