"""The calendar that one subscribes to and the file beside a mail: whoever takes both sees one entry."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import select

from models.message import messages
from models.store import Store
from notifications.envelope import Envelope, Marker, Outcome, Verdict
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule
from planning.roster import Destination
from planning.rules import FixedDay
from planning.windows import parse_windows
from planning.workdays import Workdays, builtin_years
from services.tick import tick
from tests.readers import Khal
from tests.reports.planned_town import FORM, PlannedTown, entries, found_town

REF = "study-law:2026"
SAME = ("UID", "SEQUENCE", "SUMMARY", "STATUS", "DTSTART", "DTEND", "TRANSP", "CATEGORIES")


class Provider:
    """Accepts everything."""

    name = "mail"

    def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
        return Outcome(Verdict.ACCEPTED) if marker() else None

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def town(store: Store) -> PlannedTown:
    made = found_town(store, Workdays(builtin_years()))
    made.plan(made.duty())
    return made


def mailed(town: PlannedTown) -> str:
    """The file of the newest mail, once what is due by now has left."""
    policy = DeliveryPolicy(
        channel_rules={"mail": ChannelRule(attaches=True)},
        tz=town.basis.tz,
        workdays=town.basis.workdays,
        windows=parse_windows(("08:30-12:00", "14:30-17:30")),
        title=FORM.title,
        office="曹回镇人民政府",
        base_url="http://127.0.0.1:8600",
        mail_domain=FORM.domain,
        link_key=bytes(32),
        destinations={key: (Destination("mail", f"{key}@caohui.example"),) for key in town.basis.roster.people},
    )
    tick(town.store, {"mail": Provider()}, policy, now=town.now)
    with town.store.read() as db:
        return str(db.execute(select(messages.c.calendar).order_by(messages.c.id.desc()).limit(1)).scalar_one())


def told_alike(town: PlannedTown) -> bool:
    [subscribed] = entries(town.feed(as_of=town.now.date())).values()
    beside: Any
    [beside] = Calendar.from_ical(mailed(town)).walk("VEVENT")
    return [subscribed[name].to_ical() for name in SAME] == [beside[name].to_ical() for name in SAME]


def test_both_name_an_entry_alike_through_a_move_and_its_end(town: PlannedTown) -> None:
    assert told_alike(town.at(3, 25))
    town.at(3, 26, 9).plan(town.duty(day=FixedDay(4, 9)))
    assert told_alike(town.at(3, 26))
    town.at(3, 26, 11).extend(REF, date(2026, 4, 17))
    town.at(3, 27, 9).waive(REF)
    assert told_alike(town.at(3, 27))


@pytest.mark.readers
def test_a_calendar_program_that_takes_both_shows_one_and_follows_either(town: PlannedTown, tmp_path: Path) -> None:
    khal = Khal(tmp_path)
    khal.take(town.at(3, 25).feed(as_of=town.now.date()).text)
    khal.take(mailed(town))
    assert khal.shows(date(2026, 3, 1), 60) == ["2026-03-30 17:00-17:30 专题学法截止 CONFIRMED"]
    town.at(3, 26).extend(REF, date(2026, 4, 9))
    khal.take(town.feed(as_of=town.now.date()).text)
    assert khal.shows(date(2026, 3, 1), 60) == ["2026-04-09 17:00-17:30 专题学法截止 CONFIRMED"]
