from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.record import completions
from models.reminder import reminders
from services.complete import complete
from services.errors import Refused
from services.measures import read_measures

Clock = Callable[..., datetime]


def finish(town: Any, ref: str, now: datetime, **fields: Any) -> Any:
    said = {"by": "chenxia", "by_name": "陈霞", "recorded_by": "chenxia", "via": "link", "done_on": now.date(), **fields}
    return complete(town.store, ref, now=now, workdays=town.workdays, **said)


def refused(town: Any, ref: str, now: datetime, **fields: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        finish(town, ref, now, **fields)
    return caught.value


def test_what_is_done_in_time_is_closed_logged_and_no_longer_reminded_of(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    done = finish(town, ref, clock(3, 4), note="已集中学习")
    row = town.row(ref)
    assert (row.state, row.done_on, row.late, row.row_version) == ("done", date(2026, 3, 4), False, 1)
    assert set(town.reminders(ref).values()) == {"cancelled"}
    assert {one.reason for one in town.rows(reminders)} == {"done"}
    [entry] = town.log()
    assert (entry.seq, entry.hash, entry.kind, entry.subject) == (done.seq, done.hash, "done", ref)
    payload = json.loads(entry.payload)
    assert payload["note"] == "已集中学习"
    assert payload["by_name"] == "陈霞"
    assert (payload["late_workdays"], payload["original_late_workdays"]) == (0, 0)


def test_a_completion_after_the_due_day_is_taken_and_stamped_once(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    done = finish(town, ref, clock(3, 10))
    [row] = town.rows(completions)
    assert done.late
    assert (done.late_workdays, row.late_workdays, row.late_days) == (3, 3, 5)
    assert town.row(ref).late


def test_a_late_record_of_what_was_done_in_time_is_not_late(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    assert not finish(town, ref, clock(3, 10), done_on=date(2026, 3, 5)).late


def test_an_expected_day_cannot_be_missed(town: Any, clock: Clock) -> None:
    ref = town.occurrence(awaiting_notice=True)
    assert not finish(town, ref, clock(3, 10)).late


def test_two_presses_give_one_completion_one_entry_and_a_friendly_answer(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 5))
    again = refused(town, ref, clock(3, 6), by="liqiang", by_name="李强", recorded_by="liqiang")
    assert again.code == "already_done"
    assert "已由陈霞于3月5日办结" in again.sentence
    assert len(town.rows(completions)) == len(town.log()) == 1


def test_two_people_who_press_at_the_same_moment_give_one_completion(town: Any, clock: Clock) -> None:
    ref = town.occurrence()

    def press(person: str) -> str:
        try:
            finish(town, ref, clock(3, 5), by=person, by_name=person, recorded_by=person)
        except Refused as answer:
            return answer.code
        return "done"

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(press, ["chenxia", "liqiang"]))
    assert sorted(answers) == ["already_done", "done"]
    assert len(town.rows(completions)) == len(town.log()) == 1


def test_a_page_that_is_no_longer_true_is_refused_and_nothing_is_written(town: Any, clock: Clock) -> None:
    ref = town.occurrence(row_version=4)
    assert refused(town, ref, clock(3, 5), row_version=3).code == "changed"
    assert town.row(ref).state == "open"
    assert town.log() == []
    assert finish(town, ref, clock(3, 5), row_version=4).seq == 1


def test_a_clerk_may_record_for_a_village_cadre_and_the_log_says_so(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    finish(town, ref, clock(3, 5), by="liqiang", by_name="李强", recorded_by="chenxia", via="cli")
    [entry] = town.log()
    payload = json.loads(entry.payload)
    assert (entry.actor, entry.via, payload["by"], payload["recorded_by"]) == ("chenxia", "cli", "liqiang", "chenxia")


@pytest.mark.parametrize(
    ("ref", "code"),
    [("study-law:2031-Q1", "unknown_occurrence"), ("nonsense", "unknown_occurrence"), ("study-law:2026-Q1", "")],
)
def test_an_unknown_reference_is_named(town: Any, clock: Clock, ref: str, code: str) -> None:
    town.occurrence()
    if code:
        assert refused(town, ref, clock(3, 5)).code == code
    else:
        assert finish(town, ref.replace(":", "\N{FULLWIDTH COLON}"), clock(3, 5)).ref == ref


def test_tomorrow_has_not_come_and_the_office_counts_its_own_day(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    assert refused(town, ref, clock(3, 4), done_on=date(2026, 3, 5)).code == "done_on"
    assert refused(town, ref, clock(3, 4), done_on=date(2023, 3, 5)).code == "done_on"
    # 7:00 in the town is still yesterday in UTC.
    morning = clock(3, 5, 7).astimezone(UTC)
    assert finish(town, ref, morning, done_on=date(2026, 3, 5), as_of=date(2026, 3, 5)).late is False


MEASURES = [
    {"name": "宣传场次", "unit": "场", "required": True},
    {"name": "覆盖人次", "unit": "人次", "required": True},
    {"name": "发放资料", "unit": "份", "required": False},
]


def test_every_problem_with_the_numbers_is_told_in_one_sentence(town: Any, clock: Clock) -> None:
    town.duty("market-day", measures=MEASURES, zero_report=False)
    ref = town.occurrence("market-day", "2026-03-1")
    answer = refused(town, ref, clock(3, 5), measures={"覆盖人次": "近万", "场地": 3}, nothing_to_report=True)
    assert answer.code == "nothing_to_report"
    for part in ("不能报“无事”", "没有“场地”", "“覆盖人次”应为"):
        assert part in answer.sentence
    assert "缺少“宣传场次”" in refused(town, ref, clock(3, 5)).sentence


def test_numbers_are_kept_as_numbers_in_the_order_of_the_duty(town: Any, clock: Clock) -> None:
    town.duty("market-day", measures=MEASURES)
    ref = town.occurrence("market-day", "2026-03-1")
    finish(town, ref, clock(3, 5), measures={"覆盖人次": "\uff11\uff12\uff10", "宣传场次": 1, "发放资料": ""})
    [row] = town.rows(completions)
    assert row.measures == {"宣传场次": 1, "覆盖人次": 120}
    assert json.loads(town.log()[0].payload)["measures"] == {"宣传场次": 1, "覆盖人次": 120}


@pytest.mark.parametrize("value", ["-1", "1.5", "12a", "²", "1e3", -1, True, 10**9, "9" * 400, "十"])
def test_what_is_no_count_is_no_measure(value: str | int) -> None:
    numbers, problems = read_measures(MEASURES[2:], {"发放资料": value}, nothing_to_report=False)
    assert numbers == {}
    assert len(problems) == 1


def test_nothing_to_report_counts_as_nought_where_the_duty_allows_it(town: Any, clock: Clock) -> None:
    town.duty("safety", measures=MEASURES, zero_report=True, evidence_required=True)
    ref = town.occurrence("safety", "2026-W10")
    assert "又填了" in refused(town, ref, clock(3, 5), nothing_to_report=True, measures={"宣传场次": 2}).sentence
    finish(town, ref, clock(3, 5), nothing_to_report=True)
    [row] = town.rows(completions)
    assert row.nothing_to_report
    assert row.measures == {"宣传场次": 0, "覆盖人次": 0}


def test_a_standing_duty_is_never_ticked_off(town: Any, clock: Clock) -> None:
    town.duty("long-term", standing=True)
    ref = town.occurrence("long-term", "2026")
    answer = refused(town, ref, clock(3, 5))
    assert answer.code == "standing"
    assert "suishi review" in answer.sentence


def test_a_duty_that_asks_for_evidence_says_which(town: Any, clock: Clock) -> None:
    town.duty("report", evidence_required=True, evidence=["签到表", "照片"])
    ref = town.occurrence("report", "2026")
    answer = refused(town, ref, clock(3, 5))
    assert answer.code == "evidence_missing"
    assert "签到表、照片" in answer.sentence


def test_a_message_that_is_on_its_way_keeps_its_reminder_and_a_waiting_one_loses_it(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    town.message(ref)
    town.message(ref, state="leased", lease_token="t", lease_until=clock(3, 5))
    town.message(ref, ambiguous=1)
    finish(town, ref, clock(3, 5))
    states = [one.state for one in sorted(town.rows(reminders), key=lambda one: one.fire_at)]
    assert states == ["cancelled", "queued", "queued", "cancelled", "cancelled"]


def test_a_note_is_kept_composed_and_without_control_characters(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    assert refused(town, ref, clock(3, 5), note="长" * 2001).code == "too_long"
    finish(town, ref, clock(3, 5), note=" cafe\u0301\x00\n第二行 \ud800")
    [row] = town.rows(completions)
    assert row.note == "caf\u00e9\n第二行 ?"
    assert json.loads(town.log()[0].payload)["note"] == row.note


def test_an_unknown_way_of_recording_is_a_fault_of_the_caller_and_writes_nothing(town: Any, clock: Clock) -> None:
    ref = town.occurrence()
    with pytest.raises(Exception, match=r"pigeon|via"):
        finish(town, ref, clock(3, 5), via="pigeon")
    assert town.row(ref).state == "open"
