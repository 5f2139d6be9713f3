"""停滞: told five workdays ago or more, and nobody has touched it since."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from models.message import messages
from planning.acts import Act
from planning.workdays import Workdays
from reports.conditions import Filters
from reports.occurrences import OccurrenceLine, listing
from reports.overview import overview
from reports.stagnation import STAGNANT_WORKDAYS, quiet_before
from services.journal import append
from tests.reports.conftest import CHINA
from tests.rows import message_row

AS_OF = date(2026, 3, 9)  # a Monday
DUE = date(2026, 3, 20)


def told(office: Any, ref: str, when: datetime, *, number: int = 1, taken: bool = True, **fields: Any) -> None:
    """A reminder of the occurrence went out, or a channel refused it."""
    row = {"ref": f"T2603-{number:06}", "dedupe_key": f"k{number}", "built_at": when, "next_at": when}
    end = {"state": "sent", "sent_at": when} if taken else {"state": "failed"}
    with office.store.write() as db:
        added = db.execute(insert(messages).returning(messages.c.id), message_row(**row, **end, **fields)).scalar_one()
    office.reminder(ref, f"T-{number}", when, state="sent" if taken else "failed", message_id=added)


def touched(office: Any, ref: str, when: datetime, kind: str) -> None:
    with office.store.write() as db:
        append(db, at=when, actor="chenxia", via="link", kind=kind, subject=ref, payload={})


def is_stagnant(office: Any, workdays: Workdays, ref: str, as_of: date = AS_OF) -> bool:
    """As the list, the line and the figure have it: they must not differ."""
    place = {"as_of": as_of, "workdays": workdays, "tz": CHINA}
    listed = ref in {line.ref for line in listing(office.store, Filters(states=("stagnant",)), **place).lines}
    line: OccurrenceLine = listing(office.store, Filters(refs=(ref,)), **place).lines[0]
    counted = overview(office.store, line.due_on.year, **place).whole.stagnant
    assert listed == line.stagnant == (counted == 1)
    return listed


def test_what_lay_untouched_for_a_working_week_after_its_first_reminder_is_stagnant(
    office: Any, workdays: Workdays, clock: Any
) -> None:
    ref = office.occurrence(due=DUE)
    assert not is_stagnant(office, workdays, ref)  # nobody was told
    told(office, ref, clock(3, 2, 17))
    assert is_stagnant(office, workdays, ref)  # a Monday and a Monday: five workdays
    assert not is_stagnant(office, workdays, ref, date(2026, 3, 8))  # the Sunday before
    told(office, ref, clock(3, 6), number=2)
    assert is_stagnant(office, workdays, ref)  # a second reminder is no answer


def test_a_message_that_no_channel_took_told_nobody(office: Any, workdays: Workdays, clock: Any) -> None:
    ref = office.occurrence(due=DUE)
    told(office, ref, clock(2, 24), taken=False)
    assert not is_stagnant(office, workdays, ref)
    told(office, ref, clock(2, 25), number=2, verified=False)
    assert is_stagnant(office, workdays, ref)  # a channel that took it counts, though its answer proves nothing


@pytest.mark.parametrize(
    "kind", [Act.ACKNOWLEDGED, Act.PROVED, Act.HANDED_OVER, Act.EXTENDED, Act.EXTENSION_REFUSED, Act.SNOOZED, Act.REOPENED]
)
def test_whatever_somebody_did_since_ends_it(office: Any, workdays: Workdays, clock: Any, kind: str) -> None:
    ref = office.occurrence(due=DUE)
    other = office.occurrence(period="2026-Q2", due=DUE, state="waived")
    touched(office, ref, clock(2, 20), kind)
    told(office, ref, clock(2, 24))
    touched(office, other, clock(3, 2), kind)
    assert is_stagnant(office, workdays, ref)  # before it was told, and about another
    touched(office, ref, clock(2, 26), kind)
    assert not is_stagnant(office, workdays, ref)


@pytest.mark.parametrize(
    "fields",
    [
        {"due": date(2026, 3, 6)},  # overdue: the other light
        {"asked_to": date(2026, 3, 27)},  # an answer is awaited, and not from the owner
        {"state": "done"},
        {"state": "waived"},
        {"silent": True},
    ],
    ids=["overdue", "extension pending", "done", "waived", "before the start date"],
)
def test_what_is_not_open_and_in_time_is_never_stagnant(
    office: Any, workdays: Workdays, clock: Any, fields: dict[str, Any]
) -> None:
    ref = office.occurrence(**{"due": DUE, **fields})
    told(office, ref, clock(2, 24))
    assert not is_stagnant(office, workdays, ref)


def test_what_awaits_its_notice_may_be_stagnant_after_its_expected_day(office: Any, workdays: Workdays, clock: Any) -> None:
    ref = office.occurrence(due=date(2026, 3, 6), awaiting_notice=True)
    told(office, ref, clock(2, 24))
    assert is_stagnant(office, workdays, ref)


@settings(deadline=None)
@given(
    as_of=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    minutes=st.integers(0, 30 * 24 * 60),
)
def test_the_instant_parts_exactly_those_days_that_are_five_workdays_back(workdays: Workdays, as_of: date, minutes: int) -> None:
    sent = datetime.combine(as_of, time(23, 59), CHINA) - timedelta(minutes=minutes)
    before = quiet_before(as_of, workdays=workdays, tz=CHINA)
    assert (sent < before) == (workdays.between(sent.date(), as_of) >= STAGNANT_WORKDAYS)
