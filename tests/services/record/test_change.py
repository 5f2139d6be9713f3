from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from models.message import messages
from models.occurrence import assignments, due_changes
from models.office import duties
from models.reminder import reminders
from models.upkeep import links
from services.change import extend, hand_over, reopen, waive
from services.complete import complete
from services.errors import Refused

Clock = Callable[..., datetime]
CHINA = ZoneInfo("Asia/Shanghai")


def finish(town: Any, ref: str, now: datetime) -> None:
    complete(
        town.store,
        ref,
        by="chenxia",
        by_name="陈霞",
        recorded_by="chenxia",
        via="link",
        now=now,
        done_on=now.date(),
        workdays=town.workdays,
    )


def postpone(town: Any, ref: str, to: date, now: datetime, **fields: Any) -> Any:
    said = {"by": "chenxia", "reason": "领导出差", "via": "page", "remind_at": time(9), "tz": CHINA, **fields}
    return extend(town.store, ref, to=to, now=now, workdays=town.workdays, **said)


def give(town: Any, ref: str, to: str, name: str, now: datetime, **fields: Any) -> Any:
    said = {"by": "wangmin", "reason": "陈霞调离", "via": "page", **fields}
    return hand_over(town.store, ref, to=to, to_name=name, now=now, **said)


def live(town: Any, ref: str, person: str | None = None) -> set[tuple[str, int]]:
    return {key for key, state in town.reminders(ref, person).items() if state == "planned"}


# --- reopen ---


def test_a_wrong_tick_is_taken_back_and_both_stay_on_record(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 2))
    reopen(town.store, ref, by="chenxia", reason="点错了", via="link", now=clock(3, 2))
    row = town.row(ref)
    assert (row.state, row.done_on, row.closed_at, row.due_epoch, row.row_version) == ("open", None, None, 1, 2)
    assert live(town, ref) == {("T0", 1), ("T+1", 1)}  # T-3 has passed
    [change] = town.rows(due_changes)
    assert (change.from_on, change.to_on, change.cause) == (row.due_on, row.due_on, "reopen")
    finish(town, ref, clock(3, 5))
    assert [entry.kind for entry in town.log()] == ["done", "reopened", "done"]
    assert json.loads(town.log()[-1].payload)["turn"] == 2


def test_reopening_needs_a_reason_and_something_closed(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    for reason, code in (("  ", "reason_missing"), ("点错了", "not_closed")):
        with pytest.raises(Refused) as caught:
            reopen(town.store, ref, by="chenxia", reason=reason, via="cli", now=clock(3, 2))
        assert caught.value.code == code
    assert town.log() == []


def test_a_late_completion_taken_back_is_not_late_any_more_until_done_again(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 10))
    reopen(town.store, ref, by="chenxia", reason="材料不全", via="page", now=clock(3, 11))
    assert not town.row(ref).late
    assert live(town, ref) == set()


def test_work_handed_over_done_and_reopened_can_be_handed_back(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 2))
    finish(town, ref, clock(3, 3))
    reopen(town.store, ref, by="liqiang", reason="点错了", via="link", now=clock(3, 3))
    assert live(town, ref, "chenxia") == set()  # no part in it any more
    assert live(town, ref, "liqiang") == {("T0", 1), ("T+1", 1)}
    give(town, ref, "chenxia", "陈霞", clock(3, 4), reason="李强住院")
    assert live(town, ref, "chenxia") == {("handed-over", 2), ("T0", 2), ("T+1", 2)}
    assert live(town, ref, "wangmin") == {("T+1", 2)}


def test_an_edit_made_while_it_was_done_is_looked_at_after_reopening(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 2))
    assert town.rows(duties)[0].fingerprint == "f1"
    reopen(town.store, ref, by="chenxia", reason="点错了", via="link", now=clock(3, 2))
    assert town.rows(duties)[0].fingerprint == ""


@pytest.mark.parametrize("reason", ["plan_rev", "silent", "released"])
def test_a_step_that_a_plan_removed_does_not_come_back(town: Any, clock: Clock, reason: str) -> None:
    ref = town.occurrence()
    with town.store.write() as db:
        db.execute(reminders.update().where(reminders.c.step == "T+1").values(state="cancelled", reason=reason))
    give(town, ref, "liqiang", "李强", clock(3, 2))
    assert live(town, ref, "liqiang") == {("handed-over", 0), ("T0", 0)}
    finish(town, ref, clock(3, 3))
    reopen(town.store, ref, by="liqiang", reason="点错了", via="link", now=clock(3, 3))
    assert live(town, ref) == {("T0", 1)}


