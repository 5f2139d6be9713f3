"""From waiting reminders to a message's row: worded, numbered, frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from models.message import MessageState, messages
from notifications.letter import Detail, Item, Letter, Tone
from notifications.texts import write_letter
from planning.basis import DeliveryPolicy
from planning.duty import Role
from planning.roster import Destination
from services.links import SentLink, ensure_link, expiry
from services.waiting import Background, Waiting, load_background

Stop = tuple[datetime, datetime]
"""From when to when the system stood still."""

_NUMBERING_LOCK = 0x5355495348490002
_OVERSEEING = frozenset({Role.OVERSEER, Role.LEADER})
_NOTICE_TONES = {tone.value: tone for tone in (Tone.MOVED, Tone.HANDED_OVER, Tone.CANCELLED)}
_SUPERVISED_FROM = 3
"""Workdays overdue from which a 催办 becomes a 督办 (DOMAIN 4: T+3)."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the message, and where. ``rank`` counts the destinations tried before."""

    person: str
    name: str
    destination: Destination
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Wording:
    """The columns of a message that follow from what it tells."""

    subject: str
    text: str
    html: str
    links: list[dict[str, Any]]  # one entry for each item: what was told, and the link it carries

    def columns(self) -> dict[str, Any]:
        return {"subject": self.subject, "text": self.text, "html": self.html, "links": self.links}


def lock_numbering(db: Connection) -> None:
    """Let one transaction at a time build messages; SQLite's write lock does so by itself."""
    if db.dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERING_LOCK})


def add_message(
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
) -> int:
    """Word and insert one message; its id. The caller holds the numbering lock and points the reminders to it.

    ``after`` names messages that this one takes over, ``replaces`` the ref of one that may have arrived after all.
    """
    number = db.execute(select(func.coalesce(func.max(messages.c.id), 0))).scalar_one() + 1
    ref = f"T{now.astimezone(policy.tz):%y%m}-{number:06d}"
    dedupe_key = _dedupe_key(reader, waiting, after)
    wording = word(db, waiting, reader, ref=ref, policy=policy, now=now, stop=stop, replaces=replaces)
    row = {
        "id": number,
        "ref": ref,
        "dedupe_key": dedupe_key,
        "person": reader.person,
        "name": reader.name,
        "channel": reader.destination.channel,
        "rank": reader.rank,
        "address": reader.destination.address,
        "headers": _headers(ref, dedupe_key, waiting, policy=policy, now=now),
        "state": MessageState.PENDING,
        "built_at": now,
        "next_at": now,
        "tries": tries,
        "crashes": 0,
        "ambiguous": 0,
        "provider_id": "",
        "last_error": "",
        **wording.columns(),
    }
    db.execute(insert(messages), row)
    return int(number)


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
    """What the message says as of ``now``; makes or prolongs the links it carries."""
    background = load_background(db, waiting)
    today = now.astimezone(policy.tz).date()
    items: list[Item] = []
    told: list[dict[str, Any]] = []
    for one in waiting:
        link = _link(db, one, policy=policy, now=now)
        items.append(_item(one, background, reader, policy=policy, today=today, link=link))
        if _tone_of_step(one) is not Tone.CANCELLED:  # a day that was called off is no day anybody was told
            told.append(_told(one, link))
    letter = Letter(
        ref=ref,
        title=policy.title,
        office=policy.office,
        base_url=policy.base_url,
        name=reader.name,
        today=today,
        items=tuple(items),
        detail=Detail(policy.detail),
        late=None if stop is None else (stop[0].astimezone(policy.tz), stop[1].astimezone(policy.tz)),
        replaces=replaces,
    )
    written = write_letter(letter)
    return Wording(written.subject, written.text, written.html, told)


def placeholder(link_id: int) -> str:
    """What stands in the stored text for a token."""
    return f"{{link:{link_id}}}"


def _dedupe_key(reader: Reader, waiting: Sequence[Waiting], after: Sequence[int]) -> str:
    """Equal for equal messages, so that none is built twice; one that takes over another may tell the same again."""
    told = (one.reminder_id for one in waiting)
    parts = [reader.person, reader.destination.channel, reader.rank, *_joined(told), *_joined(after)]
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()


