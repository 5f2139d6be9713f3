"""From waiting reminders to a message's row: worded, numbered, frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from models.message import messages
from notifications.calendar import CalendarEvent, write_calendar
from notifications.calendar_file import uid_of
from notifications.letter import Detail, Form, Item, Letter, Markup, Tone
from notifications.short import parts
from notifications.texts import write_letter
from planning.basis import DeliveryPolicy
from planning.delivery_rules import ChannelRule
from planning.roster import Destination
from services.items import OVERSEEING, item_of, load_notes, tone_of_step
from services.links import SentLink, ensure_link, expiry
from services.message_row import ref_of, row_of
from services.waiting import Waiting

Stop = tuple[datetime, datetime]
"""From when to when the system stood still."""

_NUMBERING_LOCK = 0x5355495348490002

_LAST_NUMBER = select(func.coalesce(func.max(messages.c.id), 0))
_NEW = insert(messages)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the message, and where. ``rank`` counts the destinations tried before."""

    person: str
    name: str
    destination: Destination
    rank: int = 0
    group: bool = False  # a whole group reads it: ``name`` is the group's


@dataclass(frozen=True, slots=True)
class Built:
    """One message made, and what it tells."""

    id: int
    told: list[Waiting]


@dataclass(frozen=True, slots=True)
class Wording:
    """The columns of a message that follow from what it tells."""

    subject: str
    text: str
    html: str
    links: list[dict[str, Any]]  # one entry for each item: what was told, and the link it carries
    calendar: str  # empty: no file goes with it

    def columns(self) -> dict[str, Any]:
        worded = {"subject": self.subject, "text": self.text, "html": self.html}
        return {**worded, "links": self.links, "calendar": self.calendar}