# --- waive ---


def test_who_was_told_hears_once_that_it_fell_away(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia",))
    waive(town.store, ref, by="wangmin", reason="上级取消了本季学习", via="page", now=clock(3, 2))
    assert town.row(ref).state == "waived"
    assert live(town, ref) == {("cancelled", 0)}
    with pytest.raises(Refused) as caught:
        finish(town, ref, clock(3, 3))
    assert caught.value.code == "waived"
    assert "由王敏于3月2日免办，原因：上级取消了本季学习" in caught.value.sentence


def test_a_waiver_taken_back_in_time_does_not_say_that_it_fell_away(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia",))
    waive(town.store, ref, by="wangmin", reason="误会", via="page", now=clock(3, 2))
    reopen(town.store, ref, by="wangmin", reason="仍要办", via="page", now=clock(3, 2))
    assert live(town, ref) == {("T0", 1), ("T+1", 1)}


def test_who_still_knows_the_old_day_hears_of_the_new_one_after_reopening(town: Any, clock: Clock) -> None:
    """The day moved, and it was done before everybody had heard of that."""
    ref = town.occurrence(told=("chenxia", "wangmin"))
    postpone(town, ref, date(2026, 3, 12), clock(3, 4))
    finish(town, ref, clock(3, 4))
    reopen(town.store, ref, by="chenxia", reason="登记错了", via="page", now=clock(3, 5))
    assert town.reminders(ref, "wangmin")[("moved", 2)] == "planned"


# --- extend ---


def test_an_extension_keeps_the_original_day_and_counts(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia",))
    postpone(town, ref, date(2026, 3, 12), clock(3, 5))
    postpone(town, ref, date(2026, 3, 20), clock(3, 12))
    row = town.row(ref)
    assert (row.due_on, row.original_due_on, row.planned_on) == (date(2026, 3, 20), date(2026, 3, 5), date(2026, 3, 5))
    assert (row.extensions, row.extension_days, row.due_epoch) == (2, 15, 2)
    assert row.due_at == datetime(2026, 3, 20, 10, tzinfo=UTC)  # 18:00 in the town, as before
    assert live(town, ref) == {("T-3", 2), ("T0", 2), ("T+1", 2)}
    assert [change.cause for change in town.rows(due_changes)] == ["extension", "extension"]


def test_the_ladder_follows_the_new_day_with_what_its_steps_ask_for(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    postpone(town, ref, date(2026, 3, 31), clock(3, 5))
    fresh = {one.step: one for one in town.rows(reminders, due_epoch=1) if one.state == "planned" and one.offset < 1}
    assert fresh["T-7"].fire_at == datetime(2026, 3, 20, 1, tzinfo=UTC)  # 9:00 in the town, 7 workdays before
    assert fresh["T-7"].say == "提前通知讲授人"
    assert set(town.reminders(ref, "wangmin")) == {("T+1", 0), ("T+1", 1)}


def test_only_who_was_told_and_did_not_ask_hears_of_the_new_day(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia", "wangmin"))
    postpone(town, ref, date(2026, 3, 12), clock(3, 5))
    assert ("moved", 1) not in town.reminders(ref, "chenxia")
    assert town.reminders(ref, "wangmin")[("moved", 1)] == "planned"


def test_two_extensions_before_the_notice_left_give_one_notice_from_the_day_that_was_told(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("wangmin",))
    postpone(town, ref, date(2026, 3, 12), clock(3, 4))
    postpone(town, ref, date(2026, 3, 20), clock(3, 4))
    moved = [one for one in town.rows(reminders, step="moved") if one.state == "planned"]
    assert [one.say for one in moved] == ["原定3月5日，改为3月20日（延期：领导出差）"]


def test_steps_that_are_past_on_the_new_day_are_folded_for_who_was_told(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia",))
    postpone(town, ref, date(2026, 3, 6), clock(3, 5))
    states = town.reminders(ref, "chenxia")
    assert [states[step, 1] for step in ("T-7", "T-3", "T0", "T+1")] == ["folded", "folded", "planned", "planned"]


def test_after_the_day_it_is_too_late_for_an_extension(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    with pytest.raises(Refused) as caught:
        postpone(town, ref, date(2026, 3, 12), clock(3, 6))
    assert caught.value.code == "too_late"
    assert "按原定时间考核" in caught.value.sentence
    with pytest.raises(Refused) as caught:
        postpone(town, ref, date(2026, 3, 5), clock(3, 5, 23))
    assert caught.value.code == "not_later"
    assert town.row(ref).extensions == 0


def test_late_is_counted_from_the_extended_day_and_assessed_from_the_original(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    postpone(town, ref, date(2026, 3, 12), clock(3, 5))
    finish(town, ref, clock(3, 13))
    payload = json.loads(town.log()[-1].payload)
    assert (payload["late_workdays"], payload["original_late_workdays"], payload["original_late_days"]) == (1, 6, 8)


def test_two_extensions_from_the_same_page_give_one(town: Any, clock: Clock) -> None:
    ref = town.occurrence()

    def ask(day: int) -> str:
        try:
            postpone(town, ref, date(2026, 3, day), clock(3, 5), row_version=0)
        except Refused as answer:
            return answer.code
        return "extended"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(ask, [12, 13])) == ["changed", "extended"]
    assert town.row(ref).extensions == 1


def test_a_stale_page_is_told_so_before_anything_else(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    postpone(town, ref, date(2026, 3, 13), clock(3, 5))
    with pytest.raises(Refused) as caught:
        postpone(town, ref, date(2026, 3, 12), clock(3, 5), row_version=0)
    assert caught.value.code == "changed"
    assert "3月5日陈霞办理了延期" in caught.value.sentence


@pytest.mark.parametrize("to", [date(2028, 1, 1), date(2126, 3, 12)])
def test_nobody_extends_beyond_the_end_of_next_year(town: Any, clock: Clock, to: date) -> None:
    ref = town.occurrence()
    with pytest.raises(Refused, match="延期最远到2027年12月31日") as caught:
        postpone(town, ref, to, clock(3, 4))
    assert caught.value.code == "too_far"
    postpone(town, ref, date(2027, 12, 31), clock(3, 4))


# --- hand over ---


def test_the_successor_goes_on_where_the_ladder_stands(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("chenxia",))
    with town.store.write() as db:
        part = town.rows(assignments, person="chenxia")[0].id
        link = {"assignment_id": part, "serial": 0, "token_sha256": "x", "created_at": clock(3, 1)}
        db.execute(insert(links), {**link, "expires_at": clock(4, 1)})
    give(town, ref, "liqiang", "李强", clock(3, 4))
    [old] = town.rows(assignments, person="chenxia")
    [new] = town.rows(assignments, person="liqiang")
    assert (old.active, old.name) == (False, "陈霞")
    assert (new.active, new.handed, new.role) == (True, True, "owner")
    assert set(town.reminders(ref, "chenxia").values()) == {"cancelled"}
    assert live(town, ref, "liqiang") == {("handed-over", 0), ("T0", 0), ("T+1", 0)}
    assert live(town, ref, "wangmin") == {("T+1", 0)}
    assert town.rows(links)[0].revoked_at is not None
    assert town.log()[0].kind == "handed_over"


def test_work_that_is_handed_back_is_reminded_of_again(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 4))
    give(town, ref, "chenxia", "陈霞", clock(3, 4), reason="李强住院")
    assert live(town, ref, "chenxia") == {("handed-over", 1), ("T0", 1), ("T+1", 1)}
    assert live(town, ref, "liqiang") == set()
    assert live(town, ref, "wangmin") == {("T+1", 1)}
    assert town.row(ref).due_epoch == 1


def test_an_extension_does_not_swallow_the_news_of_a_hand_over(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 4))
    postpone(town, ref, date(2026, 3, 12), clock(3, 4), by="liqiang")
    assert ("handed-over", 1) in live(town, ref, "liqiang")


def test_a_share_handed_to_who_owns_it_too_is_let_go_and_stays_on_record(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"), ("zhaojun", "owner")))
    give(town, ref, "zhaojun", "赵军", clock(3, 4), from_person="chenxia", reason="陈霞离任")
    [gone] = town.rows(assignments, person="chenxia")
    [staying] = town.rows(assignments, person="zhaojun")
    assert (gone.active, staying.active, staying.handed) == (False, True, True)
    assert set(town.reminders(ref, "chenxia").values()) == {"cancelled"}
    assert ("handed-over", 0) in live(town, ref, "zhaojun")
    [entry] = town.log()
    said = json.loads(entry.payload)
    assert (entry.kind, said["from"], said["to"], said["reason"]) == ("handed_over", "chenxia", "zhaojun", "陈霞离任")


def test_a_hand_over_needs_one_owner_and_another_person(town: Any, clock: Clock) -> None:
    ref = town.occurrence(parts=(("chenxia", "owner"), ("zhaojun", "owner")))
    for to, fields, code in (
        ("liqiang", {}, "which_owner"),
        ("zhaojun", {}, "already_owner"),
        ("zhaojun", {"from_person": "zhaojun"}, "already_owner"),
        ("liqiang", {"from_person": "sunli"}, "no_owner"),
        ("liqiang", {"reason": ""}, "reason_missing"),
    ):
        with pytest.raises(Refused) as caught:
            give(town, ref, to, to, clock(3, 4), **fields)
        assert caught.value.code == code
    give(town, ref, "liqiang", "李强", clock(3, 4), from_person="zhaojun")
    assert {one.person for one in town.rows(assignments, active=True)} == {"chenxia", "liqiang"}


def test_nobody_hands_over_what_is_closed(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 4))
    with pytest.raises(Refused, match="已由陈霞于3月4日办结"):
        give(town, ref, "liqiang", "李强", clock(3, 4))


def queue(town: Any, ref: str, step: str, person: str, **fields: Any) -> None:
    """Put one planned reminder into a message that waits behind a dead channel."""
    [part] = [one.id for one in town.rows(assignments, person=person)]
    other = town.message(ref, **fields)
    with town.store.write() as db:
        taken = reminders.c.message_id == other
        db.execute(reminders.update().where(taken).values(state="planned", message_id=None))
        mine = (reminders.c.assignment_id == part) & (reminders.c.step == step) & (reminders.c.state == "planned")
        db.execute(reminders.update().where(mine).values(state="queued", message_id=other))


def test_what_waits_behind_a_dead_channel_is_carried_on_when_work_is_handed_back(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 4))
    queue(town, ref, "T+1", "wangmin")
    give(town, ref, "chenxia", "陈霞", clock(3, 4), reason="李强住院")
    assert town.reminders(ref, "wangmin") == {("T+1", 0): "superseded", ("T+1", 1): "planned"}


@pytest.mark.parametrize("fields", [{"state": "leased", "lease_token": "x"}, {"ambiguous": 1}])
def test_what_may_be_on_the_wire_is_not_said_twice_when_work_is_handed_back(
    town: Any, clock: Clock, fields: dict[str, Any]
) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 4))
    queue(town, ref, "T+1", "wangmin", **fields)
    give(town, ref, "chenxia", "陈霞", clock(3, 4), reason="李强住院")
    assert town.reminders(ref, "wangmin") == {("T+1", 0): "queued"}


def test_an_extension_does_not_swallow_a_hand_over_queued_behind_a_dead_channel(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    give(town, ref, "liqiang", "李强", clock(3, 4))
    queue(town, ref, "handed-over", "liqiang")
    postpone(town, ref, date(2026, 3, 12), clock(3, 4), by="liqiang")
    states = town.reminders(ref, "liqiang")
    assert (states["handed-over", 0], states["handed-over", 1]) == ("superseded", "planned")


def test_a_notice_that_came_back_from_the_wire_is_carried_on_once(town: Any, clock: Clock) -> None:
    ref = town.occurrence(told=("wangmin",))
    give(town, ref, "liqiang", "李强", clock(3, 3))
    postpone(town, ref, date(2026, 3, 12), clock(3, 3))
    queue(town, ref, "moved", "wangmin", state="leased", lease_token="x")
    postpone(town, ref, date(2026, 3, 20), clock(3, 4))
    with town.store.write() as db:
        db.execute(messages.update().values(state="pending", lease_token=None))
    give(town, ref, "chenxia", "陈霞", clock(3, 4), reason="李强住院")
    [moved] = [one for one in town.rows(reminders, step="moved") if one.state in {"planned", "queued"}]
    assert (moved.due_epoch, moved.state, "改为3月20日" in moved.say) == (3, "planned", True)
