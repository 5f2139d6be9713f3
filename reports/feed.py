"""Calendars that one subscribes to: the due days of a person, or of a unit and what is below it.

The address of a feed is known to clouds and to whoever looks over a shoulder. So it tells no more than the mails may,
and neither notes, addresses nor links. An entry bears the name and the sequence that it has in the file beside a mail:
a calendar that takes both shows one. What was done stays for a while and says so, rather than to vanish: a reader
could not tell what is recorded from what was called off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, vText
from sqlalchemy import Connection, select

from models.occurrence import OccurrenceState
from models.office import people, units
from models.store import Store
from notifications.calendar_file import END, PRODUCT, Entry, Standing, content, uid_of, write_file
from notifications.letter import Detail
from notifications.phrases import plain
from planning.duty import Role
from planning.wording import day_name
from reports.feed_rows import KEPT_DAYS, FeedRow, Found, Window, below, rows_of_person, rows_of_units
from reports.memo import Memo
from reports.snapshot import snapshot

MEDIA_TYPE = "text/calendar; charset=utf-8"

_REFRESHED = timedelta(hours=1)
_REFRESHED_AS_TEXT = "PT1H"  # icalendar writes a timedelta as 1:00:00 here, which no client reads


@dataclass(frozen=True, slots=True)
class FeedForm:
    """What a feed takes from the office's settings."""

    title: str  # 法治建设工作提醒
    domain: str  # of the mails: it is in the names of entries
    tz: ZoneInfo
    detail: str = "full"  # full | title | number: how much of a duty may leave the house


@dataclass(frozen=True, slots=True)
class Feed:
    name: str  # 法治建设工作提醒（王敏）
    text: str  # lines ended by CRLF
    etag: str  # quoted, as the header has it: the same for as long as no row changed


def person_feed(store: Store, person: str, *, as_of: date, form: FeedForm, memo: Memo | None = None) -> Feed | None:
    """What the person does, partners in or verifies; None for a key that nobody has.

    With a ``memo`` it is written once for each change. Give feeds one of their own: they are many, and large beside
    the figures of pages.
    """

    def write(db: Connection) -> Feed | None:
        name = db.execute(select(people.c.name).where(people.c.key == person)).scalar_one_or_none()
        if name is None:
            return None
        found = rows_of_person(db, person, Window.around(as_of, form.tz))
        return _feed(found, name, lambda row: _entry(row, form), form)

    return _remembered(store, ("person feed", person, as_of, form), write, memo)


def unit_feed(store: Store, unit: str, *, as_of: date, form: FeedForm, memo: Memo | None = None) -> Feed | None:
    """What the unit and those below it answer for, with names of who does it; None for a key that no unit has."""

    def write(db: Connection) -> Feed | None:
        names = {row.key: row.name for row in db.execute(select(units.c.key, units.c.name))}
        if unit not in names:
            return None
        found = rows_of_units(db, below(db, unit), Window.around(as_of, form.tz))
        others = {key: name for key, name in names.items() if key != unit}
        return _feed(found, names[unit], lambda row: _entry(row, form, others), form)

    return _remembered(store, ("unit feed", unit, as_of, form), write, memo)


def _remembered(
    store: Store, key: tuple[object, ...], write: Callable[[Connection], Feed | None], memo: Memo | None
) -> Feed | None:
    with snapshot(store) as db:
        return write(db) if memo is None else memo.get(db, key, lambda: write(db))


def _feed(found: Found, whose: str, entry: Callable[[FeedRow], Entry], form: FeedForm) -> Feed:
    name = f"{plain(form.title)}（{plain(whose)}）"
    text = write_file(_head(name, found.left_out, form.tz), map(entry, found.rows), category=form.title, tz=form.tz)
    return Feed(name, text, f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"')


def _head(name: str, left_out: int, tz: ZoneInfo) -> str:
    """No METHOD: it is no message to anybody (RFC 5546). The names that RFC 7986 gave are written beside the older ones."""
    about = f"各事项的截止日期，每小时更新；办结和取消的保留{KEPT_DAYS}天。"
    if left_out:
        about += f"项目太多，离今天最远的{left_out}项没有列入，请到网页上查看。"
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    for property_name in ("name", "x-wr-calname"):
        calendar.add(property_name, vText(name))  # the library does not know that these are texts to be escaped
    for property_name in ("description", "x-wr-caldesc"):
        calendar.add(property_name, vText(about))
    calendar.add("x-wr-timezone", tz.key)
    calendar.add("refresh-interval", _REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", _REFRESHED_AS_TEXT)
    return content(calendar).removesuffix(END)


def _entry(row: FeedRow, form: FeedForm, unit_names: Mapping[str, str] | None = None) -> Entry:
    """``unit_names`` are those of the units below the one whose calendar it is: there a title alone says too little."""
    detail = Detail(form.detail)
    unit = (unit_names or {}).get(row.unit or "", "")
    standing = _standing(row)
    return Entry(
        uid=uid_of(row.id, form.domain),
        sequence=row.due_epoch,
        due_at=row.due_at,
        stamp=row.changed_at,
        title=f"{unit}：{row.title}" if unit else row.title,
        number=row.ref,
        standing=standing,
        told=tuple(_told(row, standing, full=detail is Detail.FULL)),
        detail=detail,
        modified_at=row.changed_at,
    )


def _standing(row: FeedRow) -> Standing:
    if row.released:
        return Standing.RELEASED
    if row.state == OccurrenceState.DONE:
        return Standing.REVIEWED if row.standing else Standing.DONE
    if row.state != OccurrenceState.OPEN:
        return Standing.CANCELLED
    return Standing.UNSURE if row.provisional or row.awaiting_notice else Standing.OPEN


def _told(row: FeedRow, standing: Standing, *, full: bool) -> Iterator[str]:
    """The lines below the title; ``full`` allows what goes beyond the title."""
    if standing is Standing.CANCELLED:
        yield f"{'已免办' if row.state == OccurrenceState.WAIVED else '已从计划中撤回'}，无需办理。"
        return
    if standing is Standing.RELEASED:
        return
    if full:
        yield from _facts(row)
    if row.state == OccurrenceState.OPEN and row.role == Role.PARTNER:
        yield "请配合办理。"
    if row.state == OccurrenceState.OPEN and row.role == Role.VERIFIER:
        yield "办结后请验收。"


def _facts(row: FeedRow) -> Iterator[str]:
    if row.owners:
        yield f"承办：{'、'.join(row.owners)}"
    if row.as_written:
        yield f"时限：{row.as_written}"
    if row.explanation:
        yield f"说明：{row.explanation}"
    if row.done_on is not None and row.state == OccurrenceState.DONE:
        yield f"完成：{day_name(row.done_on, with_year=True)}"
