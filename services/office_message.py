"""The row of a message to the office itself: numbered and frozen like every message, and no reminder points to it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import format_datetime

from sqlalchemy import Connection, func, insert, select

from models.message import MessageKind, MessageState, messages
from notifications.letter import Markup, Written
from notifications.office_texts import OfficeLetter
from planning.basis import DeliveryPolicy
from services.office_readers import Place

Write = Callable[[OfficeLetter], Written]


def add_office_message(
    db: Connection,
    place: Place,
    write: Write,
    *,
    about: Sequence[str],
    dedupe: Sequence[str],
    policy: DeliveryPolicy,
    now: datetime,
) -> bool:
    """Word and insert one message; False when the same was built before. The caller holds the numbering lock.

    ``dedupe`` names what makes the message the same as another.
    """
    dedupe_key = hashlib.sha256("|".join(("office", *dedupe)).encode()).hexdigest()
    if db.execute(select(messages.c.id).where(messages.c.dedupe_key == dedupe_key)).first() is not None:
        return False
    number = db.execute(select(func.coalesce(func.max(messages.c.id), 0))).scalar_one() + 1
    ref = f"T{now.astimezone(policy.tz):%y%m}-{number:06d}"
    rule = policy.rule(place.destination.channel)
    letter = OfficeLetter(ref, policy.title, policy.office, policy.base_url, place.name, Markup(rule.markup), rule.most_bytes)
    written = write(letter)
    row = {
        "id": number,
        "ref": ref,
        "dedupe_key": dedupe_key,
        "kind": MessageKind.OFFICE,
        "about": list(about),
        "person": place.person,
        "name": place.name,
        "channel": place.destination.channel,
        "rank": place.rank,
        "fallback_of": None,
        "address": place.destination.address,
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "calendar": "",
        "headers": _headers(ref, dedupe_key, policy=policy, now=now),
        "links": [],
        "state": MessageState.PENDING,
        "built_at": now,
        "next_at": now,
        "tries": 0,
        "crashes": 0,
        "ambiguous": 0,
        "provider_id": "",
        "verified": True,
        "last_error": "",
    }
    db.execute(insert(messages), row)
    return True


def _headers(ref: str, dedupe_key: str, *, policy: DeliveryPolicy, now: datetime) -> dict[str, str]:
    """Frozen for every try; no thread: each stands for itself."""
    return {
        "Message-ID": f"<{ref}.{dedupe_key[:12]}@{policy.mail_domain}>",
        "Date": format_datetime(now.astimezone(policy.tz)),
        "Auto-Submitted": "auto-generated",  # RFC 3834: out-of-office replies are not wanted
        "X-Auto-Response-Suppress": "All",  # the same for Exchange
    }
