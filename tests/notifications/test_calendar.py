"""The calendar file, read back by the library and looked at byte by byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from notifications.calendar import CalendarEvent, attachment, write_calendar
from notifications.letter import Detail, Tone
from tests.notifications.letters import item

TZ = ZoneInfo("Asia/Shanghai")
BUILT = datetime(2026, 3, 3, 0, 45, tzinfo=UTC)
DUE = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def event(number: int = 7, **changes: Any) -> CalendarEvent:
    usual: dict[str, Any] = {"uid": f"occurrence-{number}@caohui.example", "sequence": 0, "due_at": DUE, "item": item()}
    return CalendarEvent(**usual | changes)


def written(*events: CalendarEvent) -> str:
    return write_calendar(events, title="法治建设工作提醒", built_at=BUILT, tz=TZ)


def entries(text: str) -> list[Any]:
    return list(Calendar.from_ical(text).walk("VEVENT"))


def test_an_entry_ends_at_the_deadline_and_keeps_nobody_busy() -> None:
    (entry,) = entries(written(event()))
    assert entry["DTEND"].dt == DUE
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(minutes=30)
    assert entry["DTEND"].params["TZID"] == "Asia/Shanghai"
    assert entry["DTSTAMP"].dt == BUILT
    assert entry["TRANSP"] == "TRANSPARENT"
    assert entry["STATUS"] == "CONFIRMED"
    assert entry["UID"] == "occurrence-7@caohui.example"
    assert entry["SUMMARY"] == "法治专题学习截止"
    assert entry["CATEGORIES"].cats == ["法治建设工作提醒"]
    (alarm,) = entry.walk("VALARM")
    assert alarm["TRIGGER"].dt == timedelta(days=-1)


def test_the_file_is_for_information_and_brings_its_time_zone() -> None:
    calendar = Calendar.from_ical(written(event()))
    assert calendar["METHOD"] == "PUBLISH"
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Asia/Shanghai"
    assert "ATTENDEE" not in written(event())


def test_a_move_keeps_the_name_and_raises_the_sequence() -> None:
    moved = event(sequence=1, due_at=DUE + timedelta(days=3))
    before, after = entries(written(event()))[0], entries(written(moved))[0]
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 1)


def test_what_was_called_off_is_crossed_out_and_rings_no_bell() -> None:
    (entry,) = entries(written(event(item=item(tone=Tone.CANCELLED))))
    assert entry["STATUS"] == "CANCELLED"
    assert entry["SUMMARY"] == "法治专题学习（已取消）"
    assert entry.walk("VALARM") == []


@pytest.mark.parametrize("doubt", [{"provisional": True}, {"awaiting_notice": True}])
def test_a_day_that_is_not_sure_is_tentative(doubt: dict[str, bool]) -> None:
    (entry,) = entries(written(event(item=item(**doubt))))
    assert entry["STATUS"] == "TENTATIVE"
    assert "暂定" in entry["SUMMARY"]


def test_no_staff_link_stands_in_a_calendar() -> None:
    text = written(event(item=item(link="{link:1}")))
    assert "{link" not in text
    assert "/t/" not in text
    assert "http" not in text


@pytest.mark.parametrize(
    ("detail", "shown", "hidden"),
    [
        (Detail.FULL, "因会议提前", "查无此词"),
        (Detail.TITLE, "法治专题学习", "因会议提前"),
        (Detail.NUMBER, "办理项study:7", "法治专题学习"),
    ],
)
def test_the_entry_tells_no_more_than_the_message(detail: Detail, shown: str, hidden: str) -> None:
    (entry,) = entries(written(event(detail=detail, item=item(number="study:7", explanation="因会议提前"))))
    told = f"{entry['SUMMARY']}\n{entry['DESCRIPTION']}"
    assert shown in told
    assert hidden not in told


def test_two_parts_in_one_occurrence_are_one_entry() -> None:
    assert len(entries(written(event(), event(item=item(partner=True)), event(8)))) == 2


def test_equal_input_gives_equal_text() -> None:
    assert written(event(), event(8)) == written(event(), event(8))


@given(title=st.text(max_size=300), explanation=st.text(max_size=300))
def test_whatever_is_typed_stays_one_entry_of_short_lines(title: str, explanation: str) -> None:
    text = written(event(item=item(title, explanation=explanation)))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    (entry,) = entries(text)
    assert set(entry) == {
        *("UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "CATEGORIES", "TRANSP", "STATUS")
    }


def test_it_is_attached_as_a_file_with_its_method() -> None:
    file = attachment(written(event()))
    assert (file.name, file.media_type, dict(file.parameters)) == ("办理项.ics", "text/calendar", {"method": "PUBLISH"})