def _joined(ids: Iterable[int]) -> tuple[str, ...]:
    listed = ",".join(str(number) for number in sorted(ids))
    return (listed,) if listed else ()


def _headers(ref: str, dedupe_key: str, waiting: Sequence[Waiting], *, policy: DeliveryPolicy, now: datetime) -> dict[str, str]:
    """Frozen for every try: Exchange drops a second copy whose Message-ID and Date are equal.

    The thread is a mail that never was (Alertmanager's way), so that all mails about one item stand together.
    """
    headers = {
        "Message-ID": f"<{ref}.{dedupe_key[:12]}@{policy.mail_domain}>",
        "Date": format_datetime(now.astimezone(policy.tz)),
        "Auto-Submitted": "auto-generated",  # RFC 3834: out-of-office replies are not wanted
        "X-Auto-Response-Suppress": "All",  # the same for Exchange
    }
    about = {one.occurrence_id for one in waiting}
    if len(about) == 1:
        thread = f"<occurrence-{about.pop()}.thread@{policy.mail_domain}>"
        headers |= {"References": thread, "In-Reply-To": thread}
    return headers


def _link(db: Connection, one: Waiting, *, policy: DeliveryPolicy, now: datetime) -> SentLink | None:
    """Those who act get a link of their own; those who oversee, and notices of an end, carry none."""
    if one.role in _OVERSEEING or _tone_of_step(one) is Tone.CANCELLED:
        return None
    expires_at = expiry(one.due_at, now=now)
    return ensure_link(db, one.assignment_id, link_key=policy.link_key, now=now, expires_at=expires_at)


def _told(one: Waiting, link: SentLink | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"assignment": one.assignment_id, "due_on": one.due_on.isoformat()}
    return entry if link is None else entry | {"id": link.id, "serial": link.serial}


def _item(
    one: Waiting, background: Background, reader: Reader, *, policy: DeliveryPolicy, today: date, link: SentLink | None
) -> Item:
    tone = _tone(one, today)
    uncertain = one.provisional and policy.workdays.is_provisional(one.due_on.year)
    return Item(
        title=one.title,
        tone=tone,
        due_on=one.due_on,
        workdays_left=policy.workdays.between(today, one.due_on),
        owners=background.owners.get(one.occurrence_id, ()),
        partner=one.role == Role.PARTNER,
        verifier=one.role == Role.VERIFIER,
        provisional=one.provisional,
        unpublished_year=one.due_on.year if uncertain else None,
        awaiting_notice=one.awaiting_notice,
        standing=one.standing,
        explanation=one.explanation,
        as_written=one.as_written,
        say=one.say,
        told_on=_known_day(one, background) if tone is Tone.MOVED else None,
        extended_from=one.original_due_on if one.extensions else None,
        waived=one.state == "waived",
        from_name=background.handed_by.get((one.occurrence_id, one.role), ""),
        stands_in_for=one.name if one.person != reader.person else "",
        link="" if link is None else placeholder(link.id),
    )


def _known_day(one: Waiting, background: Background) -> date | None:
    """The day the reader knows: the one last told, else the one before this change."""
    return one.told_on or background.moved_from.get((one.occurrence_id, one.epoch))


def _tone(one: Waiting, today: date) -> Tone:
    by_step = _tone_of_step(one)
    if by_step is not None:
        return by_step
    if one.role not in _OVERSEEING:
        return Tone.ASSIGNED if one.step == "assigned" else Tone.REMIND
    if one.due_on >= today:
        return Tone.INFORM
    return Tone.SUPERVISE if one.role == Role.LEADER or one.offset >= _SUPERVISED_FROM else Tone.PRESS


def _tone_of_step(one: Waiting) -> Tone | None:
    return _NOTICE_TONES.get(one.step)


def with_tokens(words: str, tokens: Mapping[str, str]) -> str:
    """The stored words as they go over the wire."""
    for held, token in tokens.items():
        words = words.replace(held, token)
    return words
