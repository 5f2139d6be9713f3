"""How each channel stands, as the admin's list shows it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from models.message import attempts, messages
from models.store import Store
from planning.delivery_rules import DeliveryRules
from reports.channels import Condition, Standing, standings
from services.breaker import note_fault, note_recovery, rest_until
from tests.rows import message_row

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def standing(store: Store, channel: str = "group", *, now: datetime = NOW) -> Standing:
    [one] = standings(store, [channel], now=now)
    return one


def a_message(store: Store, number: int, *, tried_at: datetime | None = None, outcome: str | None = None, **columns: Any) -> None:
    ref = f"T2603-{number:06}"
    with store.write() as db:
        row = message_row(ref=ref, dedupe_key=ref, built_at=NOW, next_at=NOW, channel="group", **columns)
        made = db.execute(insert(messages).returning(messages.c.id), row).scalar_one()
        if tried_at is not None:
            attempt = {"message_id": made, "n": 1, "token": "t", "started_at": tried_at, "data_at": tried_at}
            db.execute(insert(attempts), attempt | {"outcome": outcome, "code": "45009", "detail": "api freq out of limit"})


def test_a_channel_that_was_never_used_is_open(store: Store) -> None:
    assert standing(store) == Standing("group", Condition.OPEN, None, None, 0, "", 0, None)


def test_a_channel_rests_until_the_moment_the_provider_named(store: Store) -> None:
    with store.write() as db:
        rest_until(db, "group", NOW + timedelta(minutes=10), reason="send too fast", now=NOW)

    resting = standing(store)
    assert (resting.condition, resting.until, resting.reason) == (Condition.RESTING, NOW + timedelta(minutes=10), "send too fast")
    assert standing(store, now=NOW + timedelta(minutes=11)).condition is Condition.OPEN
    assert standing(store, "another").condition is Condition.OPEN


def test_a_channel_at_fault_stays_so_until_it_takes_something(store: Store) -> None:
    with store.write() as db:
        note_fault(db, "group", DeliveryRules(), reason="93000 invalid webhook url", now=NOW)
        note_fault(db, "group", DeliveryRules(), reason="93000 invalid webhook url", now=NOW + timedelta(minutes=2))

    later = standing(store, now=NOW + timedelta(hours=1))
    assert (later.condition, later.faults, later.until, later.since) == (Condition.AT_FAULT, 2, None, NOW)
    with store.write() as db:
        note_recovery(db, "group")
    assert standing(store).condition is Condition.OPEN


def test_the_newest_try_and_what_still_waits_are_told(store: Store) -> None:
    a_message(store, 1, tried_at=NOW - timedelta(days=1), outcome="accepted", state="sent", sent_at=NOW - timedelta(days=1))
    a_message(store, 2, tried_at=NOW, outcome="deferred")
    a_message(store, 3)

    told = standing(store)

    assert told.waiting == 2
    assert told.last is not None
    assert (told.last.at, told.last.outcome, told.last.code) == (NOW, "deferred", "45009")


def test_the_order_asked_for_is_kept(store: Store) -> None:
    assert [one.channel for one in standings(store, ["b", "a"], now=NOW)] == ["b", "a"]