def lock_numbering(db: Connection) -> None:
    """Let one transaction at a time build messages; SQLite's write lock does so by itself."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERING_LOCK})


def add_messages(
    db: Connection,
    waiting: Sequence[Waiting],
    reader: Reader,
    *,
    policy: DeliveryPolicy,
    now: datetime,
    stop: Stop | None = None,
    replaces: str = "",
    tries: int = 0,
    after: Sequence[int] = (),
    fallback_of: int | None = None,
) -> list[Built]:
    """Word and insert as many messages as the channel's bytes need; every waiting reminder is in exactly one of them.

    The caller holds the numbering lock and points the reminders to their messages. ``after`` names messages that these
    take over, ``replaces`` the ref of one that may have arrived after all, ``fallback_of`` the one whose destination
    refused.
    """
    desk = _Desk(db, reader, policy, now)
    number = db.execute(_LAST_NUMBER).scalar_one() + 1
    drafts = desk.drafts(waiting)
    whole = desk.letter(drafts, ref=ref_of(number, policy, now), stop=stop, replaces=replaces)
    portions = parts(whole) if reader.group or whole.form.markup is not Markup.MAIL else [tuple(range(len(drafts)))]
    built = []
    for place, portion in enumerate(portions):
        told = [drafts[index] for index in portion]
        ref = ref_of(number + place, policy, now)
        of_parts = (place + 1, len(portions)) if len(portions) > 1 else None
        wording = desk.wording(told, replace(whole, ref=ref, items=tuple(one.item for one in told), part=of_parts))
        row = row_of(reader, [one.waiting for one in told], ref=ref, policy=policy, now=now, after=after) | wording.columns()
        db.execute(_NEW, row | {"id": number + place, "tries": tries, "fallback_of": fallback_of})
        built.append(Built(number + place, [one.waiting for one in told]))
    return built


def word(
    db: Connection,
    waiting: Sequence[Waiting],
    reader: Reader,
    *,
    ref: str,
    policy: DeliveryPolicy,
    now: datetime,
    stop: Stop | None = None,
    replaces: str = "",
) -> Wording:
    """What the message says as of ``now``; makes or prolongs the links it carries.

    A message that was one of several no longer says so: what became of the others is not asked.
    """
    desk = _Desk(db, reader, policy, now)
    drafts = desk.drafts(waiting)
    return desk.wording(drafts, desk.letter(drafts, ref=ref, stop=stop, replaces=replaces))


@dataclass(frozen=True, slots=True)
class _Draft:
    """One reminder on its way into a letter."""

    waiting: Waiting
    item: Item
    link: SentLink | None


@dataclass(frozen=True, slots=True)
class _Desk:
    """Writes to one reader, in the form that his channel takes."""

    db: Connection
    reader: Reader
    policy: DeliveryPolicy
    now: datetime

    @property
    def rule(self) -> ChannelRule:
        return self.policy.rule(self.reader.destination.channel)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.policy.tz).date()

    @property
    def detail(self) -> Detail:
        return Detail(self.rule.detail or self.policy.detail)

    def drafts(self, waiting: Sequence[Waiting]) -> list[_Draft]:
        notes = load_notes(self.db, waiting, policy=self.policy, today=self.today)
        drafts = []
        for one in waiting:
            link = self._link(one)
            held = "" if link is None else placeholder(link.id)
            named = None if self.reader.group else self.reader.person
            drafts.append(_Draft(one, item_of(one, notes, named, policy=self.policy, today=self.today, link=held), link))
        return drafts

    def letter(self, drafts: Sequence[_Draft], *, ref: str, stop: Stop | None, replaces: str) -> Letter:
        tz = self.policy.tz
        return Letter(
            ref=ref,
            title=self.policy.title,
            office=self.policy.office,
            base_url=self.policy.base_url,
            name=self.reader.name,
            today=self.today,
            items=tuple(one.item for one in drafts),
            detail=self.detail,
            form=self._form(),
            late=None if stop is None else (stop[0].astimezone(tz), stop[1].astimezone(tz)),
            replaces=replaces,
        )

    def wording(self, drafts: Sequence[_Draft], letter: Letter) -> Wording:
        written = write_letter(letter)
        # A day that was called off is no day anybody was told.
        told = [_told(one.waiting, one.link, self.reader) for one in drafts if one.item.tone is not Tone.CANCELLED]
        return Wording(written.subject, written.text, written.html, told, self._calendar(drafts))

    def _form(self) -> Form:
        most = self.rule.most_bytes
        if most is not None and self.reader.group:
            most -= _mentioning(self.reader.destination.address)
        return Form(Markup(self.rule.markup), most, self.rule.links, self.reader.group)

    def _link(self, one: Waiting) -> SentLink | None:
        """Those who act get a link of their own, and who is asked to decide; who oversees, and notices of an end, none."""
        only_reads = one.role in OVERSEEING and tone_of_step(one) not in {Tone.EXTENSION_ASKED, Tone.SIGN_OFF}
        if not self.rule.links or only_reads or tone_of_step(one) is Tone.CANCELLED:
            return None
        expires_at = expiry(one.due_at, now=self.now)
        return ensure_link(self.db, one.assignment_id, link_key=self.policy.link_key, now=self.now, expires_at=expires_at)

    def _calendar(self, drafts: Sequence[_Draft]) -> str:
        """For one who acts himself: what others must do belongs into their calendars."""
        if self.reader.group or not self.rule.attaches:
            return ""
        events = [_event(one, self.detail, self.policy) for one in drafts if not (one.item.oversees or one.item.awaits_sign_off)]
        return write_calendar(events, title=self.policy.title, built_at=self.now, tz=self.policy.tz) if events else ""


def _mentioning(address: str) -> int:
    """Bytes that a group's provider adds for those who are mentioned: <@name> and a space each."""
    members = [member for member in address.split(",") if member]
    return sum(len(member.encode()) + 4 for member in members)


def _event(draft: _Draft, detail: Detail, policy: DeliveryPolicy) -> CalendarEvent:
    one = draft.waiting
    return CalendarEvent(
        uid=uid_of(one.occurrence_id, policy.mail_domain),
        sequence=one.due_epoch,
        due_at=one.due_at,
        item=draft.item,
        detail=detail,
    )


def placeholder(link_id: int) -> str:
    """What stands in the stored text for a token."""
    return f"{{link:{link_id}}}"


def _told(one: Waiting, link: SentLink | None, reader: Reader) -> dict[str, Any]:
    entry: dict[str, Any] = {"assignment": one.assignment_id, "due_on": one.due_on.isoformat()}
    if link is None:
        return entry
    # Who stands in reads a link of his own, so that the record says who acted.
    stands_in = one.person != reader.person and not reader.group
    return entry | {"id": link.id, "serial": link.serial} | ({"reader": reader.person} if stands_in else {})


def with_tokens(words: str, tokens: Mapping[str, str]) -> str:
    """The stored words as they go over the wire."""
    for held, token in tokens.items():
        words = words.replace(held, token)
    return words
