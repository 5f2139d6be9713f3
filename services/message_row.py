"""The row of a message that waits to be sent: its number, what keeps it from being built twice, its frozen headers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from models.message import MessageKind, MessageState
from planning.basis import DeliveryPolicy
from services.waiting import Waiting

if TYPE_CHECKING:
    from services.letters import Reader


def ref_of(number: int, policy: DeliveryPolicy, now: datetime) -> str:
    return f"T{now.astimezone(policy.tz):%y%m}-{number:06d}"


def row_of(
    reader: Reader, told: Sequence[Waiting], *, ref: str, policy: DeliveryPolicy, now: datetime, after: Sequence[int]
) -> dict[str, Any]:
    """Every column but the words, the number, the tries and what it follows."""
    dedupe_key = _dedupe_key(reader, told, after)
    return {
        "ref": ref,
        "dedupe_key": dedupe_key,
        "person": reader.person,
        "name": reader.name,
        "kind": MessageKind.REMINDERS,
        "about": [],
        "verified": True,
        "channel": reader.destination.channel,
        "rank": reader.rank,
        "address": reader.destination.address,
        "headers": _headers(ref, dedupe_key, told, policy=policy, now=now),
        "state": MessageState.PENDING,
        "built_at": now,
        "next_at": now,
        "crashes": 0,
        "ambiguous": 0,
        "provider_id": "",
        "last_error": "",
    }


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
