"""Which reminders take the form of a 催办单 or 督办单, and how many the same person had about the same item before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from sqlalchemy import Connection, bindparam, func, select

from models.occurrence import assignments, occurrences
from models.office import units
from models.reminder import ReminderState, reminders
from notifications.letter import SheetForm
from planning.duty import Role
from planning.sheets import Sheet, sheet_for
from services.waiting import Waiting, chunks

_UNITS = (
    select(occurrences.c.id, units.c.name)
    .select_from(occurrences.join(units, units.c.key == occurrences.c.unit))
    .where(occurrences.c.id.in_(bindparam("occurrences", expanding=True)))
)


def load_sheets(db: Connection, overdue: Iterable[tuple[Waiting, int]], sheets: Sequence[Sheet]) -> dict[int, SheetForm]:
    """By reminder. ``overdue`` are steps of the ladder after the due day, each with its workdays overdue as of today.

    A step that was held up takes the form that is true when it is read.
    """
    chosen: dict[int, Sheet] = {}
    pressed: list[Waiting] = []
    for one, days in overdue:
        sheet = sheet_for(sheets, role=Role(one.role), workdays_overdue=max(one.offset, days))
        if sheet is not None:
            chosen[one.reminder_id] = sheet
            pressed.append(one)
    if not pressed:
        return {}
    before = _sent_before(db, pressed, sheets)
    return {
        one.reminder_id: _form(chosen[one.reminder_id], before.get((one.occurrence_id, one.person), 0) + 1) for one in pressed
    }


def load_units(db: Connection, occurrence_ids: Collection[int]) -> dict[int, str]:
    """The names of the units that answer."""
    found: dict[int, str] = {}
    for some in chunks(sorted(occurrence_ids)):
        found.update((row.id, row.name) for row in db.execute(_UNITS, {"occurrences": some}))
    return found


def _sent_before(db: Connection, pressed: Sequence[Waiting], sheets: Sequence[Sheet]) -> dict[tuple[int, str], int]:
    """Sent steps that were sheets, by occurrence and person: what was folded or cancelled was never read."""
    found: dict[tuple[int, str], int] = {}
    of_role = {role: min(sheet.from_workday for sheet in sheets if role in sheet.to) for sheet in sheets for role in sheet.to}
    joined = reminders.join(assignments, assignments.c.id == reminders.c.assignment_id)
    for some in chunks(sorted({one.occurrence_id for one in pressed})):
        query = (
            select(reminders.c.occurrence_id, assignments.c.person, assignments.c.role, reminders.c.offset, func.count())
            .select_from(joined)
            .where(
                reminders.c.occurrence_id.in_(some),
                reminders.c.state == ReminderState.SENT,
                reminders.c.step.like("T+%"),
            )
            .group_by(reminders.c.occurrence_id, assignments.c.person, assignments.c.role, reminders.c.offset)
        )
        for occurrence, person, role, offset, count in db.execute(query):
            if Role(role) in of_role and offset >= of_role[Role(role)]:
                found[occurrence, person] = found.get((occurrence, person), 0) + count
    return found


def _form(sheet: Sheet, count: int) -> SheetForm:
    return SheetForm(sheet.lamp, sheet.heading, sheet.opening, sheet.demand, sheet.closing, count)
