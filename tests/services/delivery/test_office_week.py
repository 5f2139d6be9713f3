"""A week of ticks as the admin lives it: one line each workday, an alarm when the watch dies, nothing on rest days."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from models.message import messages
from planning.roster import Destination
from services.daily import build_daily
from services.facts import forget_fact, write_fact
from services.office_messages import build_office_messages
from services.watch_signs import note_watch, silent_watch
from tests.services.delivery.town import TZ, Town, Wire, at, policy

ADMIN = "liguoqiang"
POLICY = policy(admin=ADMIN, destinations={ADMIN: (Destination("mail", "li@caohui.example"), Destination("wecom", "liguoqiang"))})
CHANNELS = ("mail", "wecom")


def write_to_office(town: Town, now: datetime) -> None:
    """As a tick does it."""
    with town.store.write() as db:
        silent_watch(db, now=now)
        build_office_messages(db, POLICY, CHANNELS, now=now)
        build_daily(db, POLICY, now=now, channels=CHANNELS)


def test_a_week_in_which_the_watch_dies_on_wednesday(town: Town) -> None:
    now, wecom = at("2026-03-02", "07:03"), Wire("wecom")
    while now < at("2026-03-09", "07:03"):
        local = now.astimezone(TZ)
        if 7 <= local.hour < 20:
            if now < at("2026-03-04", "12:00"):
                with town.store.write() as db:
                    note_watch(db, now=now)
            if local.weekday() < 5 and (8, 30) <= (local.hour, local.minute) < (17, 30):
                write_to_office(town, now)
            town.tick(now, channels={"wecom": wecom})  # leaves the sign that ticks go on; nothing is due
        now += timedelta(minutes=30)
    daily = [key for row in town.rows(messages) for key in row.about if key.startswith("daily:")]
    assert daily == [f"daily:2026-03-0{day}" for day in (2, 3, 4, 5, 6)]
    alarms = [row for row in town.rows(messages) if "watch:silent" in row.about]
    days = Counter((row.channel, row.built_at.astimezone(TZ).day) for row in alarms)
    assert set(days.values()) == {1}
    assert min(row.built_at for row in alarms) > at("2026-03-05", "11:30")
    assert {channel for channel, _ in days} == set(CHANNELS)
    fridays = [row for row in town.rows(messages) if row.about[0] == "daily:2026-03-06"]
    assert "岁时：有1个问题" in fridays[0].subject


def test_by_a_clock_in_doubt_no_day_is_reported(town: Town) -> None:
    wrong, right = at("2028-03-02", "09:00"), at("2026-03-02", "09:00")
    held = {"since": wrong.isoformat(), "reason": "时钟跳变", "vouched": None}
    town.store.transact(lambda db: write_fact(db, "hold:clock", held, now=wrong))
    write_to_office(town, wrong)
    assert town.rows(messages) == []
    town.store.transact(lambda db: forget_fact(db, "hold:clock"))
    write_to_office(town, right)
    assert [row.about for row in town.rows(messages)] == [["daily:2026-03-02"]]
