"""停滞: somebody was told, days went by, and nobody has touched the occurrence since. Derived on asking, never stored.

Telling counts from the moment a channel took the message: whether anybody read it is not known, and not asked.
"""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo

from sqlalchemy import ColumnElement, and_, exists, func, select

from models.message import messages
from models.occurrence import occurrences
from models.record import log_entries
from models.reminder import reminders
from planning.workdays import Workdays

STAGNANT_WORKDAYS = 5
"""A working week after the first reminder."""

_row = occurrences.c


def quiet_before(as_of: date, *, workdays: Workdays, tz: tzinfo) -> datetime:
    """What was sent before this instant was sent at least STAGNANT_WORKDAYS workdays before ``as_of``."""
    back = STAGNANT_WORKDAYS - 1 if workdays.is_workday(as_of) else STAGNANT_WORKDAYS
    return datetime.combine(workdays.add(as_of, -back), time(), tz)


def lies_untouched(before: datetime) -> ColumnElement[bool]:
    """The first message about it went out before the instant, and the log has no entry about it from then on.

    Whatever people do with an occurrence (received, evidence, a later day, hand over, a note …) is an entry of the log.
    """
    told = reminders.join(messages, messages.c.id == reminders.c.message_id)
    first = select(func.min(messages.c.sent_at)).select_from(told).where(reminders.c.occurrence_id == _row.id)
    first_told = first.correlate(occurrences).scalar_subquery()
    subject = _row.duty_key + ":" + _row.period  # as planning.reference writes it
    touched = exists().where(log_entries.c.subject == subject, log_entries.c.at >= first_told).correlate(occurrences)
    return and_(first_told < before, ~touched)
