"""收到: one entry for each person and due day, nothing that anybody is asked for and nothing that anything counts."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.occurrence import occurrences
from models.reminder import reminders
from reports.history import history
from reports.log import verify
from reports.timeline import timeline
from services.acknowledge import acknowledge
from services.change import waive
from services.complete import complete
from services.errors import Refused
from services.extend import extend

Clock = Callable[..., datetime]
CHINA = ZoneInfo("Asia/Shanghai")


def received(town: Any, ref: str, now: datetime, by: str = "chenxia", **said: Any) -> Any:
    return acknowledge(town.store, ref, by=by, via="link", now=now, **said)


def test_it_is_one_entry_and_touches_nothing_else(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    before = town.rows(occurrences), town.rows(reminders)
    recorded = received(town, ref, clock(2, 26))
    assert (town.rows(occurrences), town.rows(reminders)) == before
    [entry] = town.log()
    assert (entry.kind, entry.actor, entry.via, entry.subject) == ("acknowledged", "chenxia", "link", ref)
    assert entry.seq == recorded.seq
    said = json.loads(entry.payload)
    assert (said["by"], said["due_epoch"], said["due_on"], "recorded_by" in said) == ("chenxia", 0, "2026-03-05", False)


def test_running_it_twice_adds_nothing(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    first = received(town, ref, clock(2, 26))
    assert received(town, ref, clock(2, 27)) == first
    assert len(town.log()) == 1


def test_each_doer_says_it_for_himself_and_again_when_the_day_has_moved(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"), ("liqiang", "partner"), ("wangmin", "overseer")))
    received(town, ref, clock(2, 26))
    received(town, ref, clock(2, 26), by="liqiang")
    place = {"workdays": town.workdays, "remind_at": time(9), "tz": CHINA}
    extend(town.store, ref, to=date(2026, 3, 20), by="chenxia", reason="讲课人出差", via="link", now=clock(2, 27), **place)
    received(town, ref, clock(3, 2))
    assert [(one.kind, one.actor) for one in town.log()] == [
        ("acknowledged", "chenxia"),
        ("acknowledged", "liqiang"),
        ("extended", "chenxia"),
        ("acknowledged", "chenxia"),
    ]


def test_a_stand_in_is_named_beside_the_one_he_stands_in_for(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    received(town, ref, clock(2, 26), recorded_by="liqiang")
    [entry] = town.log()
    assert (entry.actor, json.loads(entry.payload)["recorded_by"]) == ("liqiang", "liqiang")
    found = history(town.store, ref, as_of=date(2026, 2, 26), workdays=town.workdays)
    assert found is not None
    assert "李强（代陈霞）表示收到（提醒链接）。" in [moment.sentence for moment in timeline(found, tz=CHINA)]


@pytest.mark.parametrize("person", ["wangmin", "sunli", "nobody"])
def test_whoever_does_not_do_it_has_nothing_to_receive(town: Any, clock: Clock, person: str) -> None:
    ref = town.occurrence()
    with pytest.raises(Refused) as caught:
        received(town, ref, clock(2, 26), by=person)
    assert caught.value.code == "not_yours"
    assert town.log() == []


def test_what_is_closed_is_not_received_any_more(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    doing = {"recorded_by": "chenxia", "via": "link", "now": clock(3, 2), "done_on": date(2026, 3, 2)}
    complete(town.store, ref, by="chenxia", by_name="陈霞", workdays=town.workdays, **doing)
    with pytest.raises(Refused) as caught:
        received(town, ref, clock(3, 3))
    assert caught.value.code == "already_done"
    waived = town.occurrence(period="2026-Q2", due=date(2026, 6, 30))
    waive(town.store, waived, by="wangmin", reason="并入他项", via="cli", now=clock(3, 2))
    with pytest.raises(Refused) as caught:
        received(town, waived, clock(3, 3))
    assert caught.value.code == "waived"


def test_the_log_stays_whole_with_it(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    received(town, ref, clock(2, 26))
    assert verify(town.store).ok
