"""The calendar file that goes with a personal mail: one entry for each item, ending at its deadline.

For information only (METHOD:PUBLISH, RFC 5546 3.2.1), so that nobody is asked to accept it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from notifications.calendar_file import PRODUCT, Entry, Standing, write_file
from notifications.envelope import Attachment
from notifications.letter import Detail, Item, Tone

FILE_NAME = "办理项.ics"

_HEAD = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\nMETHOD:PUBLISH\r\n"


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One occurrence as a mail tells of it."""

    uid: str  # occurrence-7@caohui.example
    sequence: int
    due_at: datetime
    item: Item
    detail: Detail = Detail.FULL


def write_calendar(events: Iterable[CalendarEvent], *, title: str, built_at: datetime, tz: ZoneInfo) -> str:
    """The file's text; ``title`` becomes the category. Equal input gives equal text."""
    of_uid: dict[str, CalendarEvent] = {}
    for event in events:
        of_uid.setdefault(event.uid, event)  # one entry, whatever several parts in it the reader has
    return write_file(_HEAD, (_entry(event, built_at) for event in of_uid.values()), category=title, tz=tz)


def attachment(text: str) -> Attachment:
    """The file as it is attached. Not as an alternative of the text: it is no invitation that wants an answer."""
    return Attachment(name=FILE_NAME, media_type="text/calendar", text=text, parameters={"method": "PUBLISH"})


def _entry(event: CalendarEvent, built_at: datetime) -> Entry:
    return Entry(
        uid=event.uid,
        sequence=event.sequence,
        due_at=event.due_at,
        stamp=built_at,
        title=event.item.title,
        number=event.item.number,
        standing=_standing(event.item),
        told=tuple(_told(event.item, event.detail)),
        detail=event.detail,
    )


def _standing(item: Item) -> Standing:
    if item.tone is Tone.CANCELLED:
        return Standing.CANCELLED
    return Standing.UNSURE if item.provisional or item.awaiting_notice else Standing.OPEN


def _told(item: Item, detail: Detail) -> Iterable[str]:
    if item.tone is Tone.CANCELLED:
        yield "已取消，无需办理。"
        return
    if detail == Detail.FULL and item.as_written:
        yield f"时限：{item.as_written}"
    if detail == Detail.FULL and item.explanation:
        yield f"说明：{item.explanation}"
    if item.partner:
        yield "请配合办理。"
    if item.verifier:
        yield "办结后请验收。"
    if item.link:
        yield "办理请打开提醒邮件中的链接。"
