"""Calendar entries as RFC 5545 has them: what the file beside a mail and the calendar one subscribes to have in common.

Both name an occurrence by the same UID and SEQUENCE, so that a calendar that knows both shows one entry. A VEVENT,
because phones show no VTODO of a mail or a subscription. No staff link stands in it: calendars are shared with
colleagues and copied to clouds, and whoever has the link may act in the reader's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

from icalendar import Alarm, Component, Event, Timezone

from notifications import phrases
from notifications.letter import Detail

PRODUCT = "-//Suishi//岁时//ZH-CN"
END = "END:VCALENDAR\r\n"

_LENGTH = timedelta(minutes=30)
_ALARM = timedelta(days=-1)


class Standing(Enum):
    """How the occurrence stands for this reader: the words after its title, the STATUS, whether it rings a day before."""

    OPEN = ("截止", "CONFIRMED", True)
    UNSURE = ("截止（暂定）", "TENTATIVE", True)  # the day may still move
    DONE = ("（已办结）", "CONFIRMED", False)
    REVIEWED = ("（已复核）", "CONFIRMED", False)  # of a standing duty
    CANCELLED = ("（已取消）", "CANCELLED", False)
    RELEASED = ("（不再由您办理）", "CANCELLED", False)  # handed over, or the plan names others

    @property
    def words(self) -> str:
        return self.value[0]

    @property
    def status(self) -> str:
        return self.value[1]

    @property
    def rings(self) -> bool:
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Entry:
    """One occurrence in the reader's calendar. ``sequence`` grows when the date moves, and ``uid`` never changes."""

    uid: str
    sequence: int
    due_at: datetime
    stamp: datetime  # when the file was made or, in a calendar one subscribes to, when the entry last changed
    title: str
    number: str  # study-law:2026-Q1
    standing: Standing
    told: tuple[str, ...] = ()  # further lines; nothing that is true only today: the entry stays in the calendar
    detail: Detail = Detail.FULL
    modified_at: datetime | None = None  # None: not said, as the file is made once


def uid_of(occurrence_id: int, domain: str) -> str:
    """The name of an occurrence in every calendar: occurrence-7@caohui.example."""
    return f"occurrence-{occurrence_id}@{domain}"


def write_file(head: str, entries: Iterable[Entry], *, category: str, tz: ZoneInfo) -> str:
    """The text, lines ended by CRLF: ``head`` is what stands before the zone. Equal input gives equal text."""
    kind = phrases.plain(category)
    return "".join((head, _timezone(tz.key), *(content(_event(entry, kind, tz)) for entry in entries), END))


def content(component: Component) -> str:
    """A component as it stands in a file: escaped, and folded at 75 bytes."""
    return str(component.to_ical(), "utf-8")


def _event(entry: Entry, category: str, tz: ZoneInfo) -> Event:
    summary = _summary(entry)
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.stamp)
    if entry.modified_at is not None:
        event.add("last-modified", entry.modified_at)
    event.add("dtstart", (entry.due_at - _LENGTH).astimezone(tz))
    event.add("dtend", entry.due_at.astimezone(tz))
    event.add("summary", summary)
    event.add("description", "\n".join(_description(entry)))
    event.add("categories", [category])
    event.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    event.add("status", entry.standing.status)
    if entry.standing.rings:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _ALARM)
        event.add_component(alarm)
    return event


def _summary(entry: Entry) -> str:
    number = phrases.plain(entry.number)
    title = phrases.plain(entry.title) if entry.detail != Detail.NUMBER else f"办理项{number}"
    return f"{title}{entry.standing.words}"


def _description(entry: Entry) -> list[str]:
    numbered = [f"编号：{phrases.plain(entry.number)}"] if entry.number and entry.standing is not Standing.CANCELLED else []
    return [*numbered, *(phrases.plain(line) for line in entry.told)]


@lru_cache(maxsize=4)
def _timezone(key: str) -> str:
    """The zone's rules, with China's summer time of 1986 to 1991, so that a reader without a zone table is right as well."""
    return content(Timezone.from_tzid(key))
