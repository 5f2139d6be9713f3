"""The calendar file that goes with a personal mail: one entry for each item, ending at its deadline.

A VEVENT, because phones show no VTODO that comes with a mail; for information only (METHOD:PUBLISH, RFC 5546 3.2.1), so
that nobody is asked to accept it. No staff link stands in it: calendars are shared with colleagues and copied to clouds,
and whoever has the link may act in the reader's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Component, Event, Timezone

from notifications import phrases
from notifications.envelope import Attachment
from notifications.letter import Detail, Item, Tone

FILE_NAME = "办理项.ics"

_HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Suishi//岁时//ZH-CN\r\nMETHOD:PUBLISH\r\n"
_LENGTH = timedelta(minutes=30)
_ALARM = timedelta(days=-1)


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One occurrence in the reader's calendar. ``sequence`` grows when the date moves, and ``uid`` never changes."""

    uid: str  # occurrence-7@caohui.example
    sequence: int
    due_at: datetime
    item: Item
    detail: Detail = Detail.FULL


def write_calendar(events: Iterable[CalendarEvent], *, title: str, built_at: datetime, tz: ZoneInfo) -> str:
    """The file's text, lines ended by CRLF. Equal input gives equal text; ``title`` becomes the category."""
    of_uid: dict[str, CalendarEvent] = {}
    for event in events:
        of_uid.setdefault(event.uid, event)  # one entry, whatever several parts in it the reader has
    category = phrases.plain(title)
    entries = (_text(_entry(event, category=category, built_at=built_at, tz=tz)) for event in of_uid.values())
    return "".join((_HEAD, _timezone(tz.key), *entries, "END:VCALENDAR\r\n"))


def attachment(text: str) -> Attachment:
    """The file as it is attached. Not as an alternative of the text: it is no invitation that wants an answer."""
    return Attachment(name=FILE_NAME, media_type="text/calendar", text=text, parameters={"method": "PUBLISH"})


def _entry(event: CalendarEvent, *, category: str, built_at: datetime, tz: ZoneInfo) -> Event:
    cancelled = event.item.tone is Tone.CANCELLED
    entry = Event()
    entry.add("uid", event.uid)
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", built_at)
    entry.add("dtstart", (event.due_at - _LENGTH).astimezone(tz))
    entry.add("dtend", event.due_at.astimezone(tz))
    entry.add("summary", _summary(event))
    entry.add("description", "\n".join(_description(event)))
    entry.add("categories", [category])
    entry.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    entry.add("status", "CANCELLED" if cancelled else "TENTATIVE" if _uncertain(event.item) else "CONFIRMED")
    if not cancelled:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _summary(event))
        alarm.add("trigger", _ALARM)
        entry.add_component(alarm)
    return entry


def _summary(event: CalendarEvent) -> str:
    item = event.item
    title = phrases.plain(item.title) if event.detail != Detail.NUMBER else f"办理项{phrases.plain(item.number)}"
    if item.tone is Tone.CANCELLED:
        return f"{title}（已取消）"
    return f"{title}截止{'（暂定）' if _uncertain(item) else ''}"


def _description(event: CalendarEvent) -> list[str]:
    """Nothing that is true only on the day of the mail: the entry stays in the calendar."""
    item = event.item
    if item.tone is Tone.CANCELLED:
        return ["已取消，无需办理。"]
    said = [f"编号：{phrases.plain(item.number)}"] if item.number else []
    if event.detail == Detail.FULL:
        if item.as_written:
            said.append(f"时限：{phrases.plain(item.as_written)}")
        if item.explanation:
            said.append(f"说明：{phrases.plain(item.explanation)}")
    if item.partner:
        said.append("请配合办理。")
    if item.verifier:
        said.append("办结后请验收。")
    return [*said, *(["办理请打开提醒邮件中的链接。"] if item.link else [])]


def _uncertain(item: Item) -> bool:
    return item.provisional or item.awaiting_notice


@lru_cache(maxsize=4)
def _timezone(key: str) -> str:
    """The zone's rules, with China's summer time of 1986 to 1991, so that a reader without a zone table is right as well."""
    return _text(Timezone.from_tzid(key))


def _text(component: Component) -> str:
    return str(component.to_ical(), "utf-8")
