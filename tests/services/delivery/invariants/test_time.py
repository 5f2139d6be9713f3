"""I5, I11, I13, I14, I15, I16: stops, crowds, moved days, wrong clocks and dead channels."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, insert, select

from models.message import messages
from models.occurrence import assignments
from models.reminder import reminders
from notifications.envelope import Envelope, Marker, Outcome
from planning.machine_time import Beat
from planning.rules import FixedDay
from tests.services.delivery.machine.world import SHANGHAI, World
from tests.services.delivery.town import DOWN, LATER, Town, Wire, at, destinations, minutes, policy

TUESDAY = at("2026-03-03")
FRIDAY, MONDAY = FixedDay(3, 27), FixedDay(3, 30)
LADDER = "T-3 T-1 T0 T+1=owner,overseer"


@pytest.mark.parametrize("answer", [None, DOWN, LATER])
def test_i5_whatever_is_due_for_a_quarter_of_an_hour_has_ended_or_says_why_it_waits(town: Town, answer: Outcome | None) -> None:
    town.item("早上的")
    town.item("上午的", fire_at=at("2026-03-03", "09:30"))
    town.item("别人的", person="chenxia")
    town.wire.script = [answer] if answer else []
    for wall in ("08:45", "09:30", "09:50"):
        town.tick(at("2026-03-03", wall))
    with town.store.read() as db:
        due = select(func.count()).where(reminders.c.state == "planned", reminders.c.fire_at <= at("2026-03-03", "09:35"))
        unexplained = due.where(reminders.c.held_until.is_(None) | (reminders.c.reason == ""))
        assert db.execute(unexplained).scalar_one() == 0
        queued = select(messages.c.last_error).where(messages.c.state == "pending")
        assert all(why for why in db.execute(queued).scalars())


@pytest.mark.parametrize(("persons", "items"), [(6, 12), pytest.param(50, 40, marks=pytest.mark.long)])
def test_i11_after_ten_days_off_forty_stale_reminders_of_fifty_people_are_fifty_messages(
    town: Town, persons: int, items: int
) -> None:
    people = [f"person-{number:02}" for number in range(persons)]
    _fill(town, people, items=items)
    named = policy(destinations={person: destinations("mail", person=person)[person] for person in people})
    town.tick(at("2026-03-02", "08:40"), policy=named)
    back = at("2026-03-12", "08:45")
    outcome = town.tick(back, policy=named)
    assert (outcome.built, outcome.sent) == (persons, persons)
    assert Counter(envelope.address for envelope in town.wire.taken).most_common(1)[0][1] == 1
    assert all("停止服务" in envelope.text for envelope in town.wire.taken)
    assert town.tick(back + minutes(5), policy=named).sent == 0
    assert Counter(town.reminder_states) == {"sent": persons * items}


def _fill(town: Town, people: list[str], *, items: int) -> None:
    """``items`` occurrences, in each of which every person has a part with one reminder."""
    numbers = [town.occurrence(f"第{number}件", due="2026-03-20") for number in range(items)]
    since = at("2026-01-04")
    with town.store.write() as db:
        parts = [
            {"occurrence_id": one, "person": who, "name": who, "role": "owner", "active": True, "handed": False, "since": since}
            for one in numbers
            for who in people
        ]
        ids = db.execute(insert(assignments).returning(assignments.c.id, assignments.c.occurrence_id), parts).all()
        usual = {"step": "T-14", "offset": -14, "due_epoch": 0, "fire_at": TUESDAY, "say": "", "state": "planned", "reason": ""}
        db.execute(insert(reminders), [{"assignment_id": row.id, "occurrence_id": row.occurrence_id, **usual} for row in ids])


@pytest.mark.parametrize("days", [1, 4, 10, 13])
def test_i11_after_days_off_a_person_gets_one_message_per_channel_and_only_the_newest_step(world: World, days: int) -> None:
    for ahead in (1, 2, 3, 6, 9):
        world.add(ahead, "wangmin", "T-7 T-5 T-3 T-2 T-1 T0 T+1=owner,overseer T+3=owner,overseer")
    world.tick()
    before = len(world.account)
    world.wait(timedelta(days=days))
    world.to_next_window()
    world.tick()
    fresh = world.account[before:]
    assert set(Counter((handed.person, handed.channel) for handed in fresh).values()) <= {1}
    world.tick()
    assert len(world.account) == before + len(fresh)


@pytest.mark.parametrize("off", [timedelta(days=730), timedelta(days=2), timedelta(hours=-3), timedelta(days=-730)])
def test_i14_a_clock_that_jumps_sends_nothing_before_it_is_confirmed_and_nothing_twice(town: Town, off: timedelta) -> None:
    town.item("已经发过的")
    town.item("明天的", person="chenxia", fire_at=at("2026-03-04"))
    assert town.tick(TUESDAY, beat=Beat("b", 0)).sent == 1
    wrong = _into_window(TUESDAY + off)
    for seconds in (600, 1200):
        outcome = town.tick(wrong, beat=Beat("b", seconds))
        assert (outcome.sent, outcome.expired) == (0, 0)
        assert outcome.clock_doubt
    tomorrow = at("2026-03-04", "09:00")
    passed = (tomorrow - TUESDAY).total_seconds()
    assert town.tick(tomorrow, beat=Beat("b", passed)).sent == 1
    assert len({envelope.ref for envelope in town.wire.taken}) == len(town.wire.taken) == 2


def _into_window(moment: datetime) -> datetime:
    """The nearest workday morning: outside the windows nothing would leave anyway."""
    local = moment.astimezone(SHANGHAI)
    day = local.date() if local.weekday() < 5 else local.date() + timedelta(days=7 - local.weekday())
    return at(day, "09:30" if moment > TUESDAY else "05:45" if local.date() == date(2026, 3, 3) else "09:30")


def test_i15_a_message_that_hangs_delays_the_others_by_no_more_than_its_own_deadline(town: Town) -> None:
    people = ("chenxia", "liguoqiang", "wangmin", "zhangwei")
    for person in people:
        town.item(person=person)
    times = {"now": TUESDAY}
    taken: dict[str, datetime] = {}

    class Hanging(Wire):
        def hand_over(self, envelope: Envelope, *, marker: Marker) -> Outcome | None:
            if envelope.name == "陈霞":
                times["now"] += timedelta(seconds=60)
                marker()
                return LATER
            taken[envelope.name] = times["now"]
            return super().hand_over(envelope, marker=marker)

    outcome = town.tick(TUESDAY, channels={"mail": Hanging()}, clock=lambda: times["now"])
    assert (outcome.sent, outcome.deferred) == (3, 1)
    assert max(taken.values()) - TUESDAY <= timedelta(seconds=60)


@pytest.mark.parametrize("days", [1, 9])
def test_i16_a_dead_channel_uses_up_no_tries_however_long_it_is_dead(town: Town, days: int) -> None:
    town.item(due="2026-03-20")
    now = TUESDAY
    for _ in range(days):
        for wall in ("08:45", "10:00", "11:30", "14:35", "16:00"):
            town.wire.script = [DOWN]
            town.tick(at(now.astimezone(SHANGHAI).date(), wall))
        now += timedelta(days=1)
    assert all(row.tries == 0 for row in town.rows(messages))
    assert "channel:mail" in town.open_problems
    town.wire.script = []
    town.tick(at("2026-03-16", "09:30"))
    assert "sent" in town.reminder_states
